import type { ExternalRefusal, InboundMessage, LeftOut, Part, Permit, Place, RecoveryAction } from './base.js';
import type { Form } from './replies/forms.js';
import type { Rung } from './replies/rungs.js';

/** Requests to the outside, imperative. They start only after the record that holds them is durable. */
export type EffectRequest =
  | { type: 'token.fetch' }
  | { type: 'gateway.discover' }
  | { type: 'socket.open'; url: string }
  | { type: 'socket.send'; socket: string; frame: OutboundFrame; tokenRef: string | null }
  /** Stop reading: what comes is left to the platform, which sends it again after a RESUME. */
  | { type: 'socket.pause'; socket: string }
  /**
   * Enough is in hand: no source is read until `sources.resume`. Sockets stay open, and what comes waits at the
   * platform.
   */
  | { type: 'sources.pause' }
  | { type: 'sources.resume' }
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
      /** The event that it answers instead. */
      event?: string;
      /** Quotes the message by this index (groups and c2c). */
      index?: string;
      /** Groups and c2c: with `msgId` the key of this message; QQ takes a key once. */
      seq?: number;
      part?: Part;
      without?: readonly LeftOut[];
      rung: Rung;
      form: Form;
      late: boolean;
      attempt: number;
      timeoutMs: number;
      /** Fail it on purpose, without a request. */
      rehearse?: true;
    }
  /** Brings the picture of a reply to QQ, where it has to be before it is sent (groups and c2c). */
  | {
      type: 'picture.upload';
      delivery: string;
      breaker: string;
      permit: Permit;
      place: Place;
      picture: Pick<Form, 'image' | 'imageFile'>;
      attempt: number;
      timeoutMs: number;
    }
  | {
      type: 'external.run';
      call: string;
      run: string;
      ordinal: number;
      breaker: string;
      permit: Permit;
      timeoutMs: number;
    }
  | { type: 'external.refuse'; call: string; run: string; ordinal: number; reason: ExternalRefusal }
  /** Look whether this reply stands in its channel. */
  | {
      type: 'channel.check';
      delivery: string;
      breaker: string;
      permit: Permit;
      place: Place;
      msgId: string;
      part?: Part;
      without?: readonly LeftOut[];
      rung: Rung;
      form: Form;
      late: boolean;
      timeoutMs: number;
    }
  | { type: 'interaction.acknowledge'; interaction: string; timeoutMs: number }
  | { type: 'webhook.listen' }
  | { type: 'check.run'; check: 'network' | 'memory' | 'api'; timeoutMs: number }
  | { type: 'action.run'; action: Exclude<RecoveryAction, 'reduceLoad'> }
  | {
      type: 'module.notify';
      event: 'ready' | 'error' | 'deadLetter' | 'linksRefused';
      message: string | null;
      reason: string | null;
    }
  | { type: 'process.exit'; code: number; reason: string };
export type EffectType = EffectRequest['type'];
export type EffectOf<T extends EffectType> = Extract<EffectRequest, { type: T }>;
/** Frames that we send; the adapter puts the secret into `identify` and `resume`. */
export type OutboundFrame =
  | { op: 1; s: number | null }
  | { op: 2; intents: number; shard: readonly [index: number, count: number] }
  | { op: 6; session: string; s: number };
