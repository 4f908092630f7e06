import { expect, test } from '@jest/globals';
import type { AnyStateMachine, EventObject } from 'xstate';
import type { Fold } from '../../src/actors/charts/foldTypes.js';
import { folderOf } from '../../src/actors/charts/inertScope.js';
import type { StateValue } from '../../src/actors/ports.js';

export type Event = { readonly type: string; readonly at?: number; readonly [field: string]: unknown };

/** One row of a chart's table as a test: given these events, when this one comes, then rule, state and emissions. */
export interface Row {
  readonly rule: string;
  readonly does: string;
  readonly given?: readonly Event[];
  /** 'start' tests the initial transition. */
  readonly when: Event | 'start';
  readonly to: StateValue;
  /** Types of what is emitted by the last event, in order; left out: not looked at. */
  readonly emits?: readonly string[];
  /** Fields of the context afterwards. */
  readonly context?: object;
  /** Fields of the emission with this type. */
  readonly says?: { readonly type: string; readonly [field: string]: unknown };
  readonly input?: object;
}

/** Runs rows as tests titled with their rule ids. */
export function testRows(machine: AnyStateMachine, input: object, rows: readonly Row[]): void {
  const folder = folderOf(machine);
  for (const row of rows) {
    test(`[${row.rule}] ${row.does}`, () => {
      let fold: Fold = folder.start({ at: 0, id: 'actor', ...input, ...row.input });
      const { description } = machine.root.initial as unknown as { description?: string };
      let rules = [description?.split(' ', 1)[0], ...fold.microsteps.flatMap((step) => step.rules)];
      const events = row.when === 'start' ? [] : [...(row.given ?? []), row.when];
      for (const [i, event] of events.entries()) {
        fold = folder.transition(fold.snapshot, { at: 0, id: `e${i}`, ...event } as EventObject);
        rules = fold.microsteps.flatMap((step) => step.rules);
      }
      expect(rules).toContain(row.rule);
      expect(fold.snapshot.value).toEqual(row.to);
      if (row.emits) expect(fold.emitted.map((e) => e.type)).toEqual(row.emits);
      if (row.says) expect(fold.emitted.find((e) => e.type === row.says?.type)).toMatchObject(row.says);
      if (row.context) expect(fold.snapshot.context).toMatchObject(row.context);
    });
  }
}

/** The event that a durable timer of this machine fires. */
export function elapsed(machine: AnyStateMachine, timer: string, at = 0): Event {
  const type = folderOf(machine).timerEvent(timer);
  if (!type) throw new Error(`${machine.id} has no timer "${timer}"`);
  return { type, at };
}
