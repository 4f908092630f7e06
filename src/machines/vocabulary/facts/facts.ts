import type { ErrorClass, InboundMessage, RequestedReply, WorkStamp } from '../base.js';
import type { BotOptions } from '../options/options.js';
import type { CheckFact, ExternalFact } from './checkFacts.js';
import type { EventFact } from './eventFacts.js';
import type { OperatorFact } from './operatorFacts.js';

/**
 * The vocabulary of the journal. A fact is something that happened outside, in the past tense; it is journaled before
 * anything is done about it. Ids and times are stamped on at the inbox, so the types here carry neither.
 * Secrets are never part of a fact.
 */
export type Fact =
  | LifeFact
  | TokenFact
  | GatewayFact
  | MessageFact
  | EventFact
  | HandlerFact
  | CallFact
  | ExternalFact
  | CheckFact
  | OperatorFact;
export type FactType = Fact['type'];
export type FactOf<T extends FactType> = Extract<Fact, { type: T }>;

/** A process life: its start and its end. */
export type LifeFact =
  | {
      readonly type: 'run.started';
      readonly epoch: number;
      /** The number of the behaviour that this life folds by; 1: a life that knew none. */
      readonly behaviour: number;
      readonly options: BotOptions;
      readonly machineVersions: Readonly<Record<string, string>>;
    }
  /**
   * The charts of this life are not those that the last checkpoint was written with. null: there was none, there is
   * none.
   */
  | {
      readonly type: 'machines.upgraded';
      readonly changes: readonly {
        readonly machine: string;
        readonly from: string | null;
        readonly to: string | null;
      }[];
    }
  /** A standing check: refolding from the checkpoint before did not give this one. */
  | {
      readonly type: 'checkpoint.diverged';
      readonly seq: number;
      readonly part: string;
      readonly recorded: string;
      readonly recomputed: string;
    }
  | { readonly type: 'stop.requested'; readonly signal: string }
  /** The process had no time: its event loop was blocked or stopped, or the machine slept. */
  | { readonly type: 'time.lost'; readonly lostMs: number; readonly cause: 'blocked' | 'slept' }
  /** The machine's clock was set; it is ahead of the journal's time by `apartMs` since. */
  | { readonly type: 'clock.stepped'; readonly stepMs: number; readonly apartMs: number }
  /** The author's code failed where nobody waited for it; `source` is the line, `times` how often it has by now. */
  | {
      readonly type: 'author.strayed';
      readonly message: string | null;
      readonly occasion: string | null;
      readonly error: string;
      readonly source: string | null;
      readonly times: number;
    }
  | {
      readonly type: 'timer.elapsed';
      readonly actor: string;
      readonly timer: string;
      readonly armedAtSeq: number;
    }
  /** The process that ran this effect died before its outcome was journaled. */
  | { readonly type: 'effect.interrupted'; readonly effectId: string }
  /**
   * Refolding gave something else than the record says: the actor is taken out; both sides are kept for the operator.
   */
  | {
      readonly type: 'actor.quarantined';
      readonly actor: string;
      readonly seq: number;
      readonly recorded: string;
      readonly recomputed: string;
    }
  /** The adapter itself failed: our defect, never the remote's. */
  | { readonly type: 'effect.failed'; readonly effectId: string; readonly error: string };

export type TokenFact =
  /** `ref` names the secret; the adapter keeps it. */
  | { readonly type: 'token.fetched'; readonly effectId: string; readonly ref: string; readonly expiresAt: number }
  | {
      readonly type: 'token.fetchFailed';
      readonly effectId: string;
      readonly class: ErrorClass;
      readonly code: number | string | null;
      readonly status: number | null;
    }
  /** An effect named a token that this process does not hold. */
  | { readonly type: 'token.lost'; readonly ref: string };

export type GatewayFact =
  | {
      readonly type: 'gateway.discovered';
      readonly effectId: string;
      readonly url: string;
      readonly shards: number;
      /** IDENTIFYs left until `resetAfterMs` from now; null: not told. */
      readonly sessionsRemaining: number | null;
      readonly resetAfterMs?: number;
    }
  | {
      readonly type: 'gateway.discoveryFailed';
      readonly effectId: string;
      readonly class: ErrorClass;
      readonly code: number | string | null;
      readonly status: number | null;
    }
  /** `socket` is the id of the effect `socket.open` that made it; facts of an older socket are recorded and ignored. */
  | { readonly type: 'socket.opened'; readonly socket: string }
  | { readonly type: 'socket.closed'; readonly socket: string; readonly code: number; readonly reason: string }
  /** The server's HELLO (op 10). */
  | { readonly type: 'hello.received'; readonly socket: string; readonly heartbeatMs: number }
  /** READY: a new session. */
  | {
      readonly type: 'session.started';
      readonly socket: string;
      readonly s: number;
      readonly session: string;
      readonly user: { readonly id: string; readonly username: string };
    }
  /** RESUMED: the old session goes on; what was missed has been sent again. */
  | { readonly type: 'session.resumed'; readonly socket: string; readonly s: number }
  /** Op 9. */
  | { readonly type: 'session.invalidated'; readonly socket: string }
  /** Op 7. */
  | { readonly type: 'reconnect.requested'; readonly socket: string }
  /** The webhook listens, under the id of the effect that asked; `socket` of all that is pushed to it. */
  | { readonly type: 'webhook.opened'; readonly socket: string }
  /** Op 11. */
  | { readonly type: 'heartbeat.acknowledged'; readonly socket: string }
  /** Op 1 from the server: it wants a heartbeat now. */
  | { readonly type: 'heartbeat.requested'; readonly socket: string }
  /** A frame that is not what the protocol allows; `s` where it could still be read. */
  | {
      readonly type: 'frame.rejected';
      readonly socket: string;
      readonly s: number | null;
      readonly reason: string;
      readonly bytes: number;
    }
  /** A well-formed event that nothing here handles. */
  | {
      readonly type: 'event.unrecognised';
      readonly socket: string;
      readonly s: number | null;
      readonly name: string;
      readonly eventId: string | null;
    };

export type MessageFact =
  | {
      readonly type: 'message.received';
      readonly socket: string;
      /** Null when it was pushed by webhook. */
      readonly s: number | null;
      readonly eventId: string | null;
      readonly message: InboundMessage;
    }
  /** The same message again (QQ delivers at least once); counted, never handled. */
  | ({
      readonly type: 'message.duplicated';
      readonly socket: string;
      readonly s: number | null;
      readonly message: string;
      /** This copy mentions the bot: what it says then. */
      readonly mention?: string;
    } & WorkStamp);

export type HandlerFact =
  | { readonly type: 'reply.requested'; readonly effectId: string; readonly replies: readonly RequestedReply[] }
  | {
      readonly type: 'handler.completed';
      readonly effectId: string;
      readonly replies: readonly RequestedReply[];
      /** A built-in command: its answer may use the operator's permit. */
      readonly operator: boolean;
    }
  | {
      readonly type: 'handler.failed';
      readonly effectId: string;
      readonly reason: 'threw' | 'nonsense';
      readonly error: string;
    };

export type CallFact =
  | {
      readonly type: 'call.succeeded';
      readonly effectId: string;
      /** `duplicate`: QQ says it has this one already. `underAudit`: accepted, not yet shown. */
      readonly class: 'ok' | 'underAudit' | 'duplicate';
      readonly status: number;
      readonly code: number | null;
      readonly latencyMs: number;
      readonly messageId: string | null;
      /** Under audit: the id by which its outcome will be told. */
      readonly auditId?: string;
    }
  | {
      readonly type: 'call.failed';
      readonly effectId: string;
      readonly class: ErrorClass;
      readonly status: number | null;
      readonly code: number | string | null;
      readonly latencyMs: number;
      /** From Retry-After, already in ms; null when absent, negative or absurd (over a day). */
      readonly retryAfterMs: number | null;
      readonly traceId: string | null;
      /** No message was sent, since its picture is not there; left out: the call was made. */
      readonly upload?: true;
    };
