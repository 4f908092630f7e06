import type { BotOptions } from '../vocabulary/options/options.js';

/** Before jitter. Never below `openMs`, so that setting only that option to a minute means a minute. */
export function openTime(
  options: BotOptions['circuitBreaker'],
  now: { readonly early: boolean; readonly growths: number },
): number {
  if (!now.early) return Math.max(options.openMs, options.openLateMs);
  return Math.min(options.openMs * options.openFactor ** now.growths, Math.max(options.openMs, options.openEarlyMaxMs));
}
