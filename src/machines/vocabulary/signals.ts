import type { HealthLevel, HealthPart, InboundMessage, Permit, RequestedReply, Verdict } from './base.js';
import type { FormFeature } from './replies/features.js';

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
  /** `place`: where it was written; of a broken message there is none. */
  | { type: 'slot.requested'; message: string; author: string; work: 'normal' | 'low' | 'command'; place?: string }
  | { type: 'slot.granted'; message: string }
  /**
   * `flooded`: too many commands by one user, who has been told so already when `muted`; `busyAgain`: told of late that
   * it is `busy`; `unlinked`: nobody can be told.
   */
  | { type: 'slot.denied'; message: string; reason: 'busy' | 'busyAgain' | 'flooded' | 'muted' | 'unlinked' }
  | { type: 'slot.released'; message: string }
  /** The message no longer waits for a slot. */
  | { type: 'slot.cancelled'; message: string }
  /** `aside`: it had been set aside. */
  | {
      type: 'message.ended';
      message: string;
      retry?: number;
      verdict: Verdict;
      reason: string | null;
      aside?: true;
      place?: string;
    }
  /** A dead letter begins again; `message.retry` says for which time. */
  | { type: 'message.retried'; message: InboundMessage; receivedAt: number }
  | { type: 'intake.drained' }
  /** Nothing is read from the platform, or again. */
  | { type: 'sources.paused' }
  | { type: 'sources.resumed' }
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
  /** QQ takes no more replies to this message for now; the others of it wait as long. */
  | { type: 'budget.spent'; delivery: string; message: string; pauseMs: number }
  /** QQ has accepted it and looks at it first: its word comes by the source of messages alone. */
  | { type: 'audit.awaited'; delivery: string; message: string }
  /** The message waits for what only comes by the source of messages. */
  | { type: 'message.setAside'; message: string }
  /** The audit of a message that QQ had accepted is over. */
  | { type: 'audit.ended'; delivery: string; passed: boolean; message: string | null }
  /** Whether a call whose answer was lost has arrived. */
  | { type: 'doubt.settled'; delivery: string; verdict: 'there' | 'absent' | 'again' | 'unknown' }
  /** `urgent`: waits for the pace alone, not for replies that have a turn and stand at the breaker. */
  | { type: 'turn.requested'; delivery: string; lane: string; key: string; urgent: boolean }
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
      /** Whether the lane's target has answered; left out: nothing was heard of it. */
      answered?: boolean;
    }
  /**
   * `breaker`: which one, where it is not the one for messages. `target`: what will be called, where one alone may
   * fail. `waits` false: not for the end of an outage.
   */
  | {
      type: 'permit.requested';
      delivery: string;
      deadline: number;
      operator: boolean;
      breaker?: string;
      target?: string;
      waits?: false;
    }
  | { type: 'permit.granted'; delivery: string; breaker: string; permit: Permit; probe: boolean }
  | { type: 'permit.denied'; delivery: string }
  /** The delivery no longer waits for a permit. */
  | { type: 'permit.cancelled'; delivery: string; breaker: string; deadline: number }
  /** A permit given back unused, or whose delivery crashed. */
  | { type: 'permit.released'; breaker: string; permit: Permit }
  | { type: 'breaker.opened'; breaker: string; reason: string; openMs: number; failures: number }
  | { type: 'breaker.closed'; breaker: string }
  | { type: 'evidence.gathered'; breaker: string }
  /** A probe now, not when the open time is over. */
  | { type: 'probe.requested'; breaker: string }
  /** QQ refused this content in a form of this feature; `content` tells contents apart. */
  | {
      type: 'form.refused';
      delivery: string;
      feature: FormFeature;
      content: string;
      code: number | string | null;
    }
  /** A handler ran longer than it may. */
  | { type: 'handler.overdue'; message: string }
  | { type: 'health.changed'; part: HealthPart; to: HealthLevel }
  /** The verdict of a diagnosis: the host cannot be reached. */
  | { type: 'network.failed' }
  | { type: 'caches.cleared' }
  /** Our own connections may be stale: those in doubt are to be made anew. */
  | { type: 'reconnect.advised' }
  | { type: 'load.reduced' }
  | { type: 'load.restored' }
  /** Nothing that the recovery loop can do helps, and the process is to end for a supervisor to start it again. */
  | { type: 'recovery.stuck' }
  /** `value`: the state it was in; null when it was never born. `context`: its last good one. */
  | {
      type: 'actor.crashed';
      actor: string;
      machine: string;
      event: string;
      error: string;
      value: unknown;
      context: object;
    }
  | { type: 'signal.undeliverable'; actor: string; event: string };
export type SignalType = Signal['type'];
