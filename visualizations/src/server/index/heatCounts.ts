import type { Changes } from '../../../../src/actors/step/state.js';
import { pathOf } from '../../protocol.js';
import type { FoldedState } from './foldedState.js';

/** Transitions taken, events ignored and times spent in states; of a page, or of a stretch of pages. */
export class HeatCounts {
  private readonly counts = new Map<number, number>();
  private readonly dwells = new Map<number, Dwell>();

  constructor(private readonly keys: HeatKeys) {}

  /** Before `changes` are applied to `state`. */
  note(state: FoldedState, changes: Changes): void {
    const left = new Map<string, number>();
    for (const { actor, event, from, to, rules } of changes.steps) {
      const machine = machineOf(actor, state, changes);
      const before = from === null ? '' : pathOf(from);
      for (const rule of rules) this.count(this.keys.number(machine, actor, rule, before));
      if (rules.length === 0) this.count(this.keys.number(machine, actor, `!${event}`, before));
      if (from === null || (to !== null && pathOf(to) === before)) continue;
      const since = left.get(actor) ?? state.actor(actor)?.since;
      left.set(actor, changes.at);
      if (since !== undefined) this.dwell(this.keys.number(machine, actor, '', before), changes.at - since);
    }
  }
  addTo(sum: HeatCounts): void {
    for (const [key, count] of this.counts) sum.count(key, count);
    for (const [key, { times, totalMs, longestMs }] of this.dwells) {
      const into = sum.dwells.get(key) ?? { times: 0, totalMs: 0, longestMs: 0 };
      into.times += times;
      into.totalMs += totalMs;
      into.longestMs = Math.max(into.longestMs, longestMs);
      sum.dwells.set(key, into);
    }
  }
  *entries(): IterableIterator<readonly [HeatKey, number]> {
    for (const [key, count] of this.counts) yield [this.keys.key(key), count];
  }
  *stays(): IterableIterator<readonly [HeatKey, Readonly<Dwell>]> {
    for (const [key, dwell] of this.dwells) yield [this.keys.key(key), dwell];
  }

  private count(key: number, by = 1): void {
    this.counts.set(key, (this.counts.get(key) ?? 0) + by);
  }
  private dwell(key: number, ms: number): void {
    const into = this.dwells.get(key) ?? { times: 0, totalMs: 0, longestMs: 0 };
    into.times += 1;
    into.totalMs += ms;
    into.longestMs = Math.max(into.longestMs, ms);
    this.dwells.set(key, into);
  }
}
interface Dwell {
  times: number;
  totalMs: number;
  longestMs: number;
}

/** `rule`: a rule id, `!event` for an ignored event, empty for the time in a state. `from`: empty when born. */
export interface HeatKey {
  readonly machine: string;
  /** The actor, of those that always live; else the machine. */
  readonly scope: string;
  readonly rule: string;
  readonly from: string;
}

/** Keys as small numbers; past `KEYS_MAX` different ones (a hostile journal) the rest is one key. */
export class HeatKeys {
  private readonly numbers = new Map<string, number>();
  private readonly keys: HeatKey[] = [{ machine: '?', scope: '?', rule: '?', from: '?' }];

  constructor(private readonly isLasting: (actor: string) => boolean) {}

  number(machine: string, actor: string, rule: string, from: string): number {
    const scope = this.isLasting(actor) ? actor : machine;
    const text = `${machine}\n${scope}\n${rule}\n${from}`;
    let number = this.numbers.get(text);
    if (number === undefined) {
      if (this.keys.length >= KEYS_MAX) return 0;
      number = this.keys.push({ machine, scope, rule, from }) - 1;
      this.numbers.set(text, number);
    }
    return number;
  }
  key(number: number): HeatKey {
    return this.keys[number]!;
  }
}
const KEYS_MAX = 50_000;

function machineOf(actor: string, state: FoldedState, changes: Changes): string {
  return (
    changes.actors.get(actor)?.machine ??
    state.actor(actor)?.machine ??
    changes.ended.find(([id]) => id === actor)?.[1].machine ??
    state.ended(actor, changes.at)?.machine ??
    '?'
  );
}
