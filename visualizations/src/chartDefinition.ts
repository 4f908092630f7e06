/**
 * An xstate 5 chart in the JSON of xstate 4, which the viewers of @xstate/inspect read. Structural: no xstate is imported
 * here, so that the two versions never meet.
 */
export interface ChartNode {
  readonly id: string;
  readonly key: string;
  readonly type: string;
  readonly path: readonly string[];
  readonly initial?: { readonly target?: readonly { readonly path: readonly string[] }[] };
  readonly states: Readonly<Record<string, ChartNode>>;
  readonly transitions: ReadonlyMap<string, readonly ChartTransition[]>;
  readonly always?: readonly ChartTransition[];
  readonly entry: readonly unknown[];
  readonly exit: readonly unknown[];
  readonly tags: readonly string[];
  readonly description?: string;
}
interface ChartTransition {
  readonly target?: readonly { readonly id: string }[];
  readonly guard?: unknown;
  readonly actions: readonly unknown[];
  readonly delay?: unknown;
  readonly reenter?: boolean;
  readonly description?: string;
}
export type Definition = { readonly [key: string]: unknown };

const AFTER = 'xstate.after.';
/** How xstate 5 schedules delays; a viewer of xstate 4 knows its own way. */
const HIDDEN: ReadonlySet<string> = new Set(['xstate.raise', 'xstate.cancel']);

/** The definition of a chart, from its root node. */
export function chartDefinition(root: ChartNode): Definition {
  const on: { [event: string]: Definition[] } = {};
  const after: { [delay: string]: Definition[] } = {};
  for (const [type, transitions] of root.transitions) {
    const rows = transitions.map(transitionOf);
    if (type.startsWith(AFTER)) after[String(transitions[0]?.delay)] = rows;
    else if (type !== '') on[type] = rows;
  }
  const initial = root.type === 'compound' ? root.initial?.target?.[0]?.path[root.path.length] : undefined;
  return {
    id: root.id,
    key: root.key,
    type: root.type,
    initial,
    states: Object.fromEntries(Object.entries(root.states).map(([key, child]) => [key, chartDefinition(child)])),
    on,
    after,
    always: root.always?.map(transitionOf),
    invoke: [],
    entry: actionsOf(root.entry),
    exit: actionsOf(root.exit),
    tags: [...root.tags],
    description: root.description,
  };
}

function transitionOf(transition: ChartTransition): Definition {
  return {
    target: transition.target?.map(({ id }) => `#${id}`),
    cond: transition.guard === undefined ? undefined : { type: nameOf(transition.guard) },
    actions: actionsOf(transition.actions),
    internal: !transition.reenter,
    description: transition.description,
  };
}

function actionsOf(actions: readonly unknown[]): Definition[] {
  return actions.map((action) => ({ type: nameOf(action) })).filter(({ type }) => !HIDDEN.has(type));
}

function nameOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const { type, name } = value as { type?: unknown; name?: unknown };
  return typeof type === 'string' ? type : typeof name === 'string' && name !== '' ? name : 'inline';
}
