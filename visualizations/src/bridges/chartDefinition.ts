/**
 * An xstate 5 chart in the JSON of xstate 4, which the viewers of @xstate/inspect read. Structural: no xstate is
 * imported here, so that the two versions never meet.
 */
export interface ChartNode {
  readonly id: string;
  readonly key: string;
  readonly type: string;
  readonly path: readonly string[];
  readonly history?: 'shallow' | 'deep' | false;
  readonly config: { readonly [key: string]: unknown };
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
const DONE = 'xstate.done.state.';
/** How xstate 5 schedules delays; a viewer of xstate 4 knows its own way. */
const HIDDEN: ReadonlySet<string> = new Set(['xstate.raise', 'xstate.cancel']);

/** The definition of a chart, from its root node, under another id: viewers name a chart by its actor. */
export function chartDefinition(root: ChartNode, id = root.id): Definition {
  return nodeDefinition(root, new Map([[root.id, id]]));
}

function nodeDefinition(node: ChartNode, renamed: ReadonlyMap<string, string>): Definition {
  const rowsOf = (transitions: readonly ChartTransition[] | undefined): Definition[] =>
    (transitions ?? []).map((transition) => transitionOf(transition, renamed));
  const on: { [event: string]: Definition[] } = {};
  const after: { [delay: string]: Definition[] } = {};
  let onDone: Definition[] | undefined; // xstate 4 warns of an empty one at the root
  for (const [type, transitions] of node.transitions) {
    if (type.startsWith(AFTER)) after[String(transitions[0]?.delay)] = rowsOf(transitions);
    else if (type.startsWith(DONE)) onDone = rowsOf(transitions);
    else if (type !== '') on[type] = rowsOf(transitions);
  }
  return {
    id: renamed.get(node.id) ?? node.id,
    key: node.key,
    type: node.type,
    initial: node.type === 'compound' ? node.initial?.target?.[0]?.path[node.path.length] : undefined,
    ...(node.type === 'history' ? { history: node.history, target: node.config.target } : {}),
    states: Object.fromEntries(
      Object.entries(node.states).map(([key, child]) => [key, nodeDefinition(child, renamed)]),
    ),
    on,
    after,
    always: rowsOf(node.always),
    onDone,
    invoke: [],
    entry: actionsOf(node.entry),
    exit: actionsOf(node.exit),
    tags: [...node.tags],
    description: node.description,
  };
}

function transitionOf(transition: ChartTransition, renamed: ReadonlyMap<string, string>): Definition {
  return {
    target: transition.target?.map(({ id }) => `#${renamed.get(id) ?? id}`),
    cond: transition.guard === undefined ? undefined : { type: guardName(transition.guard) },
    actions: actionsOf(transition.actions),
    internal: !transition.reenter,
    description: transition.description,
  };
}

function actionsOf(actions: readonly unknown[]): Definition[] {
  return actions.map((action) => ({ type: nameOf(action) })).filter(({ type }) => !HIDDEN.has(type));
}

/** `and(isA, not(isB))` of a composite guard; a plain one is its name. */
function guardName(guard: unknown): string {
  const parts = (guard as { guards?: readonly unknown[] }).guards;
  return parts ? `${nameOf(guard)}(${parts.map(guardName).join(', ')})` : nameOf(guard);
}

function nameOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const { type, name } = value as { type?: unknown; name?: unknown };
  return typeof type === 'string' ? type : typeof name === 'string' && name !== '' ? name : 'inline';
}

/** The full names of the timers of a chart in xstate 5: `xstate.after.openMs.circuitBreaker.open` by `openMs`. */
export function timerEvents(root: ChartNode): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const walk = (node: ChartNode): void => {
    for (const [type, transitions] of node.transitions)
      if (type.startsWith(AFTER)) found.set(String(transitions[0]?.delay), type);
    for (const child of Object.values(node.states)) walk(child);
  };
  walk(root);
  return found;
}

/** The rule ids of the transitions that need no event of their own: `always` and the end of what is within. */
export function eventlessRules(root: ChartNode): ReadonlySet<string> {
  const found = new Set<string>();
  const walk = (node: ChartNode): void => {
    const done = [...node.transitions].filter(([type]) => type.startsWith(DONE)).flatMap(([, rows]) => rows);
    for (const { description } of [...(node.always ?? []), ...done]) found.add(String(description).split(' ', 1)[0]!);
    for (const child of Object.values(node.states)) walk(child);
  };
  walk(root);
  return found;
}

/** The name of a timer's event in xstate 4: `xstate.after(openMs)#circuitBreaker.open`. */
export function timerEventOf4(type: string, timer: string): string {
  return `xstate.after(${timer})#${type.slice(AFTER.length + timer.length + 1)}`;
}
