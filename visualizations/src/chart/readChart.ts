import { ruleOf } from '../../../src/actors/charts/chartNodes.js';
import type { ChartState, ChartTransition } from './chartLayout.js';

/** A machine's chart without places: what is drawn and tabled. */
export interface Chart {
  readonly machine: string;
  /** Parents before their children; the first is the machine itself. */
  readonly states: readonly StateOfChart[];
  readonly transitions: readonly ChartTransition[];
}
export interface StateOfChart extends Pick<ChartState, 'path' | 'name' | 'kind' | 'isRegion' | 'parent' | 'tags'> {
  readonly entry: readonly string[];
  readonly exit: readonly string[];
}

interface Transition {
  readonly description?: string;
  readonly guard?: unknown;
  readonly target?: readonly Node[];
  readonly actions: readonly unknown[];
  readonly delay?: unknown;
  readonly reenter?: boolean;
}
interface Node {
  readonly key: string;
  readonly path: readonly string[];
  readonly type: string;
  readonly parent?: Node;
  readonly tags: readonly string[];
  readonly entry: readonly unknown[];
  readonly exit: readonly unknown[];
  readonly transitions: ReadonlyMap<string, readonly Transition[]>;
  readonly always?: readonly Transition[];
  readonly initial?: Transition;
  readonly states: { readonly [key: string]: Node };
}

const KINDS: ReadonlySet<string> = new Set(['atomic', 'compound', 'parallel', 'final']);
/** How XState schedules delays: no actions of ours. */
const SCHEDULING: ReadonlySet<string> = new Set(['xstate.raise', 'xstate.cancel']);

/**
 * Reads a machine of XState 5. Throws on what no chart of ours has: history states, transitions with several targets.
 */
export function readChart(name: string, machine: { readonly root: unknown }): Chart {
  const states: StateOfChart[] = [];
  const transitions: ChartTransition[] = [];
  const walk = (node: Node): void => {
    states.push(stateOf(name, node));
    for (const { event, transition } of transitionsOf(node))
      transitions.push(transitionOf(name, node, event, transition));
    for (const child of Object.values(node.states)) walk(child);
  };
  walk(machine.root as Node);
  return { machine: name, states, transitions };
}

/** States and the events that lead from one to another; each transition stands for all of its event that lead there. */
export function briefChart({ machine, states, transitions }: Chart): Chart {
  const ways = new Map<string, ChartTransition>();
  for (const transition of transitions) {
    const { source, target, event, edge, rule } = transition;
    if (target === null || target === source) continue;
    const key = `${source}>${target}:${event}`;
    const sentence = `${rule} ${transition.sentence}`.trim();
    const others = ways.get(key);
    ways.set(key, {
      ...transition,
      edge: others ? `${others.edge} ${edge}` : edge,
      sentence: others ? `${others.sentence}\n${sentence}` : sentence,
      rule: '',
      guard: '',
      actions: [],
    });
  }
  return {
    machine,
    states: states.map((state) => ({ ...state, entry: [], exit: [] })),
    transitions: [...ways.values()],
  };
}

function stateOf(machine: string, node: Node): StateOfChart {
  if (!KINDS.has(node.type)) throw new Error(`${machine}.${pathOf(node)}: a ${node.type} state cannot be drawn`);
  return {
    path: pathOf(node),
    name: node.path.length === 0 ? machine : node.key,
    kind: node.type as ChartState['kind'],
    isRegion: node.parent?.type === 'parallel',
    parent: node.parent ? pathOf(node.parent) : null,
    tags: [...node.tags],
    entry: namesOf(node.entry),
    exit: namesOf(node.exit),
  };
}

/** The initial transition first, then as docs/SPEC.md has them. */
function transitionsOf(node: Node): { event: string; transition: Transition }[] {
  const found: { event: string; transition: Transition }[] = [];
  if (node.type === 'compound' && node.initial) found.push({ event: 'born', transition: node.initial });
  for (const transition of node.always ?? []) found.push({ event: 'at once', transition });
  for (const [type, list] of node.transitions) {
    if (type === '') continue;
    for (const transition of list)
      found.push({ event: type.startsWith('xstate.after.') ? `after ${String(transition.delay)}` : type, transition });
  }
  return found;
}

function transitionOf(machine: string, node: Node, event: string, transition: Transition): ChartTransition {
  const source = pathOf(node);
  const { description = '', target = [], guard, reenter = false } = transition;
  if (target.length > 1)
    throw new Error(`${machine}.${source}: ${event} has ${target.length} targets; only one can be drawn`);
  const rule = description === '' ? '' : ruleOf(description);
  return {
    edge: `${source}:${rule}`,
    rule,
    sentence: description.slice(rule.length).trim(),
    source,
    target: target[0] ? pathOf(target[0]) : null,
    event,
    delay: event.startsWith('after ') ? event.slice('after '.length) : null,
    guard: guard === undefined ? '' : nameOf(guard),
    actions: namesOf(transition.actions),
    reenter,
  };
}

function pathOf(node: Node): string {
  return node.path.join('.');
}
function namesOf(actions: readonly unknown[]): string[] {
  return actions.map(nameOf).filter((name) => !SCHEDULING.has(name));
}
function nameOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const { type } = value as { type?: unknown };
  return typeof type === 'string' ? type : 'inline';
}
