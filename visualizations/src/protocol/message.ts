import type { WaitKind } from '../../../src/machines/vocabulary/card.js';
/** One message from its arrival to its end, as lanes. */
export interface MessageLife {
  readonly id: string;
  readonly author: { readonly id: string; readonly username: string } | null;
  readonly place: { readonly kind: string; readonly guildId: string; readonly channelId: string } | null;
  /** At most 2,000 characters. */
  readonly content: string;
  readonly receivedAt: number;
  readonly receivedSeq: number;
  /** null: still in hand. */
  readonly endedAt: number | null;
  readonly endedSeq: number | null;
  /** answered, silent, refused, deadLettered, uncertain; null: still in hand. */
  readonly verdict: string | null;
  readonly reason: string | null;
  /** The message itself, then each reply, then calls of other APIs; at most 64. */
  readonly lanes: readonly Lane[];
  /** The moment up to which this is told: the last record. */
  readonly upTo: { readonly seq: number; readonly at: number };
  /** Process lives that began meanwhile: a break in every lane. */
  readonly restarts: readonly { readonly seq: number; readonly at: number; readonly epoch: number }[];
}
export interface Lane {
  readonly actor: string;
  readonly machine: string;
  readonly spans: readonly Span[];
  readonly calls: readonly Call[];
}
/** A stay in one state. */
export interface Span {
  /** `pathOf` the state. */
  readonly state: string;
  readonly from: { readonly seq: number; readonly at: number };
  /** null: still there. */
  readonly to: { readonly seq: number; readonly at: number } | null;
  readonly rule: string;
  readonly wait: Wait | null;
}
/**
 * Why it stays there; the page makes a sentence of it ("waited 3.2 s for breaker:messages").
 *
 * - `slot`: for a handler slot (`on` intake). `twin`: for the second copy of a message of a group. `handler`: the
 *   author's handler runs;
 *   `rerun`: it runs again after a pause. `replies`: for its replies to end.
 * - `turn`: for its lane's pace and order (`on` the lane). `permit`: for the breaker (`on` it).
 * - `call`: the API call is out. `backOff`, `rungPause`, `partPause`: a pause of its own. `audit`: QQ looks at it.
 *   `doubt`: until
 *   what was cut off has arrived, or never will. `external`: a foreign API is called.
 */
export interface Wait {
  readonly kind: WaitKind;
  /** The actor that it waits for; null: a time of its own. */
  readonly on: string | null;
  /** `pathOf` that actor when the wait began; null: unknown. */
  readonly onState: string | null;
  /** The time that was set for it; null: none. */
  readonly dueAt: number | null;
}
/** One call to the outside. */
export interface Call {
  readonly effect: string;
  readonly type: string;
  readonly from: { readonly seq: number; readonly at: number };
  /** null: no outcome yet. */
  readonly to: { readonly seq: number; readonly at: number } | null;
  /** Form of the reply (embed, text, …); null for other effects. */
  readonly form: string | null;
  readonly attempt: number | null;
  readonly isProbe: boolean;
  /** `ok`, `underAudit`, `duplicate`, a class of error, `interrupted`; null: no outcome yet. */
  readonly outcome: string | null;
  readonly status: number | null;
  readonly code: number | string | null;
}
