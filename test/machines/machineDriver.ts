import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import { createMachineFold, type Folded } from './machineFold.js';

/** One machine in virtual time: events in, emits out, delays fire when their time has come. */
export interface MachineDriver {
  readonly now: number;
  readonly snapshot: AnyMachineSnapshot;
  /** State path, `halfOpen.probing`. */
  readonly state: string;
  /** Rule ids of the transitions of the last event. */
  readonly rules: readonly string[];
  /** What the last `send` or `wait` emitted. */
  readonly emitted: Folded['emitted'];
  /** Delays that run: the event that their firing is, and when it is due. */
  readonly timers: ReadonlyMap<string, number>;
  /** Delivers an event now, stamped. */
  send(event: { readonly type: string; readonly [key: string]: unknown }): void;
  /** Lets time pass. Delays fire in order of time, each at its time or `lateMs` after it. */
  wait(ms: number, lateMs?: number): void;
}

export function createMachineDriver(machine: AnyStateMachine, input: object, startAt = 1_000_000): MachineDriver {
  const fold = createMachineFold(machine);
  const timers = new Map<string, number>();
  let now = startAt;
  let count = 0;
  let last = fold.start({ ...input, at: now });
  let emitted = last.emitted;

  function settle(folded: Folded): void {
    last = folded;
    for (const type of folded.cancelled) timers.delete(type);
    for (const { type, delayMs } of folded.armed) timers.set(type, now + delayMs);
  }
  function deliver(event: { readonly type: string }): void {
    count += 1;
    settle(fold.transition(last.snapshot, { ...event, at: now, id: `f${count}` }));
  }
  function nextDue(): readonly [string, number] | undefined {
    return [...timers].sort((a, b) => a[1] - b[1])[0];
  }
  settle(last);
  return {
    get now() {
      return now;
    },
    get snapshot() {
      return last.snapshot;
    },
    get state() {
      return statePath(last.snapshot.value);
    },
    get rules() {
      return last.taken.map(({ description }) => description?.split(' ', 1)[0] ?? '?');
    },
    get emitted() {
      return emitted;
    },
    timers,
    send(event) {
      deliver(event);
      emitted = last.emitted;
    },
    wait(ms, lateMs = 0) {
      const until = now + ms;
      const heard: Folded['emitted'][number][] = [];
      for (let due = nextDue(); due && due[1] + lateMs <= until; due = nextDue()) {
        now = Math.max(now, due[1] + lateMs);
        timers.delete(due[0]);
        deliver({ type: due[0] });
        heard.push(...last.emitted);
      }
      now = until;
      emitted = heard;
    },
  };
}

/** `{halfOpen: 'probing'}` as `halfOpen.probing`. */
export function statePath(value: unknown): string {
  if (typeof value === 'string') return value;
  return Object.entries(value as object)
    .map(([state, child]) => `${state}.${statePath(child)}`)
    .join(' & ');
}
