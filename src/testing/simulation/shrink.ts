import type { Topology } from '../../actors/step/routes.js';
import type { Act, Plan } from './acts.js';
import { Simulation } from './simulation.js';
import type { Violation } from './violation.js';

export interface Shrunk {
  readonly plan: Plan;
  readonly violation: Violation;
  /** Runs that it took. */
  readonly runs: number;
}

/**
 * A shorter plan that breaks the same rule: first everything after the violation goes, then halves, quarters and so on of
 * what is left, as long as `isEnough` does not say stop. Luck belongs to what it is thrown for, so the rest stays as it was.
 */
export function shrink(
  plan: Plan,
  violation: Violation,
  topology: Topology,
  isEnough: (runs: number) => boolean,
): Shrunk {
  let runs = 0;
  let best = { plan: upTo(plan, violation.at), violation };
  const attempt = (acts: readonly Act[]): boolean => {
    runs += 1;
    const shorter = { ...best.plan, acts };
    const found = new Simulation(shorter, { topology }).run().violation;
    if (found?.invariant !== violation.invariant) return false;
    best = { plan: upTo(shorter, found.at), violation: found };
    return true;
  };
  if (!attempt(best.plan.acts)) return { plan, violation, runs };
  for (let size = Math.ceil(best.plan.acts.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < best.plan.acts.length; ) {
      if (isEnough(runs)) return { ...best, runs };
      const { acts } = best.plan;
      const without = [...acts.slice(0, from), ...acts.slice(from + size)];
      if (!attempt(without)) from += size;
    }
  }
  return { ...best, runs };
}

/** What happens after the violation has no part in it. */
function upTo(plan: Plan, at: number): Plan {
  return { ...plan, acts: plan.acts.filter((act) => act.at <= at) };
}
