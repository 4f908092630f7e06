import {
  type AnyEventObject,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
  type EventObject,
} from 'xstate';
import type { StateValue } from '../ports.js';
import type { TimerChange } from './chartActions.js';
import { AFTER, canonical, ruleOf } from './chartNodes.js';
import { compileChart } from './compiledChart.js';
import type { Fold, Snapshot } from './foldTypes.js';

export interface Folder {
  readonly machine: AnyStateMachine;
  /**
   * Why XState itself runs this chart, or has run a part of it, slower; empty: the tables run it. At most
   * `REASONS_MAX`.
   */
  readonly interpreted: ReadonlySet<string>;
  /** The rule by which an actor of this machine is born. */
  readonly birthRule: string;
  start(input: unknown): Fold;
  /** Throws whatever a guard, assign, delay or emit of the machine throws. */
  transition(snapshot: Snapshot, event: AnyEventObject): Fold;
  /** A snapshot from its JSON. Throws when the state does not exist in this machine. */
  restore(saved: SavedSnapshot): Snapshot;
  /** The event that a durable timer's firing means to the machine; undefined for an unknown timer. */
  timerEvent(timer: string): string | undefined;
  /** Timers that the active states of a snapshot should have, with their delays. */
  timersOf(snapshot: Snapshot): readonly { readonly timer: string; readonly delayMs: number }[];
}
export interface SavedSnapshot {
  readonly status: 'active' | 'done';
  readonly value: StateValue;
  readonly context: unknown;
}

/** More eventless microsteps than this in one step mean a loop in the chart. */
const MICROSTEPS_MAX = 100;
const REASONS_MAX = 10;

interface CollectedAction {
  readonly type: string;
  readonly params?: {
    readonly event?: EventObject;
    readonly id?: string;
    readonly delay?: unknown;
    readonly sendId?: string;
  };
}
interface InspectedMicrostep {
  readonly type: string;
  readonly snapshot: AnyMachineSnapshot;
  readonly _transitions: readonly { readonly description?: string }[];
}
interface Delayed {
  readonly timer: string;
  readonly event: string;
}

const folders = new WeakMap<AnyStateMachine, Folder>();

/** The folder of a machine, built on first use. */
export function folderOf(machine: AnyStateMachine): Folder {
  let folder = folders.get(machine);
  if (!folder) {
    folder = createFolder(machine);
    folders.set(machine, folder);
  }
  return folder;
}

function createFolder(machine: AnyStateMachine): Folder {
  const collected: CollectedAction[] = [];
  const inspected: InspectedMicrostep[] = [];
  const scope = createScope(machine, collected, inspected);
  const delayed = delayedTransitions(machine);
  const bySendId = new Map(delayed.map((d) => [d.event, d.timer]));
  const byTimer = new Map(delayed.map((d) => [d.timer, d.event]));
  const compiled = compileChart(machine, bySendId);
  const chart = typeof compiled === 'string' ? null : compiled;
  const interpreted = new Set<string>(typeof compiled === 'string' ? [compiled] : []);

  function collect(snapshot: AnyMachineSnapshot): Fold {
    if (snapshot.status === 'error') throw snapshot.error;
    const emitted: EventObject[] = [];
    const timers: TimerChange[] = [];
    for (const action of collected) sort(machine, action, bySendId, emitted, timers);
    const microsteps = inspected.map((step) => ({
      value: canonical(step.snapshot.value as StateValue),
      rules: step._transitions.map((t) => ruleOf(t.description)),
    }));
    return { snapshot, microsteps, emitted, timers };
  }
  /** What the tables refused and XState could do. */
  function byXState(fold: Fold): Fold {
    if (chart && interpreted.size < REASONS_MAX) interpreted.add(chart.refused);
    return fold;
  }
  function clear(): void {
    collected.length = 0;
    inspected.length = 0;
  }
  return {
    machine,
    interpreted,
    birthRule: ruleOf((machine.root.initial as { readonly description?: string } | undefined)?.description),
    start(input) {
      const fold = chart?.start(input);
      if (fold) return fold;
      try {
        return byXState(collect(machine.getInitialSnapshot(scope as never, input as never)));
      } finally {
        clear();
      }
    },
    transition(outside, event) {
      const snapshot = outside as AnyMachineSnapshot;
      const fold = chart?.transition(snapshot, event);
      if (fold) return fold;
      try {
        return byXState(collect(machine.transition(snapshot, event, scope as never)));
      } finally {
        clear();
      }
    },
    restore(saved) {
      return machine.restoreSnapshot(
        { ...saved, children: {}, historyValue: {}, output: undefined, error: undefined } as never,
        scope as never,
      );
    },
    timerEvent: (timer) => byTimer.get(timer),
    timersOf: (snapshot) => timersIn(machine, delayed, snapshot as AnyMachineSnapshot),
  };
}

function timersIn(
  machine: AnyStateMachine,
  delayed: readonly Delayed[],
  snapshot: AnyMachineSnapshot,
): ReturnType<Folder['timersOf']> {
  const active = new Set((snapshot as unknown as { _nodes: { id: string }[] })._nodes.map(({ id }) => id));
  return delayed
    .filter(({ event, timer }) => active.has(event.slice(AFTER.length + timer.length + 1)))
    .map(({ timer }) => ({ timer, delayMs: delayOf(machine, timer, snapshot.context) }));
}

function createScope(machine: AnyStateMachine, collected: CollectedAction[], inspected: InspectedMicrostep[]): object {
  (machine as { options?: object }).options = { maxIterations: MICROSTEPS_MAX };
  const self = createActor(machine);
  const system = {
    ...self.system,
    _sendInspectionEvent(event: InspectedMicrostep) {
      if (event.type === '@xstate.microstep') inspected.push(event);
    },
  };
  return {
    self,
    system,
    id: '',
    sessionId: '',
    logger() {},
    defer() {},
    stopChild() {},
    emit() {},
    actionExecutor: (action: CollectedAction) => collected.push(action),
  };
}

/**
 * Sorts one collected action into signals and timers; anything that would be a side effect is a defect of the machine.
 */
function sort(
  machine: AnyStateMachine,
  action: CollectedAction,
  bySendId: ReadonlyMap<string, string>,
  emitted: EventObject[],
  timers: TimerChange[],
): void {
  const params = action.params;
  if (action.type === 'xstate.emit' && params?.event) {
    emitted.push(params.event);
  } else if (action.type === 'xstate.raise' && params?.event) {
    if (!params.event.type.startsWith(AFTER)) {
      if (params.delay !== undefined)
        throw new Error(`${machine.id}: delayed raise of ${params.event.type}; use a named "after"`);
      return; // an immediate raise has already run inside this step
    }
    const timer = bySendId.get(params.event.type) ?? params.event.type;
    timers.push({ timer, armed: true, delayMs: checkDelay(machine, timer, params.event.type, params.delay) });
  } else if (action.type === 'xstate.cancel' && params !== undefined) {
    const id = typeof params === 'string' ? params : (params.sendId ?? '');
    timers.push({ timer: bySendId.get(id) ?? id, armed: false });
  } else {
    throw new Error(
      `${machine.id}: action "${action.type}" would do something itself; a machine may only assign, emit and use named delays`,
    );
  }
}

function checkDelay(machine: AnyStateMachine, timer: string, where: string, delay: unknown): number {
  if (typeof delay !== 'number' || !Number.isFinite(delay) || delay < 0) {
    const state = where.slice(AFTER.length + timer.length + 1);
    throw new Error(
      `${machine.id}: state "${state}": delay "${timer}" is ${String(delay)}; it must be a finite number >= 0`,
    );
  }
  return delay;
}

function delayOf(machine: AnyStateMachine, timer: string, context: unknown): number {
  const delay = (machine.implementations.delays as { [name: string]: unknown })[timer];
  const value = typeof delay === 'function' ? (delay as (args: object) => unknown)({ context }) : delay;
  return checkDelay(machine, timer, `${AFTER}${timer}.`, value);
}

/** Every delayed transition of a chart. A delay name stands in one state only, so that it can name its timer. */
function delayedTransitions(machine: AnyStateMachine): Delayed[] {
  const found: Delayed[] = [];
  const walk = (node: AnyStateMachine['root']): void => {
    for (const type of node.transitions.keys()) {
      if (!type.startsWith(AFTER)) continue;
      const timer = type.slice(AFTER.length, type.length - node.id.length - 1);
      if (found.some((d) => d.timer === timer)) throw new Error(`${machine.id}: delay "${timer}" stands in two states`);
      found.push({ timer, event: type });
    }
    for (const child of Object.values(node.states)) walk(child as AnyStateMachine['root']);
  };
  walk(machine.root);
  return found;
}
