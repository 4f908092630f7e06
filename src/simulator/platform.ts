import { AccessTokens } from './accessTokens.js';
import type { FaultRequest } from './faults.js';
import { Faults } from './faults.js';
import { Ledger } from './ledger.js';
import { Random } from './random.js';
import { type PlatformEvent, Sessions } from './sessions.js';

export interface PlatformOptions {
  readonly seed: number;
  readonly isLenient: boolean;
  readonly tokenLifeMs: number;
  readonly credentials: { readonly appId: string; readonly secret: string } | null;
  readonly now: () => number;
}
export interface UserMessage {
  readonly kind: 'guild' | 'direct';
  readonly channelId: string;
  readonly content: string;
  readonly author?:
    | {
        readonly id?: string | undefined;
        readonly username?: string | undefined;
        readonly roles?: readonly string[] | undefined;
        readonly bot?: boolean | undefined;
      }
    | undefined;
  readonly mention?: boolean | undefined;
  /** Posting the same event id again delivers the same message again. */
  readonly eventId?: string | undefined;
  readonly repeat?: number | undefined;
}
interface Known {
  readonly id: string;
  readonly at: number;
}

export const BOT = { id: '6000000000000000001', username: 'kintsugi', avatar: '', bot: true } as const;
/** Message ids that can be answered; the oldest are forgotten first, as if their window were over. */
export const MESSAGES_MAX = 200_000;

/** The state of the platform: what users wrote, what was delivered, what bots said. No sockets. */
export class Platform {
  readonly random: Random;
  readonly faults: Faults;
  readonly ledger = new Ledger();
  readonly tokens: AccessTokens;
  readonly sessions: Sessions;
  private readonly known = new Map<string, Known>();
  private readonly byEvent = new Map<string, PlatformEvent & { readonly messageId: string }>();
  private serial = 0;

  constructor(readonly options: PlatformOptions) {
    this.random = new Random(options.seed);
    this.faults = new Faults(new Random(options.seed ^ 0x5bd1e995), options.now);
    this.tokens = new AccessTokens(this.random, options.now, options.tokenLifeMs, options.credentials);
    this.sessions = new Sessions(this.random, options.now, options.isLenient);
  }

  /** A user writes; returns the ids of the messages. */
  post(message: UserMessage): readonly string[] {
    const again = message.eventId === undefined ? undefined : this.byEvent.get(message.eventId);
    if (again) {
      this.sessions.publish(again);
      return [again.messageId];
    }
    return Array.from({ length: message.repeat ?? 1 }, () => this.postOne(message));
  }

  private postOne(message: UserMessage): string {
    this.serial += 1;
    const messageId = `08${this.random.hex(46)}`;
    const event = { ...this.eventFor(message, messageId), messageId };
    this.known.set(messageId, { id: messageId, at: this.options.now() });
    if (this.known.size > MESSAGES_MAX) this.known.delete(this.known.keys().next().value as string);
    if (message.eventId !== undefined) {
      this.byEvent.set(message.eventId, event);
      if (this.byEvent.size > MESSAGES_MAX) this.byEvent.delete(this.byEvent.keys().next().value as string);
    }
    this.sessions.publish(event);
    return messageId;
  }

  private eventFor(message: UserMessage, id: string): PlatformEvent {
    const { kind, channelId, mention = true } = message;
    const author = { id: 'u1', roles: [] as readonly string[], bot: false, ...defined(message.author ?? {}) };
    const at = new Date(this.options.now()).toISOString().replace(/\.\d+Z$/, '+00:00');
    const content = escapeText(message.content);
    const common = {
      author: { avatar: '', bot: author.bot, id: author.id, username: author.username ?? author.id },
      id,
      seq: this.serial,
      seq_in_channel: String(this.serial),
      timestamp: at,
    };
    if (kind === 'direct') {
      const d = {
        ...common,
        channel_id: `dm-${channelId}`,
        content,
        direct_message: true,
        guild_id: channelId,
        src_guild_id: 'g1',
        member: { joined_at: at },
      };
      const { bot: _absent, ...user } = common.author;
      return this.event('DIRECT_MESSAGE_CREATE', 1 << 12, author.bot ? d : { ...d, author: user }, message.eventId);
    }
    const d = {
      ...common,
      channel_id: channelId,
      guild_id: 'g1',
      member: { joined_at: at, nick: common.author.username, roles: author.roles },
    };
    if (!mention) return this.event('MESSAGE_CREATE', 1 << 9, { ...d, content }, message.eventId);
    const mentioned = { ...d, content: `<@!${BOT.id}> ${content}`, mentions: [BOT] };
    return this.event('AT_MESSAGE_CREATE', 1 << 30, mentioned, message.eventId);
  }

  private event(t: string, intent: number, d: object, eventId?: string): PlatformEvent {
    return { id: eventId ?? `${t}:${this.random.uuid()}`, t, d, intent };
  }

  /** Different messages so far. */
  get posted(): number {
    return this.serial;
  }
  /** When a message was written; undefined: there is none of this id. */
  writtenAt(messageId: string): number | undefined {
    return this.known.get(messageId)?.at;
  }
  addFault(request: FaultRequest) {
    return this.faults.add(request);
  }
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function defined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as Partial<T>;
}
