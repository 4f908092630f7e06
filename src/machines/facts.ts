import type { BotOptions } from './options.js';

/**
 * The vocabulary of the journal. A fact is something that happened outside, in the past tense; it is journaled before
 * anything is done about it. Ids and times are stamped on at the inbox, so the types here carry neither.
 * Secrets are never part of a fact.
 */
export type Fact = LifeFact | TokenFact | GatewayFact | MessageFact | HandlerFact | CallFact | OperatorFact;
export type FactType = Fact['type'];
export type FactOf<T extends FactType> = Extract<Fact, { type: T }>;

/** What the inbox adds to a fact. `at` never decreases within a journal. */
export interface Stamp {
  readonly id: string;
  readonly at: number;
}
export type Stamped<F> = F & Stamp;

/** Classes of a call's end; `docs/SPEC.md` E1 to E11 say which machine hears which. */
export type ErrorClass =
  | 'throttled'
  | 'transient'
  | 'ambiguous'
  | 'auth'
  | 'rejectedForm'
  | 'rejectedTarget'
  | 'fatal'
  | 'local';

/** A process life: its start and its end. */
export type LifeFact =
  | {
      readonly type: 'run.started';
      readonly epoch: number;
      readonly options: BotOptions;
      readonly machineVersions: Readonly<Record<string, string>>;
    }
  | { readonly type: 'stop.requested'; readonly signal: string }
  | { readonly type: 'timer.elapsed'; readonly actor: string; readonly timer: string; readonly armedAtSeq: number }
  /** The process that ran this effect died before its outcome was journaled. */
  | { readonly type: 'effect.interrupted'; readonly effectId: string }
  /** Refolding gave something else than the record says: the actor is taken out; both sides are kept for the operator. */
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
      readonly sessionsRemaining: number | null;
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

export type PlaceKind = 'guild' | 'direct';
export interface Place {
  readonly kind: PlaceKind;
  readonly guildId: string;
  readonly channelId: string;
}
export interface Author {
  readonly id: string;
  readonly username: string;
  readonly bot: boolean;
  readonly roles: readonly string[];
}
export interface InboundMessage {
  readonly id: string;
  readonly place: Place;
  readonly author: Author;
  /** Mentions of the bot taken out, entities unescaped, trimmed; empty for a message of attachments alone. */
  readonly content: string;
  readonly mentionsBot: boolean;
}
export type MessageFact =
  | {
      readonly type: 'message.received';
      readonly socket: string;
      readonly s: number;
      readonly eventId: string | null;
      readonly message: InboundMessage;
    }
  /** The same message again (QQ delivers at least once); counted, never handled. */
  | { readonly type: 'message.duplicated'; readonly socket: string; readonly s: number; readonly message: string };

/** What a handler wants to say. `embed: false` sends plain text only. */
export interface Form {
  readonly text: string;
  readonly embed: boolean;
}
export interface RequestedReply {
  /** Place of this reply among the replies to its message, from 0: (message, ordinal) is its key. */
  readonly ordinal: number;
  readonly form: Form;
}
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
    };

/** An operator's hand on a breaker. */
export type OperatorFact = {
  readonly type:
    | 'operator.isolated'
    | 'operator.released'
    | 'operator.disabled'
    | 'operator.observed'
    | 'operator.enabled'
    | 'operator.reset';
  readonly breaker: string;
};

/** A fact's version; an upcaster at read brings an older one up (none yet). */
export const FACT_VERSION = 1;

// ---------------------------------------------------------------------------------------------------------------------

/** Leave to make one call. An outcome under an older generation is recorded and never counted. */
export interface Permit {
  readonly id: string;
  readonly generation: number;
}

export type Verdict = 'answered' | 'silent' | 'refused' | 'deadLettered' | 'uncertain';

/**
 * What machines emit to each other inside one step, past tense. `to` names the receiving actor where one machine may
 * serve several; otherwise the topology finds it.
 */
export type Signal =
  | { type: 'token.changed'; ref: string }
  | { type: 'token.refused'; code: number | string | null }
  /** QQ does not take the token that we have. */
  | { type: 'token.rejected' }
  | { type: 'gateway.readied'; resumed: boolean }
  | { type: 'gateway.lost'; code: number }
  | { type: 'gateway.stopped'; code: number | string; reason: string }
  | { type: 'slot.requested'; message: string }
  | { type: 'slot.granted'; message: string }
  | { type: 'slot.denied'; message: string }
  | { type: 'slot.released'; message: string }
  | { type: 'message.ended'; message: string; verdict: Verdict; reason: string | null }
  | { type: 'intake.drained' }
  | { type: 'drain.started' }
  /** One delivery for each reply. */
  | {
      type: 'deliveries.requested';
      message: InboundMessage;
      receivedAt: number;
      replies: readonly RequestedReply[];
      operator: boolean;
    }
  | {
      type: 'delivery.ended';
      delivery: string;
      message: string;
      ordinal: number;
      verdict: 'delivered' | 'uncertain' | 'deadLettered';
      reason: string | null;
    }
  | { type: 'turn.requested'; delivery: string; lane: string; key: string }
  /** Leave to be the next of this lane; one signal may give it to several. */
  | { type: 'turn.granted'; deliveries: readonly string[] }
  | { type: 'turn.denied'; delivery: string }
  /** The delivery gives up its place. `startedAt`: when its call began; null when none did. */
  | {
      type: 'turn.returned';
      delivery: string;
      lane: string;
      key: string;
      startedAt: number | null;
      /** Pause the whole lane this long; null: no pause. */
      blockedMs: number | null;
    }
  | { type: 'permit.requested'; delivery: string; deadline: number; operator: boolean }
  | { type: 'permit.granted'; delivery: string; breaker: string; permit: Permit; probe: boolean }
  | { type: 'permit.denied'; delivery: string }
  /** The delivery no longer waits for a permit. */
  | { type: 'permit.cancelled'; delivery: string; breaker: string; deadline: number }
  /** A permit given back unused, or whose delivery crashed. */
  | { type: 'permit.released'; breaker: string; permit: Permit }
  | { type: 'breaker.opened'; breaker: string; reason: string; openMs: number; failures: number }
  | { type: 'breaker.closed'; breaker: string }
  | { type: 'evidence.gathered'; breaker: string }
  /** `value`: the state it was in; null when it was never born. `context`: its last good one. */
  | {
      type: 'actor.crashed';
      actor: string;
      machine: string;
      event: string;
      error: string;
      value: unknown;
      context: unknown;
    }
  | { type: 'signal.undeliverable'; actor: string; event: string };
export type SignalType = Signal['type'];

/** Requests to the outside, imperative. They start only after the record that holds them is durable. */
export type EffectRequest =
  | { type: 'token.fetch' }
  | { type: 'gateway.discover' }
  | { type: 'socket.open'; url: string }
  | { type: 'socket.send'; socket: string; frame: OutboundFrame; tokenRef: string | null }
  /** `socket` null: whatever is open or opening. */
  | { type: 'socket.close'; socket: string | null; code: number; reason: string; terminate: boolean }
  | { type: 'handler.run'; message: InboundMessage; receivedAt: number; runId: string; attempt: number }
  | {
      type: 'call.start';
      delivery: string;
      breaker: string;
      permit: Permit;
      probe: boolean;
      place: Place;
      /** The message that this answers. */
      msgId: string;
      rung: Rung;
      form: Form;
      late: boolean;
      attempt: number;
      timeoutMs: number;
    }
  | { type: 'module.notify'; event: 'ready' | 'error' | 'deadLetter'; message: string | null; reason: string | null }
  | { type: 'process.exit'; code: number; reason: string };
export type EffectType = EffectRequest['type'];
export type EffectOf<T extends EffectType> = Extract<EffectRequest, { type: T }>;

/** Forms of one reply, best first. `leanEmbed` is the embed without description and colour. */
export type Rung = 'embed' | 'leanEmbed' | 'text';

/** Frames that we send; the adapter puts the secret into `identify` and `resume`. */
export type OutboundFrame =
  | { op: 1; s: number | null }
  | { op: 2; intents: number; shard: readonly [number, number] }
  | { op: 6; session: string; s: number };
