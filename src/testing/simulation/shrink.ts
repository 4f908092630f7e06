import type { Violation } from './invariants/violation.js';
import type { Act, Plan } from './plan/acts.js';

export interface Shrunk {
  readonly plan: Plan;
  readonly violation: Violation;
  /** Runs that it took. */
  readonly runs: number;
}
export interface ShrinkOptions {
  readonly plan: Plan;
  readonly violation: Violation;
  readonly run: (plan: Plan) => Promise<Violation | null>;
  /** Says stop, between two runs. */
  readonly isEnough: () => boolean;
}

/**
 * A shorter plan that breaks the same rule: first everything after the violation goes, then halves, quarters and so on
 * of what is left. Luck belongs to what it is thrown for, so the rest stays nearly as it was.
 */
export async function shrink({ plan, violation, run, isEnough }: ShrinkOptions): Promise<Shrunk> {
  let runs = 0;
  let best = { plan: upTo(plan, violation.at), violation };
  const attempt = async (acts: readonly Act[]): Promise<boolean> => {
    runs += 1;
    const shorter = { ...best.plan, acts };
    const found = await run(shorter);
    if (found?.invariant !== violation.invariant) return false;
    best = { plan: upTo(shorter, found.at), violation: found };
    return true;
  };
  if (!(await attempt(best.plan.acts))) return { plan, violation, runs };
  for (let size = Math.ceil(best.plan.acts.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < best.plan.acts.length; ) {
      if (isEnough()) return { ...best, runs };
      const { acts } = best.plan;
      const without = [...acts.slice(0, from), ...acts.slice(from + size)];
      if (!(await attempt(without))) from += size;
    }
  }
  return { ...best, runs };
}

/** What happens after the violation has no part in it. */
function upTo(plan: Plan, at: number): Plan {
  return { ...plan, acts: plan.acts.filter((act) => act.at <= at) };
}
