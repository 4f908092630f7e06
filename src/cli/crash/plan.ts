import type { CrashPoint } from '../../actors/step/crashPoints.js';
import type { Random } from '../../simulator/kit/random.js';

/**
 * How one kill goes. `moment`: SIGKILL while calls are in flight. `point`: the process kills itself at a crash point.
 * `storm`: SIGKILL again and again, shortly after each start. `drain`: SIGTERM, and SIGKILL before the drain is over.
 */
export interface Plan {
  readonly how: 'moment' | 'point' | 'storm' | 'drain';
  readonly weather: Weather;
  readonly point: { readonly name: CrashPoint; readonly time: number } | null;
  /** The inspector's page is open, and what else `Company` has is there. */
  readonly isAttended: boolean;
}
/** What the platform does meanwhile. */
export type Weather = 'slow' | 'outage' | 'errors' | 'noEmbeds' | 'audits' | 'calm';

/** Weathers in turn, so that few kills have seen all of them; an outage comes with every fifth. */
const WEATHERS: readonly Weather[] = [
  'slow',
  'errors',
  'calm',
  'audits',
  'outage',
  'slow',
  'noEmbeds',
  'slow',
  'calm',
  'outage',
];

/** On the way of every start. */
export const START_POINTS: readonly CrashPoint[] = [
  'start.locked',
  'migration.before',
  'migration.inside',
  'migration.after',
  'start.fenced',
  'start.folded',
  'start.recorded',
];
/** Passed again and again by a bot that works. */
export const WORK_POINTS: readonly CrashPoint[] = [
  'inbox.taken',
  'step.after',
  'append.before',
  'append.inside',
  'append.after',
  'act.before',
  'act.after',
  'outcome.before',
  'outcome.after',
];
/** On the way of every clean stop. */
export const STOP_POINTS: readonly CrashPoint[] = [
  'checkpoint.taken',
  'checkpoint.inside',
  'checkpoint.after',
  'stop.begun',
  'stop.recorded',
  'stop.closed',
];
/** A start passes some of them twenty times, a burst of messages some thirty times more. */
const TIMES_MAX = 40;

/**
 * The plan of kill number `index`: a fifth are outages, two in five come at a crash point; storms and drains are rarer.
 * A fifth are attended.
 */
export function planFor(index: number, random: Random): Plan {
  const pick = (most: number): number => Math.floor(random.next() * most);
  const weather = WEATHERS[index % WEATHERS.length] as Weather;
  const plain = { weather, point: null, isAttended: index % 10 === 2 || index % 10 === 6 };
  if (weather === 'outage') return { how: 'moment', ...plain };
  if (index % 20 === 12) return { how: 'storm', ...plain };
  if (index % 10 === 7) return { how: 'drain', ...plain };
  if (index % 2 === 0) return { how: 'moment', ...plain };
  const all = [...START_POINTS, ...WORK_POINTS, ...WORK_POINTS, ...STOP_POINTS];
  const name = all[pick(all.length)] as CrashPoint;
  const time = WORK_POINTS.includes(name) ? 1 + pick(TIMES_MAX) : 1;
  return { how: 'point', ...plain, point: { name, time } };
}
