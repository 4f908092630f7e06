import type { ErrorClass, RecoveryAction } from '../base.js';

/**
 * A handler's call of a foreign API; `effectId` of the request is the handler's run, of its end the call's own effect.
 */
export type ExternalFact =
  | {
      readonly type: 'external.requested';
      readonly effectId: string;
      /** Place among the external calls of this run, from 0. */
      readonly ordinal: number;
      readonly name: string;
      readonly timeoutMs: number;
    }
  | { readonly type: 'external.succeeded'; readonly effectId: string; readonly latencyMs: number }
  | {
      readonly type: 'external.failed';
      readonly effectId: string;
      /** `local`: the author says that this error does not count. */
      readonly class: 'transient' | 'ambiguous' | 'local';
      readonly latencyMs: number;
      /** The error's name, never its text. */
      readonly error: string;
    };

/** Results of the recovery loop's own checks and actions. */
export type CheckFact =
  /** `ok`: a fresh connection to the API's host brought some HTTP answer, whichever. */
  | {
      readonly type: 'network.checked';
      readonly effectId: string;
      readonly ok: boolean;
      readonly code: string | null;
      readonly latencyMs: number;
    }
  /** What stands in a channel since the message that a reply in doubt answers. */
  | {
      readonly type: 'channel.checked';
      readonly effectId: string;
      readonly class: 'ok' | ErrorClass;
      readonly code: number | string | null;
      /** Ids of this bot's messages there with the content in question, oldest first. */
      readonly matches: readonly string[];
      /** All since that message was read, not only the first ones. */
      readonly isWhole: boolean;
    }
  /** An authenticated, cheap GET. */
  | {
      readonly type: 'api.checked';
      readonly effectId: string;
      readonly class: 'ok' | ErrorClass;
      readonly status: number | null;
      readonly code: number | string | null;
      readonly latencyMs: number;
    }
  /** What is in use of the heap's old space has come near its limit, or left it again. */
  | { readonly type: 'memory.tightened'; readonly heapShare: number }
  | { readonly type: 'memory.eased'; readonly heapShare: number }
  /** The process itself, since the sample before. */
  | {
      readonly type: 'process.sampled';
      readonly effectId: string;
      /** Heap in use as a share of its limit. */
      readonly heapShare: number;
      readonly loopP99Ms: number;
      readonly appendFailures: number;
      readonly appendMaxMs: number;
    }
  | { readonly type: 'action.completed'; readonly effectId: string; readonly action: RecoveryAction }
  /** `!recover`. `breakers`: those of external APIs that were known then; a forced recovery resets them too. */
  | {
      readonly type: 'recovery.requested';
      readonly by: string;
      readonly force: boolean;
      readonly breakers: readonly string[];
    };
