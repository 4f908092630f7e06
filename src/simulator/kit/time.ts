/** China has one time, 8 hours ahead. */
const AHEAD_MS = 8 * 3_600_000;

/** The time as the platform writes it: RFC 3339 with +08:00. */
export function stampOf(at: number): string {
  return new Date(at + AHEAD_MS).toISOString().replace(/\.\d+Z$/, '+08:00');
}

/** Hour of the day in China. */
export function hourOf(at: number): number {
  return new Date(at + AHEAD_MS).getUTCHours();
}

/** Number of the day in China. */
export function dayOf(at: number): number {
  return Math.floor((at + AHEAD_MS) / 86_400_000);
}
