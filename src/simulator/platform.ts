import { eventBody } from './events/eventBodies.js';
import { INTENT_OF } from './events/intents.js';
import { eventsOf, messageIdFor, type UserMessage } from './events/userMessages.js';
import { Faults } from './faults/faults.js';
import { Random } from './kit/random.js';
import type { Timers } from './kit/timers.js';
import { AccessTokens } from './world/accessTokens.js';
import { type Bot, type BotDefaults, Bots, userOf } from './world/bots.js';
import { type Interaction, Interactions } from './world/interactions.js';
import { Ledger } from './world/ledger.js';
import { type Known, MESSAGES_MAX, Messages, type PlaceKind } from './world/messages.js';
import type { Policies } from './world/policies.js';
import { type PlatformEvent, Sessions } from './world/sessions.js';
import { Uploads } from './world/uploads.js';
import { HOME, World } from './world/world.js';

export interface PlatformOptions {
  readonly seed: number;
  readonly isLenient: boolean;
  readonly tokenLifeMs: number;
  readonly credentials: { readonly appId: string; readonly secret: string } | null;
  readonly bots: BotDefaults;
  readonly policies: Policies;
  readonly timers: Timers;
}
/** How an audit goes: what becomes of the message, when, and how the caller is told at first. */
export interface Audit {
  readonly outcome: 'pass' | 'reject' | 'none';
  readonly afterMs: number;
  /** The outcome is told before the answer to the call. */
  readonly beforeAnswer: boolean;
  readonly status: number;
}
type Fields = { readonly [field: string]: unknown };
export interface EventOptions {
  readonly eventId?: string | undefined;
  /** Only for events that the platform does not have. */
  readonly intentBit?: number | undefined;
  /** Only this bot. */
  readonly appId?: string | undefined;
}
/** Told as 400 by the control API. */
export class UnknownEvent extends RangeError {
  readonly statusCode = 400;
}

/** The state of the platform: what users wrote, what was delivered, what bots said. No sockets. */
export class Platform {
  readonly random: Random;
  /** Of their own luck, so that one request more or less changes no other id. */
  readonly traces: Random;
  readonly faults: Faults;
  readonly ledger = new Ledger();
  readonly bots: Bots;
  readonly tokens: AccessTokens;
  readonly sessions: Sessions;
  readonly world: World;
  readonly messages = new Messages();
  readonly interactions = new Interactions();
  readonly uploads: Uploads;
  readonly now: () => number;
  /** Hears every event; the webhook pushes from here. */
  onEvent: (event: PlatformEvent) => void = () => undefined;
  private readonly byEvent = new Map<
    string,
    { readonly events: readonly PlatformEvent[]; readonly messageId: string }
  >();
  private serial = 0;

  constructor(readonly options: PlatformOptions) {
    const { seed, timers } = options;
    this.now = () => timers.now();
    this.random = new Random(seed);
    this.traces = new Random(seed ^ 0x2545f491);
    this.faults = new Faults(seed ^ 0x5bd1e995, this.now);
    this.bots = new Bots(options.bots, this.random);
    if (options.credentials) this.bots.put({ ...options.credentials });
    this.tokens = new AccessTokens(this.random, this.now, options.tokenLifeMs, this.bots, options.credentials !== null);
    this.sessions = new Sessions(this.random, this.now, options.isLenient, ({ appId }) => this.bots.of(appId));
    this.world = new World(this.now);
    this.uploads = new Uploads(this.random, this.now);
  }

  /** A user writes; returns the ids of the messages. */
  post(message: UserMessage): readonly string[] {
    const again = message.eventId === undefined ? undefined : this.byEvent.get(message.eventId);
    if (again) {
      for (const event of again.events) this.publish(event);
      return [again.messageId];
    }
    return Array.from({ length: message.repeat ?? 1 }, () => this.postOne(message));
  }

  private postOne(message: UserMessage): string {
    this.serial += 1;
    const { kind, channelId, author: { id = 'u1', username = id, roles, bot = false } = {} } = message;
    const at = this.now();
    const messageId = messageIdFor(kind, this.random);
    const guildId = this.placeOf(message);
    if (kind === 'guild') this.world.putMember({ guildId, userId: id, username, roles, isBot: bot });
    const events = eventsOf(message, { id: messageId, serial: this.serial, at }, this.world, this.random);
    const known = {
      kind,
      channelId,
      guildId,
      at,
      content: message.content,
      bot: null,
      hasKeyboard: false,
      event: null,
    };
    this.messages.add({ ...known, id: messageId, author: { id, username, bot } });
    if (message.eventId !== undefined) this.rememberEvent(message.eventId, events, messageId);
    for (const event of events) this.publish(event);
    return messageId;
  }
  private rememberEvent(eventId: string, events: readonly PlatformEvent[], messageId: string): void {
    this.byEvent.set(eventId, { events, messageId });
    if (this.byEvent.size > MESSAGES_MAX) this.byEvent.delete(this.byEvent.keys().next().value as string);
  }
  private placeOf({ kind, channelId, guildId }: UserMessage): string {
    if (kind === 'guild') return this.world.channel(channelId, guildId).guildId;
    return kind === 'direct' ? channelId : '';
  }

  /** Any other event; `d` is filled up with what the platform would say. Throws UnknownEvent. */
  publishEvent(
    t: string,
    given: Fields = {},
    options: EventOptions = {},
    random = this.random,
  ): { readonly id: string; readonly d: Fields } {
    const again = options.eventId === undefined ? undefined : this.byEvent.get(options.eventId);
    if (again) {
      for (const event of again.events) this.publish(event);
      return { id: options.eventId!, d: this.shown(again.events[0]!) };
    }
    const intent = this.intentOf(t, options.intentBit);
    const id = options.eventId ?? `${t}:${random.uuid()}`;
    const d = eventBody(t, given, { random, now: this.now }) ?? given;
    this.remember(t, id, d);
    const guild = /^GUILD_(CREATE|UPDATE|DELETE)$/.test(t) ? d.id : d.guild_id;
    const guildId = typeof guild === 'string' ? guild : null;
    const told = t === 'INTERACTION_CREATE' && given.application_id === undefined ? ofBot(d) : d;
    const only = options.appId === undefined ? {} : { only: options.appId };
    const event: PlatformEvent = { id, t, d: told, intent, guildId, ...only };
    if (options.eventId !== undefined) this.rememberEvent(options.eventId, [event], '');
    this.publish(event);
    return { id, d: this.shown(event) };
  }
  /** The intent that an event comes under. Throws UnknownEvent. */
  intentOf(t: string, bit?: number): number {
    const intent = INTENT_OF.get(t) ?? (bit === undefined ? undefined : 1 << bit);
    if (intent !== undefined) return intent;
    throw new UnknownEvent(
      `event: there is no "${t}"; give intentBit too, or use one of ${[...INTENT_OF.keys()].join(', ')}`,
    );
  }
  /** An event's body as its only bot hears it, or the first one. */
  private shown({ d, only }: PlatformEvent): Fields {
    const bot = (only === undefined ? undefined : this.bots.find(only)) ?? this.bots.first;
    return (typeof d === 'function' ? d(bot) : d) as Fields;
  }
  /** Events can be answered by their id, interactions are to be acknowledged. */
  private remember(t: string, id: string, d: Fields): void {
    const text = (field: string): string => (typeof d[field] === 'string' ? (d[field] as string) : '');
    const kind: PlaceKind = text('group_openid') ? 'group' : text('openid') || text('user_openid') ? 'c2c' : 'guild';
    const channelId = text('group_openid') || text('openid') || text('user_openid') || text('channel_id');
    const shared = { kind, channelId, guildId: text('guild_id'), at: this.now(), author: {}, content: '' };
    this.messages.add({ ...shared, id, bot: null, hasKeyboard: false, event: t });
    if (t === 'INTERACTION_CREATE') this.interactions.add(text('id'), this.now());
  }

  publish(event: PlatformEvent): void {
    this.sessions.publish(event);
    this.onEvent(event);
  }

  /** A bot's message stands in the chat from now on. */
  accept(
    bot: Bot,
    place: Pick<Known, 'kind' | 'channelId' | 'guildId'>,
    content: string,
    hasKeyboard: boolean,
    id?: string,
  ): string {
    const messageId = id ?? messageIdFor(place.kind, this.random);
    this.messages.add({
      ...place,
      id: messageId,
      at: this.now(),
      author: userOf(bot),
      content,
      bot: bot.appId,
      hasKeyboard,
      event: null,
    });
    return messageId;
  }

  /**
   * Puts a message under audit; its outcome comes as an event. `onPass` gets the message's id. Returns the audit's id.
   */
  startAudit(
    { outcome, afterMs, beforeAnswer }: Audit,
    place: { readonly kind: PlaceKind; readonly channelId: string; readonly guildId: string; readonly bot: Bot },
    onPass: (messageId: string) => void,
  ): string {
    const t = outcome === 'pass' ? 'MESSAGE_AUDIT_PASS' : 'MESSAGE_AUDIT_REJECT';
    const auditId = this.random.uuid();
    // What is drawn when a timer is over would otherwise depend on what else happens just then.
    const later = new Random(Math.floor(this.random.next() * 2 ** 32));
    const tell = (): void => {
      const fields = { audit_id: auditId, channel_id: place.channelId, guild_id: place.guildId || HOME };
      const messageId = `10${later.hex(46)}`;
      if (outcome === 'pass') onPass(messageId);
      const given = outcome === 'pass' ? { ...fields, message_id: messageId } : fields;
      this.publishEvent(t, given, { appId: place.bot.appId }, later);
    };
    if (outcome === 'none') return auditId;
    if (beforeAnswer) tell();
    else this.options.timers.after(afterMs, tell);
    return auditId;
  }

  /** Different messages so far. */
  get posted(): number {
    return this.serial;
  }
  /** When a message was written; undefined: there is none of this id. */
  writtenAt(messageId: string): number | undefined {
    return this.messages.find(messageId)?.at;
  }
}

/** An interaction names the bot that hears of it. */
function ofBot(d: Fields): (bot: Bot) => object {
  return ({ appId }) => (appId === '' ? d : { ...d, application_id: appId });
}

export type { Interaction, UserMessage };
export { MESSAGES_MAX };
