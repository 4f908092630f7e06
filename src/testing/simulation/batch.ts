import type { Topology } from '../../actors/step/routes.js';
import { ALLOWANCES } from './allowances.js';
import { Coverage } from './coverage.js';
import { planOf } from './plan.js';
import { Simulation } from './simulation.js';
import type { Violation } from './violation.js';

/** Seeds `from` to `to`, each for so many hours of virtual time. */
export interface BatchOptions {
  readonly from: number;
  readonly to: number;
  readonly hours: number;
  readonly topology: Topology;
  /** Told after each seed. */
  readonly onSeed?: (seed: number, violation: Violation | null) => void;
}
export interface BatchResult {
  readonly seeds: number;
  readonly simulatedHours: number;
  readonly facts: number;
  readonly kills: number;
  readonly faults: number;
  readonly violations: readonly { readonly seed: number; readonly violation: Violation }[];
  /** What should have happened in a batch and did not, by name; what a batch that short cannot promise is left out. */
  readonly sometimesMissing: readonly string[];
}

/** A batch shorter than this need not have seen everything. */
const WHOLE_HOURS = 5;

export function runBatch({ from, to, hours, topology, onSeed }: BatchOptions): BatchResult {
  const coverage = new Coverage();
  const violations: { readonly seed: number; readonly violation: Violation }[] = [];
  const allowed = new Set<string>();
  const sums = { facts: 0, simulatedMs: 0, kills: 0, faults: 0 };
  for (let seed = from; seed <= to; seed += 1) {
    const outcome = new Simulation(planOf(seed, hours), { topology, coverage }).run();
    for (const name of ['facts', 'simulatedMs', 'kills', 'faults'] as const) sums[name] += outcome[name];
    for (const id of outcome.allowed) allowed.add(id);
    if (outcome.violation) violations.push({ seed, violation: outcome.violation });
    onSeed?.(seed, outcome.violation);
  }
  const { simulatedMs, ...counts } = sums;
  const isWhole = (to - from + 1) * hours >= WHOLE_HOURS;
  const needless = ALLOWANCES.filter(({ id }) => !allowed.has(id)).map(({ id }) => `allowance ${id}: no longer needed`);
  const sometimesMissing = isWhole ? [...coverage.missing(), ...needless] : [];
  return {
    seeds: to - from + 1,
    simulatedHours: Math.round(simulatedMs / 36_000) / 100,
    ...counts,
    violations,
    sometimesMissing,
  };
}
