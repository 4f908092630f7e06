import { CRASH_POINTS, type CrashPoint } from '../actors/step/crashPoints.js';
import { nearest } from '../base/nearest.js';
import type { Problem } from './configTexts.js';

/**
 * `KINTSUGI_CRASH_AT=append.after:3`: the process is to die the third time that it comes to this point (default: the
 * first). For tests alone: refused in production. Null when it is not set, or wrong; what is wrong is added to
 * `problems`.
 */
export function readCrashAt(
  env: Readonly<Record<string, string | undefined>>,
  problems: Problem[],
): { readonly point: CrashPoint; readonly time: number } | null {
  const text = env.KINTSUGI_CRASH_AT;
  if (!text) return null;
  const wrong = (problem: Problem): null => {
    problems.push(problem);
    return null;
  };
  if (env.NODE_ENV === 'production') return wrong((texts) => texts.crashInProduction(text));
  const [, name = '', time = '1'] = /^([^:]*)(?::(.*))?$/.exec(text) ?? [];
  if (!Object.hasOwn(CRASH_POINTS, name)) {
    const near = nearest(name, Object.keys(CRASH_POINTS));
    return wrong((texts) => texts.crashPoint(text, near));
  }
  if (!/^[1-9]\d{0,8}$/.test(time)) return wrong((texts) => texts.crashTime(text));
  return { point: name as CrashPoint, time: Number(time) };
}
