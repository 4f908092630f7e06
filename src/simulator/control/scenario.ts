import type { Timers } from '../kit/timers.js';

/** Steps of one scenario. */
export const SCENARIO_STEPS_MAX = 1_000;
/** Latest step of a scenario. */
export const SCENARIO_MAX_MS = 86_400_000;
/** Scenarios under way, and scenarios remembered. */
export const SCENARIOS_MAX = 10;

/** What a step can do; `clear` names an earlier step's fault, or is true for every fault in force. */
export interface Step<Fault = unknown, Message = unknown, Event = unknown> {
  readonly atMs: number;
  readonly as?: string | undefined;
  readonly fault?: Fault | undefined;
  readonly message?: Message | undefined;
  readonly event?: Event | undefined;
  readonly frames?: string | undefined;
  readonly clear?: string | true | undefined;
}
export interface Actions<Fault, Message, Event> {
  fault(request: Fault): { readonly id: string };
  message(message: Message): unknown;
  event(event: Event): unknown;
  frames(raw: string): unknown;
  /** All faults, or one. */
  clear(id?: string): void;
}
export interface StepProgress {
  readonly id: string;
  readonly atMs: number;
  readonly does: 'fault' | 'message' | 'event' | 'frames' | 'clear';
  readonly as: string | null;
  doneAt: number | null;
  result: unknown;
  error: string | null;
}
export interface Progress {
  readonly id: string;
  readonly startedAt: number;
  state: 'running' | 'finished' | 'stopped';
  readonly steps: readonly StepProgress[];
}
interface Running<S> {
  readonly progress: Progress;
  readonly steps: readonly S[];
  readonly faultIds: Map<string, string>;
  callOff: () => void;
}
/** Told as 400 by the control API. */
export class BadScenario extends RangeError {
  readonly statusCode = 400;
}

/** Timed lists of what happens to the platform. */
export class Scenarios<Fault, Message, Event> {
  private list: Running<Step<Fault, Message, Event>>[] = [];
  private serial = 0;

  constructor(
    private readonly actions: Actions<Fault, Message, Event>,
    private readonly timers: Timers,
  ) {}

  /** Starts at once; steps of the same moment happen in the order in which they stand. */
  start(steps: readonly Step<Fault, Message, Event>[]): Progress {
    checkNames(steps);
    if (this.list.filter(({ progress }) => progress.state === 'running').length >= SCENARIOS_MAX)
      throw new BadScenario(`${SCENARIOS_MAX} scenarios are running; DELETE /sim/scenario first`);
    this.serial += 1;
    const id = `scenario-${this.serial}`;
    const sorted = steps
      .map((step, index) => ({ step, id: `${id}.${index + 1}` }))
      .sort((a, b) => a.step.atMs - b.step.atMs);
    const progress: Progress = {
      id,
      startedAt: this.timers.now(),
      state: 'running',
      steps: sorted.map(({ step, id: stepId }) => ({
        id: stepId,
        atMs: step.atMs,
        does: doingOf(step),
        as: step.as ?? null,
        doneAt: null,
        result: null,
        error: null,
      })),
    };
    const running = { progress, steps: sorted.map(({ step }) => step), faultIds: new Map(), callOff: () => undefined };
    this.list.push(running);
    const over = this.list.findIndex((old) => old.progress.state !== 'running');
    if (this.list.length > SCENARIOS_MAX && over >= 0) this.list.splice(over, 1);
    this.advance(running, 0);
    return progress;
  }
  all(): readonly Progress[] {
    return this.list.map(({ progress }) => progress);
  }
  /** No further step happens, and the faults that it added end. The number of those stopped. */
  stop(id?: string): number {
    const stopped = this.list.filter(
      ({ progress }) => progress.state === 'running' && (id === undefined || progress.id === id),
    );
    for (const running of stopped) {
      running.callOff();
      running.progress.state = 'stopped';
      for (const faultId of running.faultIds.values()) this.actions.clear(faultId);
    }
    return stopped.length;
  }

  private advance(running: Running<Step<Fault, Message, Event>>, elapsedMs: number): void {
    const { progress, steps } = running;
    for (const [index, step] of steps.entries()) {
      const state = progress.steps[index]!;
      if (state.doneAt !== null) continue;
      if (step.atMs > elapsedMs) {
        const waitMs = Math.max(0, progress.startedAt + step.atMs - this.timers.now());
        running.callOff = this.timers.after(waitMs, () => this.advance(running, step.atMs));
        return;
      }
      this.perform(running, step, state);
    }
    progress.state = 'finished';
  }
  private perform(
    { faultIds }: Running<Step<Fault, Message, Event>>,
    step: Step<Fault, Message, Event>,
    state: StepProgress,
  ): void {
    state.doneAt = this.timers.now();
    try {
      state.result = this.act(step, state, faultIds);
    } catch (error) {
      state.error = (error as Error).message;
    }
  }
  private act(step: Step<Fault, Message, Event>, { id }: StepProgress, faultIds: Map<string, string>): unknown {
    const { fault, message, event, frames, clear, as = id } = step;
    if (fault !== undefined) {
      const added = this.actions.fault(fault);
      faultIds.set(as, added.id);
      return { id: added.id };
    }
    if (message !== undefined) return this.actions.message(message);
    if (event !== undefined) return this.actions.event(event);
    if (frames !== undefined) return this.actions.frames(frames);
    this.actions.clear(clear === true ? undefined : faultIds.get(clear!));
    return {};
  }
}

const DOINGS = ['fault', 'message', 'event', 'frames', 'clear'] as const;
function doingOf(step: Step): StepProgress['does'] {
  return DOINGS.find((doing) => step[doing] !== undefined)!;
}

/** Each step does exactly one thing, and `clear` names the fault of a step that comes no later. */
function checkNames(steps: readonly Step[]): void {
  for (const [index, step] of steps.entries()) {
    const doings = DOINGS.filter((doing) => step[doing] !== undefined);
    if (doings.length !== 1)
      throw new BadScenario(
        `steps.${index}: exactly one of ${DOINGS.join(', ')} is needed, not ${doings.join(' and ') || 'none'}`,
      );
    const { clear } = step;
    if (clear === undefined || clear === true) continue;
    const named = steps.find((other) => other.as === clear && other.fault !== undefined);
    if (!named || named.atMs > step.atMs)
      throw new BadScenario(`steps.${index}.clear: no fault named "${clear}" (as) is added before`);
  }
}
