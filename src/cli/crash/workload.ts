import type { Simulator } from '../../simulator/createSimulator.js';
import type { Random } from '../../simulator/kit/random.js';
import type { Reply } from '../../simulator/world/ledger.js';

export type Kind = 'guild' | 'direct' | 'group' | 'c2c';
/** Something a user did, and what is to come of it. */
export interface Sent {
  /** The bot's name for it: of the message, or of the interaction. */
  readonly id: string;
  readonly kind: Kind;
  /** Replies that its handler gives. */
  readonly replies: number;
  /** Messages that were accepted for it, by what they are: a reply, or one part of a long one. */
  readonly accepted: Map<string, { count: number; of: number }>;
}

/** How many replies each kind of message gets. */
const REPLIES = {
  one: 1,
  three: 3,
  long: 1,
  slow: 1,
  early: 2,
  buttons: 1,
  silent: 0,
  throw: 1,
  shop: 1,
  picture: 1,
} as const;
const KINDS = ['guild', 'guild', 'direct', 'group', 'c2c'] as const;
const WORDS = [
  'one',
  'one',
  'one',
  'three',
  'long',
  'slow',
  'early',
  'buttons',
  'silent',
  'throw',
  'shop',
  'picture',
] as const;
export type Word = keyof typeof REPLIES;
/** Where a picture is uploaded before it is sent. */
const UPLOADING = ['group', 'c2c'] as const;
const CHANNELS = 8;
const USERS = 40;

/** QQ takes a message of these kinds once under its key. */
export function isKeyed(kind: Kind): boolean {
  return kind === 'group' || kind === 'c2c';
}

/** What users do, seeded, and what the platform has accepted for each. */
export class Workload {
  readonly sent: Sent[] = [];
  private readonly byAnchor = new Map<string, Sent>();
  private readonly open = new Set<Sent>();

  constructor(
    private readonly simulator: Simulator,
    private readonly random: Random,
  ) {
    simulator.onReply((reply) => this.note(reply));
  }

  /** A message of any kind, or a pressed button. */
  write(word: Word = this.oneOf(WORDS)): void {
    const kind = this.oneOf(word === 'picture' ? UPLOADING : KINDS);
    const number = this.sent.length;
    const content = `${word} ${number}`;
    const user = `user-${this.pick(USERS)}`;
    if (kind !== 'direct' && this.pick(8) === 0) {
      this.press(kind, content, user, REPLIES[word]);
      return;
    }
    const place = kind === 'direct' ? `dm-${user}` : kind === 'c2c' ? user : `${kind}-${this.pick(CHANNELS)}`;
    const [id = ''] = this.simulator.postMessage({ kind, channelId: place, content, author: { id: user } });
    this.add({ id, kind, replies: REPLIES[word], accepted: new Map() }, id);
  }
  /** Messages whose replies are not all accepted. */
  unanswered(): number {
    return this.open.size;
  }

  private press(kind: Exclude<Kind, 'direct'>, content: string, user: string, replies: number): void {
    const where = {
      guild: { scene: 'guild', guild_id: 'crash', channel_id: `guild-${this.pick(CHANNELS)}` },
      group: { scene: 'group', group_openid: `group-${this.pick(CHANNELS)}`, group_member_openid: user },
      c2c: { scene: 'c2c', user_openid: user },
    }[kind];
    const data = { type: 11, resolved: { button_id: '1', button_data: content, user_id: user } };
    const { id, d } = this.simulator.postEvent('INTERACTION_CREATE', { ...where, data });
    this.add({ id: (d as { id: string }).id, kind, replies, accepted: new Map() }, id);
  }
  private add(sent: Sent, anchor: string): void {
    this.sent.push(sent);
    this.byAnchor.set(anchor, sent);
    if (!isComplete(sent)) this.open.add(sent);
  }
  private note(reply: Reply): void {
    const sent = this.byAnchor.get(reply.msgId ?? reply.eventId ?? '');
    if (!reply.accepted || !sent) return;
    const { key, of } = nameOf(reply.content);
    const seen = sent.accepted.get(key);
    sent.accepted.set(key, { count: (seen?.count ?? 0) + 1, of });
    if (isComplete(sent)) this.open.delete(sent);
  }
  private pick(most: number): number {
    return Math.floor(this.random.next() * most);
  }
  private oneOf<T>(list: readonly T[]): T {
    return list[this.pick(list.length)] as T;
  }
}

/** `(2/3) … #17.0 …` is part 2 of 3 of the first reply to message 17; what has no mark is a notice. */
function nameOf(content: string): { key: string; of: number } {
  const [, part, of] = /^\((\d+)\/(\d+)\) /.exec(content) ?? [];
  const mark = /#\d+\.\d+/.exec(content)?.[0] ?? 'notice';
  return { key: part === undefined ? mark : `${mark} ${part}`, of: Number(of ?? 1) };
}

/** Every reply that its handler gives is there, long ones with all their parts. */
export function isComplete({ accepted, replies }: Sent): boolean {
  const whole = [...accepted.values()].reduce((sum, { of }) => sum + 1 / of, 0);
  return whole > replies - 0.01;
}

/** Accepted messages beyond the first of each kind. */
export function extraOf({ accepted }: Sent): number {
  return [...accepted.values()].reduce((sum, { count }) => sum + count - 1, 0);
}
