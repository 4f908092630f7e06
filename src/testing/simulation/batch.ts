import type { Topology } from '../../actors/step/routes.js';
import { Coverage } from './coverage.js';
import type { Violation } from './invariants/violation.js';
import type { Plan } from './plan/acts.js';
import { planOf } from './plan/plan.js';
import type { Outcome, RunOptions } from './run.js';
import { Simulation } from './simulation.js';
import { SystemRun } from './system/systemRun.js';

/**
 * `step`: the bot's step, one fact at a time, with every rule held after each. `system`: its loop over a journal that
 * fails.
 */
export const WORLDS = ['step', 'system'] as const;
export type WorldName = (typeof WORLDS)[number];

/** The loop's world has this part of the time; its step is the same one. */
const SYSTEM_PART = 1 / 6;

/** What a seed stands for in a world. */
export function planFor(world: WorldName, seed: number, hours: number): Plan {
  return planOf(seed, world === 'step' ? hours : hours * SYSTEM_PART);
}
export async function runPlan(world: WorldName, plan: Plan, options: RunOptions): Promise<Outcome> {
  return world === 'step' ? new Simulation(plan, options).run() : new SystemRun(plan, options).run();
}

/** Seeds `from` to `to`, each for so many hours of virtual time. */
export interface BatchOptions {
  readonly from: number;
  readonly to: number;
  readonly hours: number;
  readonly topology: Topology;
  /** Told of each violation at once. */
  readonly onViolation?: (found: Found) => void;
}
export interface Found {
  readonly world: WorldName;
  readonly seed: number;
  readonly violation: Violation;
}
export interface BatchResult {
  readonly seeds: number;
  readonly simulatedHours: number;
  readonly facts: number;
  readonly kills: number;
  readonly faults: number;
  readonly violations: readonly Found[];
  /** What should have happened in a batch and did not, by name; of a batch below `WHOLE_HOURS`: nothing. */
  readonly sometimesMissing: readonly string[];
}

/** A batch shorter than this need not have seen everything. */
const WHOLE_HOURS = 5;

export async function runBatch({ from, to, hours, topology, onViolation }: BatchOptions): Promise<BatchResult> {
  const coverage = new Coverage();
  const violations: Found[] = [];
  const sums = { facts: 0, simulatedMs: 0, kills: 0, faults: 0 };
  for (let seed = from; seed <= to; seed += 1) {
    for (const world of WORLDS) {
      const outcome = await runPlan(world, planFor(world, seed, hours), { topology, coverage });
      for (const name of ['facts', 'simulatedMs', 'kills', 'faults'] as const) sums[name] += outcome[name];
      if (!outcome.violation) continue;
      const found = { world, seed, violation: outcome.violation };
      violations.push(found);
      onViolation?.(found);
    }
  }
  const { simulatedMs, ...counts } = sums;
  const seeds = to - from + 1;
  const sometimesMissing = seeds * hours >= WHOLE_HOURS ? coverage.missing() : [];
  return { seeds, simulatedHours: Math.round(simulatedMs / 36_000) / 100, ...counts, violations, sometimesMissing };
}
