import { assign, setup } from 'xstate';
import { bearing, heard } from '../kit/heard.js';
import {
  emptyContext,
  type FeatureContext,
  type FeatureEvent,
  type FeatureInput,
  forgotten,
  isHostWide,
  isLastStraw,
  isPermission,
  isTooLong,
  kept,
  throttlesWith,
  waitAfterThrottle,
  withOptions,
} from './context.js';

export type { FeatureContext, FeatureInput };

export const featureEventTypes = [
  'form.refused',
  'form.accepted',
  'form.wanted',
  'form.undecided',
  'call.throttled',
  'network.failed',
  'api.answered',
  'operator.forced',
  'operator.unforced',
  'recovery.forced',
  'run.started',
] as const satisfies readonly FeatureEvent['type'][];

const isCanary = ({ context, event }: { context: FeatureContext; event: FeatureEvent }): boolean =>
  bearing(event, 'delivery').delivery === context.canary;

const tooLong = { guard: 'isTooLong', description: 'F5 too long: about this content, not about the form' } as const;
const network = {
  target: 'suspended',
  actions: 'suspendForNetwork',
  description: 'F6 the host cannot be reached: off',
} as const;
const nobody = {
  target: 'suspended',
  actions: 'waitNoMore',
  description: 'F20 the trying reply died with its process: the next one tries',
} as const;
const unforced = { target: 'enabled', actions: 'restore', description: 'F30 the operator lets go: on' } as const;

/**
 * One ability that can be degraded: on, off for a reason and until a deadline, and back on by itself, after one reply
 * has tried it (the canary) where the form was what failed. It judges its own form only; whether the API works is the
 * breaker's business. While `suspended`, `isDue` says that the wait is over and the next reply may try.
 *
 * Bounds: `REFUSALS_MAX` contents and `THROTTLES_MAX` throttled answers are remembered, one canary is out at a time and
 * for `leaseMs` at most. Rules F1 to F32: `docs/SPEC.md`.
 */
const featureSetup = setup({
  types: {} as { context: FeatureContext; input: FeatureInput; events: FeatureEvent; tags: 'on' },
  guards: {
    isTooLong: ({ event }) => isTooLong(heard(event, 'form.refused')),
    isPermission: ({ event }) => isPermission(heard(event, 'form.refused')),
    isLastStraw: ({ context, event }) => isLastStraw(context, heard(event, 'form.refused')),
    isHostWide: ({ context, event }) =>
      isHostWide(heard(event, 'call.throttled')) || throttlesWith(context, heard(event, 'call.throttled')).isMany,
    isDue: ({ context }) => context.isDue,
    isRateLimited: ({ context }) => context.reason === 'rateLimited',
    isForNetwork: ({ context }) => context.reason === 'network',
    isCanary,
    isCanaryTooLong: (args) => isCanary(args) && isTooLong(heard(args.event, 'form.refused')),
    isCanaryForbidden: (args) => isCanary(args) && isPermission(heard(args.event, 'form.refused')),
    isProven: ({ context }) => context.accepted + 1 >= context.options.probationCount,
    isOn: ({ event }) => heard(event, 'operator.forced').on,
  },
  actions: {
    rememberRefusal: assign(({ context, event }) => ({
      refusals: [...kept(context, event.at), { content: heard(event, 'form.refused').content, at: event.at }],
    })),
    forgetRefusals: assign({ refusals: [] }),
    rememberThrottle: assign(({ context, event }) => ({
      throttles: throttlesWith(context, heard(event, 'call.throttled')).list,
    })),
    suspendForRefusal: assign(({ context, event }) => ({
      ...forgotten,
      reason: 'refused' as const,
      code: heard(event, 'form.refused').code,
      waitMs: context.options.canaryMs,
      nextWaitMs: context.options.canaryMs,
    })),
    suspendLonger: assign(({ context, event }) => {
      const { canaryFactor, canaryMaxMs, canaryMs } = context.options;
      const waitMs = Math.min(
        Math.max(canaryMaxMs, canaryMs),
        Math.round(Math.max(context.nextWaitMs, canaryMs) * canaryFactor),
      );
      return {
        ...forgotten,
        reason: 'refused' as const,
        code: heard(event, 'form.refused').code,
        waitMs,
        nextWaitMs: waitMs,
      };
    }),
    suspendForPermission: assign(({ context, event }) => ({
      ...forgotten,
      reason: 'notPermitted' as const,
      code: heard(event, 'form.refused').code,
      waitMs: context.options.permissionMs,
    })),
    suspendForNetwork: assign(({ context }) => ({
      ...forgotten,
      reason: 'network' as const,
      waitMs: context.options.networkMs,
    })),
    suspendForLimit: assign(({ context, event }) => ({
      ...forgotten,
      reason: 'rateLimited' as const,
      code: heard(event, 'call.throttled').code,
      ...waitAfterThrottle(context, heard(event, 'call.throttled')),
    })),
    markDue: assign({ isDue: true }),
    waitNoMore: assign({ isDue: false, waitMs: 0, canary: null }),
    takeCanary: assign({ canary: ({ event }) => heard(event, 'form.wanted').delivery, isDue: false }),
    startProbation: assign({ ...forgotten, accepted: 0 }),
    countAccepted: assign({ accepted: ({ context }) => context.accepted + 1 }),
    restore: assign({ ...forgotten, reason: null, code: null, nextWaitMs: 0 }),
    force: assign(({ event }) => ({
      ...forgotten,
      reason: 'operator' as const,
      note: heard(event, 'operator.forced').reason,
      waitMs: heard(event, 'operator.forced').forMs,
    })),
    beginLife: assign(({ event }) => withOptions(heard(event, 'run.started').options)),
  },
  delays: {
    suspendMs: ({ context }) => context.waitMs,
    leaseMs: ({ context }) => context.options.leaseMs,
    probationMs: ({ context }) => context.options.probationMs,
    forcedOffMs: ({ context }) => context.waitMs,
    forcedOnMs: ({ context }) => context.waitMs,
  },
});

// biome-ignore format: one transition a row
export const featureMachine = featureSetup.createMachine({
  id: 'feature',
  context: ({ input }) => ({ ...emptyContext, id: input.id, options: input.options }),
  initial: { target: 'enabled', description: 'F1 every feature is on at first' },
  on: {
    'operator.forced': [
      { guard: 'isOn', target: '.forcedOn', actions: 'force',
        description: 'F2 the operator says on, until the time named' },
      { target: '.forcedOff', actions: 'force', description: 'F3 the operator says off, until the time named' },
    ],
    'recovery.forced': { target: '.enabled', actions: 'restore',
      description: 'F4 a forced recovery: on, whatever was' },
    'run.started': { actions: 'beginLife', description: 'F31 a new process life: deadlines go on' },
  },
  states: {
    enabled: {
      tags: 'on',
      on: {
        'form.refused': [
          tooLong,
          { guard: 'isPermission', target: 'suspended', actions: 'suspendForPermission',
            description: 'F7 no permission for this form: off for long' },
          { guard: 'isLastStraw', target: 'suspended', actions: 'suspendForRefusal',
            description: 'F8 refused for different contents: it is the form' },
          { actions: 'rememberRefusal', description: 'F9 refused for one content: it may be the content' },
        ],
        'form.accepted': { actions: 'forgetRefusals', description: 'F10 accepted: it was the content' },
        'network.failed': network,
        'call.throttled': [
          { guard: 'isHostWide', target: 'suspended', actions: 'suspendForLimit',
            description: 'F11 a limit of the whole host: off' },
          { actions: 'rememberThrottle', description: 'F12 a limit somewhere: remembered' },
        ],
      },
    },
    suspended: {
      on: {
        'form.wanted': { guard: 'isDue', target: 'probing', actions: 'takeCanary',
          description: 'F13 the wait is over: this reply tries the form' },
        'form.refused': { description: 'F14 refused before it was off: nothing new' },
        'api.answered': { guard: 'isForNetwork', target: 'enabled', actions: 'restore',
          description: 'F15 the host answers: on, since the form was never refused' },
        'call.throttled': { guard: 'isHostWide', target: 'suspended', reenter: true, actions: 'suspendForLimit',
          description: 'F16 limited again: the one deadline moves' },
      },
      after: {
        suspendMs: [
          { guard: 'isRateLimited', target: 'enabled', actions: 'restore', description: 'F17 the limit is over: on' },
          { actions: 'markDue', description: 'F18 the wait is over: the next reply may try' },
        ],
      },
    },
    probing: {
      on: {
        'form.accepted': { guard: 'isCanary', target: 'restoring', actions: 'startProbation',
          description: 'F19 the trying reply was accepted: on, on probation' },
        'form.refused': [
          { guard: 'isCanaryTooLong', target: 'suspended', actions: 'waitNoMore',
            description: 'F21 its content was too long: the next reply tries' },
          { guard: 'isCanaryForbidden', target: 'suspended', actions: 'suspendForPermission',
            description: 'F22 still no permission: off for long' },
          { guard: 'isCanary', target: 'suspended', actions: 'suspendLonger',
            description: 'F23 still refused: wait longer' },
        ],
        'form.undecided': { guard: 'isCanary', target: 'suspended', actions: 'waitNoMore',
          description: 'F24 its call showed nothing: the next reply tries' },
        'run.started': { ...nobody, actions: ['beginLife', 'waitNoMore'] },
      },
      after: { leaseMs: { target: 'suspended', actions: 'waitNoMore',
        description: 'F25 out too long: the next reply tries' } },
    },
    restoring: {
      tags: 'on',
      on: {
        'form.accepted': [
          { guard: 'isProven', target: 'enabled', actions: 'restore',
            description: 'F26 accepted often enough: whole again' },
          { actions: 'countAccepted', description: 'F27 accepted' },
        ],
        'form.refused': [
          tooLong,
          { target: 'suspended', actions: 'suspendLonger',
            description: 'F28 refused again on probation: off, for longer' },
        ],
        'network.failed': network,
      },
      after: { probationMs: { target: 'enabled', actions: 'restore',
        description: 'F29 no refusal for a while: whole again' } },
    },
    forcedOff: {
      on: { 'operator.unforced': unforced },
      after: { forcedOffMs: { ...unforced, description: 'F32 the time that the operator named is over: on' } },
    },
    forcedOn: {
      tags: 'on',
      on: { 'operator.unforced': unforced },
      after: { forcedOnMs: { ...unforced, description: 'F32 the time that the operator named is over: on' } },
    },
  },
});
