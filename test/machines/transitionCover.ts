import type { AnyMachineSnapshot, AnyStateMachine, AnyTransitionDefinition } from 'xstate';
import { statePath } from './machineDriver.js';
import { createMachineFold, type Folded, type HeardEvent } from './machineFold.js';

export interface CoverOptions {
  /** One or several inputs; each gives a start. */
  readonly inputs: readonly unknown[];
  /**
   * The events to try in a state, without stamp: a list, or a function of the state where a payload depends on it (a permit
   * of the present generation, say). Delays need not be named: those of the active states are tried by themselves.
   */
  readonly events: readonly CoverEvent[] | ((snapshot: AnyMachineSnapshot) => readonly CoverEvent[]);
  /**
   * What makes two states the same; default: value and context whole. Mask what grows without bound (counters, times, ids),
   * or the walk does not end.
   */
  readonly key?: (snapshot: AnyMachineSnapshot) => string;
  /** States looked at; more is an error that says so. Default 2,000. */
  readonly limit?: number;
  /** Time between two events of a path, ms. Default 1,000. A single event may bring its own `afterMs`. */
  readonly stepMs?: number;
}

export interface CoverEvent {
  readonly type: string;
  readonly afterMs?: number;
  readonly [key: string]: unknown;
}

/** One event in one state. */
export interface CoverEdge {
  readonly from: AnyMachineSnapshot;
  readonly event: HeardEvent;
  readonly folded: Folded;
  /** Names of the transitions taken, `${state} ${event} #${place among its rows}`; empty: ignored. */
  readonly taken: readonly string[];
}

export interface TransitionCover {
  /** Every (state, event) that was tried. */
  readonly edges: readonly CoverEdge[];
  /** Names of all transitions of the definition. */
  readonly defined: ReadonlySet<string>;
  /** Those that no event of the walk took, with their descriptions. Should be empty. */
  readonly untaken: readonly string[];
  /** Rule ids taken. */
  readonly rules: ReadonlySet<string>;
  /** `${state}: ${event}` for every event type that was ignored each time it came in that state. */
  readonly ignoredCells: readonly string[];
  /** Events that took no transition and yet changed state or context, or did something. Must be empty. */
  readonly restless: readonly string[];
}

/**
 * Walks a chart breadth first from its starts: every given event and every running delay in each state reached, transitions
 * and ignored events alike. Pure; runs the guards and actions for real.
 */
export function transitionCover(machine: AnyStateMachine, options: CoverOptions): TransitionCover {
  const names = definedTransitions(machine);
  const fold = createMachineFold(machine);
  const keyOf = options.key ?? ((snapshot) => JSON.stringify([snapshot.value, snapshot.context]));
  const limit = options.limit ?? 2_000;
  const taken = new Set<string>();
  const edges: CoverEdge[] = [];
  const heard = new Set<string>();
  const ignored = new Set<string>();
  const restless: string[] = [];
  const reached = new Set<string>();
  const queue: { snapshot: AnyMachineSnapshot; at: number }[] = [];

  function visit(snapshot: AnyMachineSnapshot, at: number): void {
    const key = keyOf(snapshot);
    if (reached.has(key)) return;
    if (reached.size >= limit) {
      throw new Error(`${machine.id}: more than ${limit} states; mask in "key" what grows, or raise "limit"`);
    }
    reached.add(key);
    queue.push({ snapshot, at });
  }
  for (const input of options.inputs) {
    const born = fold.start(input);
    for (const definition of born.taken) taken.add(names.get(definition) ?? '?');
    visit(born.snapshot, 0);
  }
  for (const { snapshot, at } of queue) {
    if (snapshot.status !== 'active') continue;
    const state = statePath(snapshot.value);
    for (const { afterMs, ...bare } of eventsIn(snapshot, options.events)) {
      const then = at + (afterMs ?? options.stepMs ?? 1_000);
      const event = { ...bare, at: then, id: `c${edges.length}` };
      const folded = fold.transition(snapshot, event);
      const edge = { from: snapshot, event, folded, taken: folded.taken.map((t) => names.get(t) ?? '?') };
      edges.push(edge);
      for (const name of edge.taken) taken.add(name);
      const cell = `${state}: ${event.type}`;
      (edge.taken.length > 0 ? heard : ignored).add(cell);
      if (edge.taken.length === 0 && !isQuiet(edge)) restless.push(cell);
      if (folded.snapshot !== snapshot) visit(folded.snapshot, then);
    }
  }
  const all = new Map([...names].map(([definition, name]) => [name, definition]));
  return {
    edges,
    defined: new Set(all.keys()),
    untaken: [...all].filter(([name]) => !taken.has(name)).map(([name, { description }]) => `${name} (${description})`),
    rules: new Set([...taken].map((name) => all.get(name)?.description?.split(' ', 1)[0] ?? '?')),
    ignoredCells: [...ignored].filter((cell) => !heard.has(cell)).sort(),
    restless,
  };
}

/** Every transition of the definition with a stable name; initial ones, which no event takes, are not among them. */
export function definedTransitions(machine: AnyStateMachine): Map<AnyTransitionDefinition, string> {
  const names = new Map<AnyTransitionDefinition, string>();
  const walk = (node: AnyStateMachine['root']): void => {
    for (const [type, rows] of node.transitions) {
      rows.forEach((row: AnyTransitionDefinition, place: number) => {
        names.set(row, `${node.id} ${type} #${place}`);
      });
    }
    (node.always ?? []).forEach((row: AnyTransitionDefinition, place: number) => {
      names.set(row, `${node.id} always #${place}`);
    });
    for (const child of Object.values(node.states)) walk(child as AnyStateMachine['root']);
  };
  walk(machine.root);
  return names;
}

function eventsIn(snapshot: AnyMachineSnapshot, events: CoverOptions['events']): CoverEvent[] {
  const nodes = (snapshot as unknown as { _nodes: readonly { ownEvents: readonly string[] }[] })._nodes;
  const delays = nodes.flatMap((node) => node.ownEvents).filter((type) => type.startsWith('xstate.after.'));
  return [...(typeof events === 'function' ? events(snapshot) : events), ...delays.map((type) => ({ type }))];
}

function isQuiet({ from, folded: { snapshot, emitted, armed, cancelled } }: CoverEdge): boolean {
  const written = ({ value, context }: AnyMachineSnapshot): string => JSON.stringify([value, context]);
  if (emitted.length + armed.length + cancelled.length > 0) return false;
  return from === snapshot || written(from) === written(snapshot);
}
