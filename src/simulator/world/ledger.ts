import type { PlaceKind } from './messages.js';

/** What a user of the platform can see, and what an outside judge counts by. */
export interface Reply {
  readonly at: number;
  readonly kind: PlaceKind;
  readonly replyTo: string | null;
  readonly channelId: string;
  readonly form: string;
  /** The visible text; of an embed its fields, joined by newlines. */
  readonly content: string;
  /** Whether the message stands in the channel, whatever the caller was told. */
  readonly accepted: boolean;
  readonly httpStatus: number;
  readonly code: number | null;
  readonly messageId: string | null;
  readonly msgId: string | null;
  /** The event that it answers instead of a message. */
  readonly eventId: string | null;
  readonly msgSeq: number | null;
  readonly appId: string;
  /** It was taken back. */
  recalled?: boolean;
  readonly body: unknown;
}
export interface Call {
  readonly at: number;
  readonly route: string;
  readonly status: number;
  readonly code: number | null;
  /** The kind of the fault that decided the answer. */
  readonly fault: string | null;
}

/** Entries kept of each list; the oldest go first. */
export const LEDGER_MAX = 200_000;

/** Every attempt to send, and every request. */
export class Ledger {
  private replies: Reply[] = [];
  private calls: Call[] = [];
  private readonly listeners = new Set<(reply: Reply) => void>();

  addReply(reply: Reply): void {
    push(this.replies, reply);
    for (const listener of this.listeners) listener(reply);
  }
  addCall(call: Call): void {
    push(this.calls, call);
  }
  repliesSince(at: number): readonly Reply[] {
    return this.replies.filter((reply) => reply.at >= at);
  }
  allCalls(): readonly Call[] {
    return this.calls;
  }
  /** Marks a message as taken back. */
  recall(messageId: string): void {
    const reply = this.replies.findLast((one) => one.messageId === messageId);
    if (reply) reply.recalled = true;
  }
  clearReplies(): void {
    this.replies = [];
  }
  onReply(listener: (reply: Reply) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

function push<T>(list: T[], entry: T): void {
  list.push(entry);
  if (list.length > LEDGER_MAX) list.splice(0, LEDGER_MAX / 10);
}

type Body = { readonly [field: string]: unknown };

/** The form of a message body, and what a user would read. */
export function readForm(body: Body): { form: string; content: string } {
  const {
    embed,
    content,
    markdown,
    ark,
    media,
    image,
    file_image: file,
  } = body as { embed?: { fields?: { name?: unknown }[] } } & Body;
  const text = typeof content === 'string' ? content : '';
  if (embed) return { form: 'embed', content: linesOf(embed.fields) };
  if (markdown)
    return { form: body.keyboard ? 'keyboard' : 'markdown', content: String((markdown as Body).content ?? text) };
  if (ark) return { form: 'ark', content: text };
  if (media) return { form: 'media', content: text };
  if (image || file) return { form: 'image', content: text };
  return { form: text === '' ? 'empty' : 'text', content: text };
}

/** Whatever a client sends for fields. */
function linesOf(fields: unknown): string {
  if (!Array.isArray(fields)) return '';
  return fields.map((field: { name?: unknown } | null) => String(field?.name ?? '')).join('\n');
}
