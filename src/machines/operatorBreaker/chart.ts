import { assign, emit, setup } from 'xstate';
import { type CallOutcome, provesAlive } from '../kit/callOutcome.js';
import {
  type DeadlineQueue,
  earliest,
  emptyDeadlineQueue,
  enqueue,
  takeEarliest,
  withdraw,
} from '../kit/deadlineQueue.js';
import { bearing, heard } from '../kit/heard.js';
import type { Permit, Stamped } from '../vocabulary/base.js';
import type { Signal } from '../vocabulary/signals.js';

type SignalOf<T extends Signal['type']> = Extract<Signal, { type: T }>;

/** Calls start at least this far apart. */
export const OPERATOR_REST_MS = 1_000;
/** Operators' answers that may wait; past it `permit.denied`. */
export const OPERATOR_WAITING_MAX = 100;
/** A permit that is out longer is taken back, so that a lost outcome cannot silence the operator for good. */
export const OPERATOR_LEASE_MS = 60_000;
/** The breaker that profits from what the operator's calls show. */
export const EVIDENCE_FOR = 'breaker:messages';

export interface OperatorBreakerInput {
  readonly id: string;
  /** Of one that begins anew: one that no permit of the one before has; default 1. */
  readonly generation?: number;
  readonly at: number;
}

export interface OperatorBreakerContext {
  readonly id: string;
  /** Permits of another one are stale. */
  readonly generation: number;
  readonly waiting: DeadlineQueue;
  /** Id of the permit that is out; null: none. */
  readonly permit: string | null;
  readonly grantedAt: number;
  /** What the delay `restMs` waits: what is left of the second since the last grant. */
  readonly restForMs: number;
}

export type OperatorBreakerEvent =
  | Stamped<Pick<SignalOf<'permit.requested'>, 'type' | 'delivery' | 'deadline' | 'operator'>>
  | Stamped<Pick<SignalOf<'permit.cancelled'>, 'type' | 'delivery' | 'deadline'>>
  | Stamped<Pick<SignalOf<'permit.released'>, 'type' | 'permit'>>
  | CallOutcome
  | Stamped<{ readonly type: 'run.started' }>;

export type OperatorBreakerEmitted = SignalOf<'permit.granted' | 'permit.denied' | 'evidence.gathered'>;

/** Every event of the chart; a test compares it with the chart's own keys. */
export const operatorBreakerEventTypes = [
  'permit.requested',
  'permit.cancelled',
  'permit.released',
  'call.succeeded',
  'call.failed',
  'run.started',
] as const satisfies readonly OperatorBreakerEvent['type'][];

type Args = { readonly context: OperatorBreakerContext; readonly event: OperatorBreakerEvent };

const operatorSetup = setup({
  types: {} as {
    context: OperatorBreakerContext;
    events: OperatorBreakerEvent;
    input: OperatorBreakerInput;
    emitted: OperatorBreakerEmitted;
  },
  guards: {
    isListFull: ({ context }) => context.waiting.size >= OPERATOR_WAITING_MAX,
    someoneWaits: ({ context }) => context.waiting.size > 0,
    isMine: (args) => isMine(args),
    isMineAndAlive: (args) => isMine(args) && provesAlive(heard(args.event, 'call.succeeded', 'call.failed')),
  },
  delays: {
    leaseMs: () => OPERATOR_LEASE_MS,
    restMs: ({ context }) => context.restForMs,
  },
  actions: {
    grantRequest: emit(({ context, event }) => granted({ context, event }, waiterOf(event).delivery)),
    grantFirst: emit(({ context, event }) => granted({ context, event }, earliest(context.waiting)?.delivery ?? '')),
    leaveLineFirst: assign({ waiting: ({ context }) => takeEarliest(context.waiting, 1).rest }),
    notePermit: assign({ permit: ({ event }) => `${event.id}.p1`, grantedAt: ({ event }) => event.at }),
    deny: emit(({ event }) => ({ type: 'permit.denied', delivery: waiterOf(event).delivery })),
    joinLine: assign({ waiting: ({ context, event }) => enqueue(context.waiting, waiterOf(event)) }),
    leaveLine: assign({ waiting: ({ context, event }) => withdraw(context.waiting, waiterOf(event)) }),
    tellMain: emit({ type: 'evidence.gathered', breaker: EVIDENCE_FOR }),
    rest: assign(({ context, event }) => ({
      permit: null,
      restForMs: Math.min(Math.max(context.grantedAt + OPERATOR_REST_MS - event.at, 0), OPERATOR_REST_MS),
    })),
    revoke: assign({ generation: ({ context }) => context.generation + 1, permit: null }),
  },
});

const ended = { guard: 'isMine', target: 'resting', actions: 'rest', description: 'OB4 ended: it rests' } as const;

/**
 * The reserved permit: an operator's command is answered while the main breaker is open. One call at a time, at most
 * one a second; it judges nothing itself, but what its calls show pulls the main breaker's probe forward.
 *
 * Bounds: `OPERATOR_WAITING_MAX` waiters, `OPERATOR_LEASE_MS` for a permit. Rules OB1 to OB14: `docs/SPEC.md`.
 */
// biome-ignore format: one transition a row
export const operatorBreakerMachine = operatorSetup.createMachine({
  id: 'operatorBreaker',
  context: ({ input }) => ({
    id: input.id,
    generation: input.generation ?? 1,
    waiting: emptyDeadlineQueue,
    permit: null,
    grantedAt: 0,
    restForMs: 0,
  }),
  initial: { target: 'available', description: 'OB14 born without a past' },
  on: {
    'permit.requested': [
      { guard: 'isListFull', actions: 'deny', description: 'OB3 the list is full: refused' },
      { actions: 'joinLine', description: 'OB2 waits, earliest deadline first' },
    ],
    'permit.cancelled': { actions: 'leaveLine', description: 'OB9 no longer waits' },
    'call.succeeded': { description: 'OB10 not the permit that is out: recorded only' },
    'call.failed': { description: 'OB10 not the permit that is out: recorded only' },
    'permit.released': { description: 'OB10 not the permit that is out: recorded only' },
    'run.started': { actions: 'revoke', description: 'OB11 a new life: permits of the old one end' },
  },
  states: {
    available: {
      on: {
        'permit.requested': { target: 'inUse', actions: ['grantRequest', 'notePermit'],
          description: 'OB1 granted at once' },
      },
    },
    inUse: {
      after: {
        leaseMs: { target: 'resting', actions: ['revoke', 'rest'], description: 'OB8 out too long: taken back' },
      },
      on: {
        'call.succeeded': { guard: 'isMine', target: 'resting', actions: ['rest', 'tellMain'],
          description: 'OB5 a sign of life for the main breaker' },
        'call.failed': [
          { guard: 'isMineAndAlive', target: 'resting', actions: ['rest', 'tellMain'],
            description: 'OB5 a sign of life for the main breaker' },
          ended,
        ],
        'permit.released': ended,
        'run.started': { target: 'resting', actions: ['revoke', 'rest'], description: 'OB12 died with its process' },
      },
    },
    resting: {
      after: {
        restMs: [
          { guard: 'someoneWaits', target: 'inUse', actions: ['grantFirst', 'leaveLineFirst', 'notePermit'],
            description: 'OB6 rested: the earliest deadline goes' },
          { target: 'available', description: 'OB7 rested, nobody waits' },
        ],
      },
    },
  },
});

function waiterOf(event: OperatorBreakerEvent): { deadline: number; delivery: string } {
  const { deadline, delivery } = bearing(event, 'delivery');
  return { deadline, delivery };
}

function isMine({ context, event }: Args): boolean {
  return isHeld(context, bearing(event, 'permit').permit);
}

function isHeld(context: OperatorBreakerContext, permit: Permit): boolean {
  return permit.generation === context.generation && permit.id === context.permit;
}

function granted({ context, event }: Args, delivery: string): SignalOf<'permit.granted'> {
  const permit = { id: `${event.id}.p1`, generation: context.generation };
  return { type: 'permit.granted', delivery, breaker: context.id, permit, probe: false };
}
