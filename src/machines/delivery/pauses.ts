import { randomFrom } from '../kit/randomness.js';
import type { DeliveryContext } from './context.js';

/** How long a reply waits before it tries again, and whether its lane pauses with it. */
type Pause = Pick<DeliveryContext, 'pauseMs' | 'blockedMs'> & Partial<Pick<DeliveryContext, 'attempt' | 'refusals'>>;

/** The least pause after "too fast": a Retry-After of 0 must not become a loop. */
const THROTTLE_MIN_MS = 1_000;
/** After QQ took no more replies to the message; it doubles, up to the longest. */
const BUDGET_PAUSE_MS = 60_000;
const BUDGET_PAUSE_MAX_MS = 300_000;

const halved = (ms: number, id: string): number => Math.round(ms * (0.5 + randomFrom(id) / 2));

export function slowPause({ options }: DeliveryContext, id: string): Pause {
  return { pauseMs: halved(options.retry.slowScheduleMs, id), blockedMs: null };
}

export function barredPause({ options, attempt }: DeliveryContext, id: string): Pause {
  return { pauseMs: halved(options.delivery.barredMs, id), blockedMs: null, attempt: attempt - 1 };
}

/** `askedMs`: what QQ asked for; null: nothing. */
export function throttlePause({ options, windowMs, attempt }: DeliveryContext, askedMs: number | null): Pause {
  const pauseMs = Math.max(THROTTLE_MIN_MS, Math.min(askedMs ?? options.lane.blockedMs, windowMs));
  return { pauseMs, blockedMs: pauseMs, attempt: attempt - 1 };
}

export function budgetPause({ refusals = 0, attempt }: DeliveryContext): Pause {
  const pauseMs = Math.min(BUDGET_PAUSE_MAX_MS, BUDGET_PAUSE_MS * 2 ** refusals);
  return { refusals: refusals + 1, pauseMs, blockedMs: null, attempt: attempt - 1 };
}
