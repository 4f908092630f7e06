import type { InboundMessage, OperatorOrigin } from '../base.js';
import type { Feature } from '../replies/features.js';

/**
 * An operator's hand on a breaker, a feature or a dead letter. `by` is left out by programs that call `bot.operate`.
 */
export type OperatorFact =
  | {
      readonly type:
        | 'operator.isolated'
        | 'operator.released'
        | 'operator.disabled'
        | 'operator.observed'
        | 'operator.enabled'
        | 'operator.reset';
      readonly breaker: string;
      readonly by?: OperatorOrigin;
    }
  /** On or off whatever happens, for `forMs` at most. */
  | {
      readonly type: 'operator.forced';
      readonly feature: Feature;
      readonly on: boolean;
      readonly reason: string;
      readonly forMs: number;
      readonly by?: OperatorOrigin;
    }
  | { readonly type: 'operator.unforced'; readonly feature: Feature; readonly by?: OperatorOrigin }
  /** A dead letter is to be handled again, as it was received then. */
  | {
      readonly type: 'operator.retried';
      readonly message: InboundMessage;
      readonly receivedAt: number;
      readonly by?: OperatorOrigin;
    };
