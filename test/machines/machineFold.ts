import { type AnyMachineSnapshot, type AnyStateMachine, type AnyTransitionDefinition, createActor } from 'xstate';

/** An event as a machine hears it. */
export interface HeardEvent {
  readonly type: string;
  readonly at: number;
  readonly id: string;
}

/** What one event did. */
export interface Folded {
  readonly snapshot: AnyMachineSnapshot;
  /** Transitions really taken, eventless ones included; empty: the event was ignored. */
  readonly taken: readonly AnyTransitionDefinition[];
  readonly emitted: readonly { readonly type: string; readonly [key: string]: unknown }[];
  /** Delays armed, by the event that their firing is. */
  readonly armed: readonly { readonly type: string; readonly delayMs: number }[];
  readonly cancelled: readonly string[];
}

/**
 * Folds a machine purely, for tests: small, and independent of the fold that the bot uses. A throw in the machine comes
 * through; an action that is neither emit, delay nor cancel is an error, as it would be in the bot.
 */
export function createMachineFold(machine: AnyStateMachine): {
  start(input: unknown): Folded;
  transition(snapshot: AnyMachineSnapshot, event: HeardEvent): Folded;
} {
  const actions: { type: string; params?: unknown }[] = [];
  const taken: AnyTransitionDefinition[] = [];
  const self = createActor(machine);
  const system = {
    ...self.system,
    _sendInspectionEvent(event: { type: string; _transitions?: readonly AnyTransitionDefinition[] }) {
      if (event.type === '@xstate.microstep') taken.push(...(event._transitions ?? []));
    },
  };
  const nothing = () => undefined;
  const scope = {
    self,
    system,
    id: '',
    sessionId: '',
    logger: nothing,
    defer: nothing,
    stopChild: nothing,
    emit: nothing,
  };
  const collecting = { ...scope, actionExecutor: (action: { type: string }) => actions.push(action) };

  function fold(run: () => AnyMachineSnapshot): Folded {
    actions.length = 0;
    taken.length = 0;
    const snapshot = run();
    if (snapshot.status === 'error') throw snapshot.error;
    return { snapshot, taken: [...taken], ...sorted(machine, actions) };
  }
  return {
    start: (input) => fold(() => machine.getInitialSnapshot(collecting as never, input as never)),
    transition: (snapshot, event) => fold(() => machine.transition(snapshot, event, collecting as never)),
  };
}

function sorted(
  machine: AnyStateMachine,
  actions: readonly { type: string; params?: unknown }[],
): Pick<Folded, 'emitted' | 'armed' | 'cancelled'> {
  const emitted: Folded['emitted'][number][] = [];
  const armed: Folded['armed'][number][] = [];
  const cancelled: string[] = [];
  for (const { type, params } of actions) {
    const of = params as { event: { type: string }; delay?: number; sendId?: string } | undefined;
    if (type === 'xstate.emit' && of) emitted.push(of.event);
    else if (type === 'xstate.raise' && of?.delay !== undefined) armed.push({ type: of.event.type, delayMs: of.delay });
    else if (type === 'xstate.cancel') {
      const id = typeof params === 'string' ? params : String(of?.sendId);
      cancelled.push(id);
      // A state that was passed through has armed and cancelled in one step.
      const passed = armed.findIndex((one) => one.type === id);
      if (passed >= 0) armed.splice(passed, 1);
    } else throw new Error(`${machine.id}: the action "${type}" would do something itself`);
  }
  return { emitted, armed, cancelled };
}
