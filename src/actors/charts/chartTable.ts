import type { AnyStateMachine } from 'xstate';
import { AFTER, ruleOf } from './chartNodes.js';

/** One row of a machine's table: one transition of its chart. */
export interface ChartRow {
  readonly rule: string;
  readonly state: string;
  readonly event: string;
  readonly guard: string;
  readonly target: string;
  readonly actions: readonly string[];
  readonly what: string;
}

interface Transition {
  readonly description?: string;
  readonly guard?: unknown;
  readonly target?: readonly { readonly id: string }[];
  readonly actions: readonly unknown[];
  readonly delay?: unknown;
}
interface Node {
  readonly id: string;
  readonly path: readonly string[];
  readonly transitions: ReadonlyMap<string, readonly Transition[]>;
  readonly always?: readonly Transition[];
  readonly initial?: Transition;
  readonly states: { readonly [key: string]: Node };
  readonly machine: { readonly id: string };
}

/** The table of a chart, row by row as it stands in the file: the initial transition first, then state by state. */
export function chartTable(machine: AnyStateMachine): readonly ChartRow[] {
  const root = machine.root as unknown as Node;
  const rows: ChartRow[] = [];
  if (root.initial) rows.push(row(root, 'born', root.initial));
  const walk = (node: Node): void => {
    for (const transition of node.always ?? []) rows.push(row(node, 'at once', transition));
    for (const [type, transitions] of node.transitions) {
      if (type === '') continue;
      for (const transition of transitions) rows.push(row(node, eventName(type, transition), transition));
    }
    for (const child of Object.values(node.states)) walk(child);
  };
  walk(root);
  return rows;
}

function row(node: Node, event: string, transition: Transition): ChartRow {
  const description = transition.description ?? '';
  const prefix = `${node.machine.id}.`;
  const target = (transition.target ?? []).map((state) => state.id.slice(prefix.length)).join(', ');
  return {
    rule: ruleOf(transition.description),
    state: node.path.join('.') || 'any',
    event,
    guard: nameOf(transition.guard),
    target: target || 'stay',
    actions: transition.actions.map(nameOf),
    what: description.slice(description.indexOf(' ') + 1),
  };
}

function eventName(type: string, transition: Transition): string {
  return type.startsWith(AFTER) ? `after ${String(transition.delay)}` : type;
}

function nameOf(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'type' in value) return String(value.type);
  return '(inline)';
}
