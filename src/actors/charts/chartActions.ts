import type { AnyStateMachine, EventObject } from 'xstate';

/**
 * The actions of a chart, ready to run: XState's own `assign`, `emit`, named delays and `enqueueActions`, called
 * without XState's bookkeeping. What a chart of ours does not use is refused, and then XState runs it.
 */
export interface Args {
  readonly context: Context;
  readonly event: EventObject;
}
export type Context = { readonly [key: string]: unknown };
export type TimerChange =
  | { readonly timer: string; readonly armed: true; readonly delayMs: number }
  | { readonly timer: string; readonly armed: false };

/** What actions have given so far; `context` moves on with each assign. */
export interface Gathered {
  context: Context;
  readonly emitted: EventObject[];
  readonly timers: TimerChange[];
}
export type Action = (gathered: Gathered, event: EventObject) => void;

/**
 * A chart or an action that this cannot run as XState would; XState itself runs it then. The message names what it is.
 */
export class NotCompiled extends Error {}

type Compute = (args: Args) => unknown;
/** XState's built-in actions as they hang in a chart. */
interface BuiltIn {
  readonly type?: string;
  readonly assignment?: Compute | { readonly [key: string]: unknown };
  readonly event?: Compute | EventObject;
  readonly delay?: unknown;
  readonly sendId?: unknown;
  readonly collect?: (args: Args & { enqueue: Enqueue; check: () => never }) => void;
}
interface Enqueue {
  (action: unknown): void;
  assign(assignment: BuiltIn['assignment']): void;
  emit(event: BuiltIn['event']): void;
}

export class ChartActions {
  private readonly named = new Map<string, Action>();

  constructor(
    private readonly machine: AnyStateMachine,
    /** The timer's name by the event that its firing is. */
    private readonly timers: ReadonlyMap<string, string>,
  ) {}

  compile(action: unknown): Action {
    if (typeof action !== 'string') return this.builtIn(action as BuiltIn);
    let compiled = this.named.get(action);
    if (!compiled) {
      compiled = this.builtIn((this.machine.implementations.actions as { [name: string]: unknown })[action] as BuiltIn);
      this.named.set(action, compiled);
    }
    return compiled;
  }

  private builtIn(action: BuiltIn | undefined): Action {
    switch (action?.type) {
      case 'xstate.assign':
        return assigning(action.assignment);
      case 'xstate.emit':
        return emitting(action.event);
      case 'xstate.raise':
        return this.arming(action);
      case 'xstate.cancel':
        return this.cancelling(action);
      case 'xstate.enqueueActions':
        return this.enqueueing(action);
      default:
        throw new NotCompiled(`action "${action?.type ?? 'unknown'}"`);
    }
  }

  private arming({ event, delay }: BuiltIn): Action {
    const timer = this.timers.get((event as EventObject).type);
    if (timer === undefined || delay !== timer)
      throw new NotCompiled(`raise of "${(event as EventObject).type}", which is no named delay`);
    return (gathered, heard) => {
      const wanted = (this.machine.implementations.delays as { [name: string]: unknown })[timer];
      const delayMs =
        typeof wanted === 'function' ? (wanted as Compute)({ context: gathered.context, event: heard }) : wanted;
      if (typeof delayMs !== 'number' || !Number.isFinite(delayMs) || delayMs < 0)
        throw new NotCompiled(`delay "${timer}" is ${String(delayMs)}`);
      gathered.timers.push({ timer, armed: true, delayMs });
    };
  }

  private cancelling({ sendId }: BuiltIn): Action {
    const timer = this.timers.get(sendId as string);
    if (timer === undefined) throw new NotCompiled(`cancel of "${String(sendId)}", which is no named delay`);
    const change: TimerChange = { timer, armed: false };
    return (gathered) => void gathered.timers.push(change);
  }

  private enqueueing({ collect }: BuiltIn): Action {
    // One for all runs: none begins within another.
    let line: Action[] = [];
    const enqueue = ((action: unknown) => void line.push(this.compile(action))) as Enqueue;
    enqueue.assign = (assignment) => void line.push(assigning(assignment));
    enqueue.emit = (emitted) => void line.push(emitting(emitted));
    return (gathered, event) => {
      line = [];
      collect!({ context: gathered.context, event, enqueue, check: refuse });
      for (const action of line) action(gathered, event);
    };
  }
}

function assigning(assignment: BuiltIn['assignment']): Action {
  if (typeof assignment === 'function') {
    return (gathered, event) => {
      const changed = assignment({ context: gathered.context, event }) as Context;
      gathered.context = { ...gathered.context, ...changed };
    };
  }
  const parts = Object.entries(assignment ?? {});
  return (gathered, event) => {
    const args = { context: gathered.context, event };
    const context: { [key: string]: unknown } = { ...gathered.context };
    for (const [key, part] of parts) context[key] = typeof part === 'function' ? (part as Compute)(args) : part;
    gathered.context = context;
  };
}

function emitting(event: BuiltIn['event']): Action {
  return (gathered, heard) => {
    const emitted = typeof event === 'function' ? event({ context: gathered.context, event: heard }) : event;
    if (!emitted) throw new NotCompiled('emit of nothing');
    gathered.emitted.push(emitted as EventObject);
  };
}

function refuse(): never {
  throw new NotCompiled('a check of a guard inside enqueueActions');
}
