import type { StateValue } from '../ports.js';

/** Parts of a chart as XState keeps them, and which states a transition leaves and enters. */
export interface Node {
  readonly id: string;
  readonly key: string;
  readonly order: number;
  readonly path: readonly string[];
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  readonly parent?: Node;
  readonly states: { readonly [key: string]: Node };
  readonly initial?: { readonly target: readonly Node[]; readonly actions: readonly unknown[] };
  readonly transitions: ReadonlyMap<string, readonly Transition[]>;
  readonly always?: readonly Transition[];
  readonly entry: readonly unknown[];
  readonly exit: readonly unknown[];
  readonly invoke: readonly unknown[];
  readonly output?: unknown;
  readonly tags: readonly string[];
}
export interface Transition {
  readonly source: Node;
  readonly target?: readonly Node[];
  readonly reenter: boolean;
  readonly guard?: unknown;
  readonly actions: readonly unknown[];
  readonly description?: string;
}

/** What XState calls the firing of a named delay begins so; a state path follows. */
export const AFTER = 'xstate.after.';

/** The states that a transition leaves, innermost first. */
export function exited(active: readonly Node[], transition: Transition): readonly Node[] {
  if (!transition.target?.length) return [];
  const domain = domainOf(transition);
  const leaving = active.filter(
    (node) => isInside(node, domain) || (node === domain && transition.reenter && transition.source === domain),
  );
  return leaving.sort((a, b) => b.order - a.order);
}

/** The states that a transition enters, outermost first; null: the start of the chart. */
export function entered(root: Node, transition: Transition | null): readonly Node[] {
  const entering = new Set<Node>();
  if (transition === null) addWithin(root, entering);
  else {
    const domain = domainOf(transition);
    for (const target of transition.target ?? []) {
      const isNew = target !== transition.source || transition.source !== domain || transition.reenter;
      if (isNew) entering.add(target);
      addInitial(target, entering);
      for (let node = target.parent; node && node !== domain; node = node.parent) {
        entering.add(node);
        if (node.type === 'parallel') addOtherRegions(node, entering);
      }
      if (domain?.type === 'parallel') addOtherRegions(domain, entering);
    }
  }
  return [...entering].sort((a, b) => a.order - b.order);
}

function addWithin(node: Node, entering: Set<Node>): void {
  entering.add(node);
  addInitial(node, entering);
}
/** What is entered by default inside a state. */
function addInitial(node: Node, entering: Set<Node>): void {
  if (node.type === 'parallel') addOtherRegions(node, entering);
  for (const target of node.type === 'compound' ? (node.initial?.target ?? []) : []) {
    for (let between = target.parent; between && between !== node; between = between.parent) entering.add(between);
    addWithin(target, entering);
  }
}
function addOtherRegions(parallel: Node, entering: Set<Node>): void {
  for (const region of Object.values(parallel.states)) {
    if (![...entering].some((node) => node === region || isInside(node, region))) addWithin(region, entering);
  }
}

/** The innermost state that a transition leaves standing; undefined: not even the root. */
function domainOf({ source, target = [], reenter }: Transition): Node | undefined {
  if (!reenter && target.every((node) => node === source || isInside(node, source))) return source;
  const all = [...target, source];
  for (let node = target[0]?.parent; node; node = node.parent) {
    const common = node;
    if (all.slice(1).every((other) => isInside(other, common))) return common;
  }
  return reenter ? undefined : rootOf(source);
}
function isInside(node: Node, outer: Node | undefined): boolean {
  if (outer === undefined) return true;
  for (let at = node.parent; at; at = at.parent) if (at === outer) return true;
  return false;
}
function rootOf(node: Node): Node {
  return node.parent ? rootOf(node.parent) : node;
}

/** The state value that XState gives these states. */
export function stateValueOf(root: Node, nodes: readonly Node[]): StateValue {
  const inside = (node: Node): StateValue => {
    const children = nodes.filter((child) => child.parent === node);
    const [only] = children;
    if (node.type === 'compound' && only && (only.type === 'atomic' || only.type === 'final')) return only.key;
    return Object.fromEntries(
      (node.type === 'compound' ? children.slice(0, 1) : children).map((child) => [child.key, inside(child)]),
    );
  };
  return inside(root);
}

/** Keys of parallel regions in one order, so that a state is the same bytes live and restored. */
export function canonical(value: StateValue): StateValue {
  if (typeof value === 'string') return value;
  const keys = Object.keys(value);
  if (keys.length === 1) {
    const child = value[keys[0]!]!;
    return typeof child === 'string' ? value : { [keys[0]!]: canonical(child) };
  }
  return Object.fromEntries(keys.sort().map((key) => [key, canonical(value[key]!)]));
}

/** The rule id that a description starts with; '?' where there is none (a test forbids that). */
export function ruleOf(description: string | undefined): string {
  if (description === undefined) return '?';
  let rule = rules.get(description);
  if (rule === undefined) {
    rule = description.split(' ', 1)[0] || '?';
    rules.set(description, rule);
  }
  return rule;
}
/** By description: as many as there are rows in the charts. */
const rules = new Map<string, string>();

/** What of a chart cannot be run from tables; null: nothing. */
export function whyNot(node: Node): string | null {
  const where = node.path.length === 0 ? 'the chart' : `state "${node.path.join('.')}"`;
  const odd = [...node.transitions.keys()].find((name) => name.includes('*') || /^xstate\.(done|error)/.test(name));
  if (node.type === 'history') return `${where} is a history`;
  if (node.invoke.length > 0) return `${where} invokes`;
  if (node.output !== undefined) return `${where} has an output`;
  if (node.type === 'final' && node.parent?.parent !== undefined) return `${where} is final inside another state`;
  if ((node.initial?.actions ?? []).length > 0) return `${where} has actions on its way in`;
  if (odd !== undefined) return `${where} waits for "${odd}"`;
  return Object.values(node.states).reduce<string | null>((why, child) => why ?? whyNot(child), null);
}
