import { beforeAll, describe, expect, test } from '@jest/globals';
import { type AnyMachineSnapshot, type AnyStateMachine, type EventObject, transition } from 'xstate';
import { type CompiledChart, compileChart } from '../../../src/actors/charts/compiledChart.js';
import type { Fold } from '../../../src/actors/charts/foldTypes.js';
import { type Folder, folderOf } from '../../../src/actors/charts/inertScope.js';
import { topology } from '../../../src/actors/wiring/topology.js';
import { createMemoryStore, openMemoryJournal } from '../../../src/adapters/journal/memoryJournal.js';
import { randomFrom } from '../../../src/machines/kit/randomness.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { createMachineFold } from '../../machines/machineFold.js';
import { runLive } from '../../replay/liveRun.js';

interface Heard {
  readonly start?: unknown;
  readonly snapshot?: AnyMachineSnapshot | undefined;
  readonly event?: EventObject | undefined;
}
const MINUTE = 60_000;
const heard = new Map<AnyStateMachine, Heard[]>();

/** What every machine heard in a while with all kinds of trouble. */
beforeAll(async () => {
  const undo = Object.values(topology.machines).map(({ machine }) => listen(machine));
  const store = createMemoryStore();
  await runLive({
    seed: 11,
    durationMs: 13 * MINUTE,
    messagesPerMinute: 40,
    weather: {
      outages: [[MINUTE, 2 * MINUTE]],
      embedsRefused: [[4 * MINUTE, 5 * MINUTE]],
      throttled: [[7 * MINUTE, 7 * MINUTE + 5_000]],
      noise: 0.02,
    },
    kills: [90_000, 8 * MINUTE],
    // A private bot, so that it reads its channels back.
    options: { ...defaultOptions, gateway: { ...defaultOptions.gateway, intents: 1 << 9 } },
    operator: [
      [10 * MINUTE, { type: 'operator.isolated', breaker: 'breaker:messages' }],
      [11 * MINUTE, { type: 'operator.released', breaker: 'breaker:messages' }],
      [12 * MINUTE, { type: 'operator.forced', feature: 'richEmbeds', on: false, reason: 'test', forMs: 5_000 }],
    ],
    open: async () => {
      const journal = await openMemoryJournal(store);
      return { journal, kill: () => journal.kill() };
    },
  });
  for (const restore of undo) restore();
});

function listen(machine: AnyStateMachine): () => void {
  const folder = folderOf(machine) as { -readonly [key in keyof Folder]: Folder[key] };
  const { start, transition: next } = folder;
  const list: Heard[] = [];
  heard.set(machine, list);
  folder.start = (input) => {
    list.push({ start: input });
    return start(input);
  };
  folder.transition = (snapshot, event) => {
    list.push({ snapshot: snapshot as AnyMachineSnapshot, event });
    return next(snapshot, event);
  };
  return () => void Object.assign(folder, { start, transition: next });
}

const timersOf = (machine: AnyStateMachine): Map<string, string> => {
  const timers = new Map<string, string>();
  const walk = (node: AnyStateMachine['root']): void => {
    for (const type of node.transitions.keys())
      if (type.startsWith('xstate.after.')) timers.set(type, type.slice(13, type.length - node.id.length - 1));
    for (const child of Object.values(node.states)) walk(child as AnyStateMachine['root']);
  };
  walk(machine.root);
  return timers;
};
const charts = new Map(
  Object.values(topology.machines).map(({ machine }) => [
    machine,
    compileChart(machine, timersOf(machine)) as CompiledChart,
  ]),
);
const folds = new Map(Object.values(topology.machines).map(({ machine }) => [machine, createMachineFold(machine)]));

/** A fold as text, with what XState's own gives. */
interface Compared {
  readonly ours: string;
  readonly theirs: string;
}
function compared(machine: AnyStateMachine, { start, snapshot, event }: Heard): Compared {
  const chart = charts.get(machine)!;
  const ours = snapshot && event ? chart.transition(snapshot, event) : chart.start(start);
  return {
    ours: ours ? written(machine, ours) : 'left to XState',
    theirs: official(machine, { start, snapshot, event }),
  };
}
function written(machine: AnyStateMachine, fold: Fold): string {
  const timers = timersOf(machine);
  const typeOf = (timer: string) => [...timers].find(([, name]) => name === timer)?.[0];
  const armed = fold.timers.flatMap((t) => (t.armed ? [{ type: typeOf(t.timer), delayMs: t.delayMs }] : []));
  const cancelled = fold.timers.flatMap((t) => (t.armed ? [] : [typeOf(t.timer)]));
  const rules = fold.microsteps.flatMap((microstep) => microstep.rules);
  const snapshot = fold.snapshot as AnyMachineSnapshot;
  return JSON.stringify([snapshot.toJSON(), snapshot._nodes.map((n) => n.id), fold.emitted, armed, cancelled, rules]);
}
function official(machine: AnyStateMachine, { start, snapshot, event }: Heard): string {
  const own = folds.get(machine)!;
  try {
    const fold = snapshot && event ? own.transition(snapshot, event as never) : own.start(start);
    const rules = fold.taken.map(({ description }) => (description as string).split(' ')[0]);
    const nodes = fold.snapshot._nodes.map((n: { id: string }) => n.id);
    return JSON.stringify([fold.snapshot.toJSON(), nodes, fold.emitted, fold.armed, fold.cancelled, rules]);
  } catch {
    return 'left to XState';
  }
}

describe('[core 1] a chart run from tables', () => {
  for (const [name, { machine }] of Object.entries(topology.machines)) {
    test(`${name}: is compiled, and equals XState on all that a bot heard in trouble`, () => {
      const list = heard.get(machine)!;
      expect(list.length).toBeGreaterThan(0);
      const isWrong = ({ ours, theirs }: Compared): boolean => ours !== theirs || ours === 'left to XState';
      expect(list.map((one) => compared(machine, one)).find(isWrong)).toBeUndefined();
    });

    test(`${name}: equals XState on events that come in the wrong state`, () => {
      const list = heard.get(machine)!;
      const snapshots = list.flatMap(({ snapshot }) => (snapshot ? [snapshot] : []));
      const events = list.flatMap(({ event }) => (event ? [event] : []));
      for (let i = 0; i < (snapshots.length > 0 ? 300 : 0); i += 1) {
        const snapshot = snapshots[Math.floor(randomFrom(`${name} ${i}`, 'snapshot') * snapshots.length)]!;
        const event = events[Math.floor(randomFrom(`${name} ${i}`, 'event') * events.length)]!;
        const { ours, theirs } = compared(machine, { snapshot, event });
        expect([i, ours]).toEqual([i, theirs]);
      }
    });
  }

  test('equals the official transition() in state, too', () => {
    for (const [machine, list] of heard) {
      for (const { snapshot, event } of list.slice(0, 100)) {
        if (!snapshot || !event) continue;
        const [theirs] = transition(machine, snapshot, event);
        const ours = charts.get(machine)!.transition(snapshot, event)!.snapshot as AnyMachineSnapshot;
        expect(ours.toJSON()).toEqual(theirs.toJSON());
        expect([...ours.tags]).toEqual([...theirs.tags]);
        expect(ours.matches(theirs.value)).toBe(true);
      }
    }
  });

  test('an event that changes nothing gives the very same snapshot', () => {
    const { machine } = topology.machines.circuitBreaker!;
    const { snapshot } = heard.get(machine)!.find((one) => one.snapshot)!;
    expect(charts.get(machine)!.transition(snapshot!, { type: 'nothing.known' })!.snapshot).toBe(snapshot);
  });
});
