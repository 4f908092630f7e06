import type { CrashPoint, Reached } from '../../actors/step/crashPoints.js';

/** At `point`, the `time`-th time (from 1) that this process comes there. */
export interface CrashAt {
  readonly point: CrashPoint;
  readonly time: number;
}

/** Ends this process with SIGKILL at a crash point; undefined when there is nothing to wait for. */
export function createCrash(at: CrashAt | null): Reached | undefined {
  if (at === null) return undefined;
  let left = at.time;
  return (point) => {
    if (point !== at.point) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  };
}
