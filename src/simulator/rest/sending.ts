import { REPLIABLE } from '../events/intents.js';
import { dayOf, hourOf, stampOf } from '../kit/time.js';
import type { Platform } from '../platform.js';
import { userOf } from '../world/bots.js';
import { readForm } from '../world/ledger.js';
import type { Known, PlaceKind } from '../world/messages.js';
import { directChannelOf } from '../world/world.js';
import type { Answer, Exchange, Outcome } from './exchange.js';
import { refusedForm } from './forms.js';

/** Channels whose pace and day's count are kept; past it all are forgotten. */
const CHANNELS_MAX = 50_000;
/** Active messages in a day: in a channel, channels of a guild, to a user, to all users of a bot. */
const ACTIVE = { channel: 20, channels: 2, user: 2, users: 200 } as const;
const REST_UNTIL_HOUR = 6;

interface Place {
  readonly kind: PlaceKind;
  readonly channelId: string;
  readonly guildId: string;
}

/** The sending of messages: the checks of the platform in their order; what passes stands in the chat. */
export class Sending {
  private readonly sentAt = new Map<string, readonly number[]>();
  private readonly today = new Map<string, number>();
  private day = 0;

  constructor(private readonly platform: Platform) {}

  send(kind: PlaceKind, exchange: Exchange): Outcome {
    const place = this.placeOf(kind, exchange.path.id ?? '');
    const refusal = this.admit(place, exchange);
    if (refusal) return { answer: refusal, entry: this.entryOf(place, exchange, null) };
    const { content } = readForm(exchange.body);
    const hasKeyboard = Boolean(exchange.body.keyboard);
    const messageId = this.platform.accept(exchange.bot, place, content, hasKeyboard);
    return {
      answer: { status: 200, body: this.shown(place, exchange, messageId) },
      entry: this.entryOf(place, exchange, messageId),
    };
  }

  /** The checks; what passes has taken its key and its place among the replies, also when people look at it first. */
  admit(place: Place, exchange: Exchange): Answer | null {
    const refusal = this.refusalOf(place, exchange);
    if (!refusal) this.count(place, exchange, this.anchorOf(exchange.body));
    return refusal;
  }

  /** What the ledger keeps of a message, whatever becomes of it. */
  entryOf(
    { kind, channelId }: Place,
    { body, bot }: Exchange,
    messageId: string | null,
  ): NonNullable<Outcome['entry']> {
    const msgId = typeof body.msg_id === 'string' ? body.msg_id : null;
    const eventId = typeof body.event_id === 'string' ? body.event_id : null;
    const isOpen = kind === 'group' || kind === 'c2c';
    const msgSeq = typeof body.msg_seq === 'number' ? body.msg_seq : isOpen ? 1 : null;
    const shared = { kind, replyTo: msgId, channelId, ...readForm(body), appId: bot.appId };
    return { ...shared, accepted: messageId !== null, messageId, msgId, eventId, msgSeq, body };
  }

  placeOf(kind: PlaceKind, id: string): Place {
    if (kind === 'guild') return { kind, channelId: id, guildId: this.platform.world.channel(id).guildId };
    return { kind, channelId: id, guildId: kind === 'direct' ? id : '' };
  }

  private shown({ kind, channelId, guildId }: Place, { body, bot }: Exchange, id: string): object {
    const timestamp = stampOf(this.platform.now());
    if (kind === 'group' || kind === 'c2c')
      return { id, timestamp, ext_info: { ref_idx: `REFIDX_${this.platform.random.token(15)}==` } };
    const at =
      kind === 'guild'
        ? { channel_id: channelId, guild_id: guildId }
        : { channel_id: directChannelOf(channelId), guild_id: channelId };
    const shared = {
      tts: false,
      mention_everyone: false,
      author: userOf(bot),
      embeds: [],
      pinned: false,
      type: 0,
      flags: 0,
    };
    return {
      id,
      ...at,
      content: readForm(body).content,
      timestamp,
      ...shared,
      seq_in_channel: String(this.platform.messages.size),
    };
  }

  private refusalOf(place: Place, exchange: Exchange): Answer | null {
    const { platform } = this;
    const { bot, body } = exchange;
    const { policies } = platform.options;
    if (bot.webhookUrl === null && !platform.sessions.isConnected(bot.appId))
      return { status: 400, code: 304018, message: 'websocket link does not exist' };
    const form = refusedForm({ kind: place.kind, bot, body, policies, uploads: platform.uploads });
    if (form) return form;
    return (
      this.refusedQuote(place, exchange) ??
      this.refusedAnchor(place, exchange) ??
      this.refusedEveryone(exchange) ??
      this.refusedPace(place)
    );
  }

  /** In groups and c2c quotes go by an index, which is not looked at. */
  private refusedQuote({ kind, channelId }: Place, { body }: Exchange): Answer | null {
    const quote = body.message_reference as { message_id?: unknown; ignore_get_message_error?: unknown } | undefined;
    if (kind === 'group' || kind === 'c2c' || typeof quote?.message_id !== 'string') return null;
    const quoted = this.platform.messages.find(quote.message_id);
    if (quoted && quoted.channelId !== channelId) return no(50038, 'the quoted message is of another channel');
    const isThere = quoted !== undefined && !quoted.recalled;
    return isThere || quote.ignore_get_message_error === true
      ? null
      : no(50039, 'the quoted message cannot be fetched');
  }
  private anchorOf(body: Exchange['body']): Known | undefined {
    if (typeof body.msg_id === 'string') return this.platform.messages.find(body.msg_id);
    return typeof body.event_id === 'string' ? this.platform.messages.find(body.event_id) : undefined;
  }

  private refusedAnchor(place: Place, exchange: Exchange): Answer | null {
    const { body } = exchange;
    const { kind } = place;
    const isOpen = kind === 'group' || kind === 'c2c';
    const { replyWindowMs, repliesMax } = this.platform.options.policies;
    const anchor = this.anchorOf(body);
    const isLate = anchor !== undefined && this.platform.now() - anchor.at > replyWindowMs[kind];
    if (typeof body.msg_id === 'string' && body.msg_id !== '') {
      if (
        !anchor ||
        anchor.event !== null ||
        !isAnswerable(anchor.kind, kind) ||
        (isOpen && anchor.channelId !== place.channelId)
      )
        return isOpen ? no(40034024, 'msg_id is invalid') : no(304026, 'msg_id is wrong');
      if (isLate) return isOpen ? no(40034005, 'msg_id is expired') : no(304027, 'msg_id is expired');
    } else if (typeof body.event_id === 'string' && body.event_id !== '') {
      if (!anchor || anchor.event === null || (isOpen && anchor.channelId !== place.channelId))
        return no(40034025, 'event_id is invalid');
      if (!REPLIABLE[kind]?.test(anchor.event)) return no(40034027, 'event cannot be replied to');
      if (isLate) return no(40034026, 'event_id is expired');
    } else return this.refusedActive(place, exchange);
    const most = repliesMax[kind];
    // A reply that stands there already is a duplicate, not one too many: whoever repeats a lost call must learn of it.
    // Groups and c2c take a key once; channels and direct sessions ignore it.
    if (isOpen && anchor?.seqs?.has(seqOf(body))) return no(40054005, 'message is deduplicated, check msg_seq');
    return most > 0 && (anchor?.replies ?? 0) >= most ? no(40034128, 'passive reply: time or count exceeded') : null;
  }

  private refusedActive({ kind, channelId, guildId }: Place, { bot }: Exchange): Answer | null {
    const { activeMessages, quietHours } = this.platform.options.policies;
    const isOpen = kind === 'group' || kind === 'c2c';
    if (activeMessages === 'allowed') return quietHours ? this.refusedHour() : null;
    if (isOpen) return no(40034102, 'active message: no permission');
    if (activeMessages === 'denied')
      return { status: 500, code: 304046, message: 'active message is not allowed in this channel' };
    const count = (key: string): number => this.countOf(`${bot.appId} ${key}`);
    if (kind === 'direct') {
      if (count(`user ${channelId}`) >= ACTIVE.user) return no(304049, 'active messages to this user are used up');
      return count('users') >= ACTIVE.users
        ? no(304050, 'active messages of this bot are used up')
        : this.refusedHour();
    }
    const inChannel = count(`channel ${channelId}`);
    if (inChannel >= ACTIVE.channel) return no(304045, 'active messages in this channel are used up');
    if (inChannel === 0 && count(`guild ${guildId}`) >= ACTIVE.channels)
      return no(304047, 'active messages in this guild are used up');
    return this.refusedHour();
  }
  private refusedHour(): Answer | null {
    const { quietHours } = this.platform.options.policies;
    return quietHours && hourOf(this.platform.now()) < REST_UNTIL_HOUR ? no(304022, 'push time out of range') : null;
  }

  private refusedEveryone({ body, bot }: Exchange): Answer | null {
    const { everyoneMax } = this.platform.options.policies;
    if (everyoneMax === 0 || typeof body.content !== 'string' || !/@everyone/.test(body.content)) return null;
    return this.countOf(`${bot.appId} everyone`) >= everyoneMax ? no(304019, '@everyone is used up for today') : null;
  }

  /** A rule of guilds: channels and direct sessions. */
  private refusedPace({ kind, channelId }: Place): Answer | null {
    if (kind === 'group' || kind === 'c2c') return null;
    const { paceMax } = this.platform.options.policies;
    if (paceMax === 0 || this.recent(channelId).length < paceMax) return null;
    return { status: 429, code: 20028, message: 'channel message limit' };
  }

  /** Bookkeeping of a message that was accepted. */
  private count(place: Place, { body, bot }: Exchange, anchor: Known | undefined): void {
    const { kind, channelId, guildId } = place;
    if (this.platform.options.policies.paceMax > 0) {
      if (this.sentAt.size >= CHANNELS_MAX) this.sentAt.clear();
      this.sentAt.set(channelId, [...this.recent(channelId), this.platform.now()]);
    }
    if (typeof body.content === 'string' && body.content.includes('@everyone')) this.add(`${bot.appId} everyone`);
    if (anchor) {
      anchor.replies += 1;
      if (kind === 'group' || kind === 'c2c') anchor.seqs = (anchor.seqs ?? new Set()).add(seqOf(body));
      return;
    }
    if (this.platform.options.policies.activeMessages !== 'quota') return;
    if (kind === 'direct') {
      this.add(`${bot.appId} user ${channelId}`);
      this.add(`${bot.appId} users`);
    } else if (kind === 'guild') {
      if (this.countOf(`${bot.appId} channel ${channelId}`) === 0) this.add(`${bot.appId} guild ${guildId}`);
      this.add(`${bot.appId} channel ${channelId}`);
    }
  }
  private countOf(key: string): number {
    const day = dayOf(this.platform.now());
    if (day !== this.day || this.today.size > CHANNELS_MAX) this.today.clear();
    this.day = day;
    return this.today.get(key) ?? 0;
  }
  private add(key: string): void {
    this.today.set(key, this.countOf(key) + 1);
  }
  private recent(channelId: string): readonly number[] {
    const now = this.platform.now();
    return (this.sentAt.get(channelId) ?? []).filter((at) => now - at < 1_000);
  }
}

/** What a user says in a channel can be answered to them in private too. */
function isAnswerable(asked: PlaceKind, answered: PlaceKind): boolean {
  return asked === answered || (asked === 'guild' && answered === 'direct');
}

function no(code: number, message: string): Answer {
  return { status: 400, code, message };
}

function seqOf(body: Exchange['body']): string {
  return String(typeof body.msg_seq === 'number' ? body.msg_seq : 1);
}
