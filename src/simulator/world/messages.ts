export type PlaceKind = 'guild' | 'direct' | 'group' | 'c2c';

/** A message or an event that can be answered, or that stands in a chat. */
export interface Known {
  readonly id: string;
  readonly kind: PlaceKind;
  readonly channelId: string;
  readonly guildId: string;
  readonly at: number;
  readonly author: object;
  readonly content: string;
  /** App id of the bot that wrote it; null: a user did. */
  readonly bot: string | null;
  readonly hasKeyboard: boolean;
  /** QQ's name of the event that this is; null: it is a message. */
  readonly event: string | null;
  /** Replies accepted so far, and the keys that they used. */
  replies: number;
  seqs: Set<string> | null;
  recalled: boolean;
}

/** Messages that can be answered; the oldest are forgotten first, as if their window were over. */
export const MESSAGES_MAX = 200_000;

/** Messages and events by their ids. */
export class Messages {
  private readonly list = new Map<string, Known>();

  add(known: Omit<Known, 'replies' | 'seqs' | 'recalled'>): Known {
    const full = { ...known, replies: 0, seqs: null, recalled: false };
    this.list.set(known.id, full);
    if (this.list.size > MESSAGES_MAX) this.list.delete(this.list.keys().next().value as string);
    return full;
  }
  find(id: string): Known | undefined {
    return this.list.get(id);
  }
  /** Those of one channel, oldest first; events are none. */
  of(channelId: string): readonly Known[] {
    return [...this.list.values()].filter((known) => known.channelId === channelId && known.event === null);
  }
  get size(): number {
    return this.list.size;
  }
}
