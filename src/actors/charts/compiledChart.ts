import type { AnyMachineSnapshot, AnyStateMachine, EventObject } from 'xstate';
import { thrownOf } from '../../base/thrown.js';
import { type Action, ChartActions, type Context, type Gathered, NotCompiled } from './chartActions.js';
import { canonical, entered, exited, type Node, ruleOf, stateValueOf, type Transition, whyNot } from './chartNodes.js';
import type { Fold, Microstep } from './foldTypes.js';

export interface CompiledChart {
  /** null: XState has to do it (and to say what is wrong, where something throws); `refused` says why. */
  start(input: unknown): Fold | null;
  transition(snapshot: AnyMachineSnapshot, event: EventObject): Fold | null;
  readonly refused: string;
}

/** A set of active states, met once and kept: what an event does there is looked up, not worked out again. */
interface Configuration {
  readonly nodes: readonly Node[];
  readonly value: AnyMachineSnapshot['value'];
  /** The step of an event that is ignored here. */
  readonly ignored: Microstep;
  readonly tags: ReadonlySet<string>;
  /** By event type, innermost state first; in parallel states the search goes region by region instead. */
  readonly candidates: Map<string, readonly Candidate[]>;
  readonly eventless: readonly (readonly Candidate[])[];
  readonly isParallel: boolean;
  readonly plans: Map<Transition, Plan>;
}
interface Candidate {
  readonly transition: Transition;
  readonly guard: ((args: { context: Context; event: EventObject }) => boolean) | null;
}
/** One transition out of one configuration. */
interface Plan {
  readonly actions: readonly Action[];
  readonly next: Configuration;
  readonly isDone: boolean;
  readonly microstep: Microstep;
}
interface Run extends Gathered {
  configuration: Configuration;
  isDone: boolean;
  readonly microsteps: Microstep[];
}
/** More eventless steps than this are left to XState, which refuses them. */
const EVENTLESS_MAX = 100;
const NONE: readonly Transition[] = [];
const INIT = 'xstate.init';

/**
 * A chart as tables. XState works out anew for each event which states are left and entered; here that is done once for
 * each transition, and what remains is to ask the guards and run the actions, which are the machine's own. It takes
 * what the machines here are made of: compound and parallel states, eventless and delayed transitions, assign, emit,
 * enqueueActions. No history, invoke, raise, wildcards: then it says what there is of these.
 */
export function compileChart(machine: AnyStateMachine, timers: ReadonlyMap<string, string>): CompiledChart | string {
  const root = machine.root as unknown as Node;
  return whyNot(root) ?? new Chart(machine, root, timers);
}

class Chart implements CompiledChart {
  refused = '';
  private readonly actions: ChartActions;
  private readonly configurations = new Map<string, Configuration>();
  private readonly byNodes = new WeakMap<readonly Node[], Configuration>();
  private readonly template: AnyMachineSnapshot;
  private initial: Plan | null = null;

  constructor(
    private readonly machine: AnyStateMachine,
    private readonly root: Node,
    timers: ReadonlyMap<string, string>,
  ) {
    this.actions = new ChartActions(machine, timers);
    this.template = machine.resolveState({ value: stateValueOf(root, initialNodes(root)), context: {} } as never);
  }

  start(input: unknown): Fold | null {
    try {
      const { context } = this.machine.config as { context?: Context | ((args: object) => Context) };
      this.initial ??= this.initialPlan();
      const run = this.begin(this.initial.next, typeof context === 'function' ? context({ input }) : (context ?? {}));
      const event = { type: INIT, input } as EventObject;
      for (const action of this.initial.actions) action(run, event);
      run.isDone = this.initial.isDone;
      this.settle(run, event);
      return this.end(run, null, null);
    } catch (error) {
      return this.refuse(error); // XState runs it again and says what is wrong
    }
  }

  transition(snapshot: AnyMachineSnapshot, event: EventObject): Fold | null {
    if (snapshot.status !== 'active') return this.refuse(new NotCompiled('an event after the end'));
    try {
      const from = this.configurationOf(snapshot);
      const run = this.begin(from, snapshot.context as Context);
      const chosen = this.choose(run, event);
      if (chosen.length > 1) throw new NotCompiled(`two regions that both hear "${event.type}"`);
      if (chosen.length === 0) run.microsteps.push(run.configuration.ignored);
      else this.take(run, chosen[0]!, event);
      this.settle(run, event);
      return this.end(run, snapshot, from);
    } catch (error) {
      return this.refuse(error);
    }
  }

  private refuse(error: unknown): null {
    this.refused = error instanceof NotCompiled ? error.message : `what its tables threw: ${thrownOf(error).text}`;
    return null;
  }

  private begin(configuration: Configuration, context: Context): Run {
    return { configuration, context, isDone: false, emitted: [], timers: [], microsteps: [] };
  }

  /** Eventless transitions, until none applies. */
  private settle(run: Run, event: EventObject): void {
    for (let steps = 0; !run.isDone && run.configuration.eventless.length > 0; steps += 1) {
      if (steps >= EVENTLESS_MAX) throw new NotCompiled(`more than ${EVENTLESS_MAX} eventless steps`);
      const found = run.configuration.eventless.flatMap((candidates) => firstOf(candidates, run, event));
      const chosen = found.length > 1 ? [...new Set(found)] : found;
      if (chosen.length === 0) return;
      if (chosen.length > 1) throw new NotCompiled('two regions with eventless transitions at once');
      const { configuration, context } = run;
      this.take(run, chosen[0]!, event);
      if (run.configuration === configuration && run.context === context) return;
    }
  }

  private take(run: Run, transition: Transition, event: EventObject): void {
    const plan = run.configuration.plans.get(transition) ?? this.plan(run.configuration, transition);
    for (const action of plan.actions) action(run, event);
    run.configuration = plan.next;
    run.isDone = plan.isDone;
    run.microsteps.push(plan.microstep);
  }

  private end(run: Run, before: AnyMachineSnapshot | null, from: Configuration | null): Fold {
    const { configuration, context, emitted, timers, microsteps, isDone } = run;
    const isSame = before !== null && configuration === from && context === before.context;
    return { snapshot: isSame ? before : this.snapshotOf(configuration, context, isDone), emitted, timers, microsteps };
  }

  /** The same object that XState makes, but for what it would work out again. */
  private snapshotOf(configuration: Configuration, context: Context, isDone: boolean): AnyMachineSnapshot {
    const { machine, matches, hasTag, can, getMeta, toJSON, children, historyValue } = this.template;
    return {
      status: isDone ? 'done' : 'active',
      output: undefined,
      error: undefined,
      machine,
      context,
      _nodes: configuration.nodes,
      value: configuration.value,
      tags: configuration.tags,
      children,
      historyValue,
      matches,
      hasTag,
      can,
      getMeta,
      toJSON,
    } as unknown as AnyMachineSnapshot;
  }

  private choose(run: Run, event: EventObject): readonly Transition[] {
    const { configuration } = run;
    if (configuration.isParallel) return this.chooseIn(this.root, run, event);
    let candidates = configuration.candidates.get(event.type);
    if (!candidates) {
      candidates = innermostFirst(configuration.nodes).flatMap((node) => this.candidatesOf(node, event.type));
      configuration.candidates.set(event.type, candidates);
    }
    return firstOf(candidates, run, event);
  }

  /** The regions' own transitions first; one that contains them only when none of them has any. */
  private chooseIn(node: Node, run: Run, event: EventObject): readonly Transition[] {
    const active = Object.values(node.states).filter((child) => run.configuration.nodes.includes(child));
    const inner = active.flatMap((child) => this.chooseIn(child, run, event));
    return inner.length > 0 ? inner : firstOf(this.candidatesOf(node, event.type), run, event);
  }

  private candidatesOf(node: Node, type: string): readonly Candidate[] {
    return (node.transitions.get(type) ?? []).map((transition) => this.candidate(transition));
  }
  private candidate(transition: Transition): Candidate {
    const { guard } = transition;
    if (guard === undefined) return { transition, guard: null };
    const named = this.machine.implementations.guards as { [name: string]: unknown };
    const check = typeof guard === 'string' ? named[guard] : guard;
    if (typeof check !== 'function' || 'check' in check)
      throw new NotCompiled(`guard "${String(guard)}", which is no function`);
    return { transition, guard: check as NonNullable<Candidate['guard']> };
  }

  private plan(from: Configuration, transition: Transition): Plan {
    const leaving = exited(from.nodes, transition);
    const entering = entered(this.root, transition);
    const nodes = new Set(from.nodes.filter((node) => !leaving.includes(node)));
    for (const node of entering) nodes.add(node);
    const actions = [
      ...leaving.flatMap((node) => node.exit),
      ...transition.actions,
      ...entering.flatMap((node) => node.entry),
    ];
    const plan = this.planTo(from, [...nodes], actions, entering, [ruleOf(transition.description)]);
    from.plans.set(transition, plan);
    return plan;
  }
  private initialPlan(): Plan {
    const nodes = initialNodes(this.root);
    return this.planTo(
      null,
      nodes,
      nodes.flatMap((node) => node.entry),
      nodes,
      [],
    );
  }
  private planTo(
    from: Configuration | null,
    nodes: Node[],
    actions: readonly unknown[],
    entering: readonly Node[],
    rules: readonly string[],
  ): Plan {
    const isDone = entering.some((node) => node.type === 'final');
    const isSameSet =
      from !== null && from.nodes.length === nodes.length && nodes.every((node) => from.nodes.includes(node));
    // What is done leaves all its states, outermost last, and keeps them in that order.
    const last = isDone ? [...nodes].sort((a, b) => b.order - a.order) : nodes;
    const all = isDone ? [...actions, ...last.flatMap((node) => node.exit)] : actions;
    const next = isSameSet ? from : this.configuration(last);
    const microstep = { value: next.ignored.value, rules };
    return { actions: all.map((action) => this.actions.compile(action)), next, isDone, microstep };
  }

  private configurationOf(snapshot: AnyMachineSnapshot): Configuration {
    const nodes = snapshot._nodes as unknown as readonly Node[];
    let known = this.byNodes.get(nodes);
    if (!known) {
      known = this.configuration(nodes);
      this.byNodes.set(nodes, known);
    }
    return known;
  }
  private configuration(nodes: readonly Node[]): Configuration {
    const key = nodes.map((node) => node.order).join(' ');
    let known = this.configurations.get(key);
    if (!known) {
      const atoms = nodes.filter((node) => node.type === 'atomic' || node.type === 'final');
      const value = stateValueOf(this.root, nodes);
      known = {
        nodes,
        value: value as AnyMachineSnapshot['value'],
        ignored: { value: canonical(value), rules: [] },
        tags: new Set(nodes.flatMap((node) => node.tags)),
        candidates: new Map(),
        eventless: atoms.map((atom) => this.eventlessOf(atom)).filter((candidates) => candidates.length > 0),
        isParallel: atoms.length > 1,
        plans: new Map(),
      };
      this.configurations.set(key, known);
      this.byNodes.set(nodes, known);
    }
    return known;
  }
  private eventlessOf(atom: Node): readonly Candidate[] {
    const line: Node[] = [];
    for (let node: Node | undefined = atom; node; node = node.parent) line.push(node);
    return line.flatMap((node) => (node.always ?? []).map((transition) => this.candidate(transition)));
  }
}

function firstOf(candidates: readonly Candidate[], run: Run, event: EventObject): readonly Transition[] {
  const args = { context: run.context, event };
  for (const { transition, guard } of candidates) if (guard === null || guard(args)) return [transition];
  return NONE;
}

function innermostFirst(nodes: readonly Node[]): readonly Node[] {
  return [...nodes].sort((a, b) => b.path.length - a.path.length);
}

function initialNodes(root: Node): Node[] {
  return [...entered(root, null)];
}
