import { contextOf, permitted, stateOf } from './contexts.js';
import { WITH_TURN, waiter } from './givers.js';
import type { Check, Look } from './look.js';

/** [core 35] Nothing waits without a live deadline, and each state has what will wake it. */
const DEADLINE = '[core 35] nothing waits without a live deadline';
const WOKEN = '[core 15] each wait has what will wake it';

/** Nothing of it is out: the end of the reply window ends it. */
const WAITING: readonly string[] = [
  'queued',
  'awaitingPermit',
  'awaitingUpload',
  'uploading',
  'backingOff',
  'steppingDown',
  'continuing',
];

export const delivery: Check = (id, actor, look) => {
  const { state, fail } = look;
  const kind = stateOf(actor);
  const context = contextOf(actor, 'delivery');
  if (WAITING.includes(kind) && !actor.timers.windowMs) fail(DEADLINE, `${id} (${kind}) outlives its window`);
  const types = openTypes(actor.open, look);
  const call = { sending: 'call.start', uploading: 'picture.upload', reading: 'channel.check' }[kind];
  if (call !== undefined && !types.includes(call)) fail(WOKEN, `${id} (${kind}) without a ${call}`);
  const timer = {
    awaitingUpload: 'uploadWaitMs',
    awaitingReading: 'readingWaitMs',
    doubting: 'doubtMs',
    steppingDown: 'rungPauseMs',
    continuing: 'partPauseMs',
    backingOff: 'backOffMs',
    underAudit: 'auditMs',
  }[kind];
  if (timer !== undefined && !actor.timers[timer]) fail(WOKEN, `${id} (${kind}) without ${timer}`);
  waiter(id, look);
  const lane = state.actor(context.lane);
  const laneContext = lane && contextOf(lane, 'lane');
  const holds = laneContext !== undefined && Object.hasOwn(laneContext.holders, id);
  if (WITH_TURN.includes(kind) !== holds)
    fail(
      '[core 32] places counted are places held',
      `${id} (${kind}) ${holds ? 'holds a turn' : 'has no turn'} of ${context.lane}`,
    );
  if (kind === 'queued') {
    const stands =
      laneContext?.ready.some((one) => one.delivery === id) ||
      Object.values(laneContext?.behind ?? {}).some((list) => list.includes(id));
    if (!stands) fail('[core 31] who waits stands in a line', `${id} is queued, not in ${context.lane}`);
  }
  const owner = state.actor(context.message);
  if (kind === 'underAudit' && owner && !contextOf(owner, 'message').isAside)
    fail('[core 38] what waits for its source pauses it not', `${id} is under audit, ${context.message} counts`);
  if (!owner) fail('[core 28] a reply has its message', `${id} (${kind}) of ${context.message}, which has ended`);
};

export const message: Check = (id, actor, look) => {
  const kind = stateOf(actor);
  const { fail } = look;
  if (kind === 'handling') {
    if (!actor.timers.handlerMs) fail(DEADLINE, `${id} is handled without a deadline`);
    if (!openTypes(actor.open, look).includes('handler.run')) fail(WOKEN, `${id} is handled by nobody`);
  }
  const timer = { pausing: 'rerunMs', pairing: 'twinMs' }[kind];
  if (timer !== undefined && !actor.timers[timer]) fail(WOKEN, `${id} (${kind}) without ${timer}`);
};

export const externalCall: Check = (id, actor, look) => {
  const kind = stateOf(actor);
  const timer = { awaitingPermit: 'permitMs', calling: 'callMs' }[kind];
  if (timer !== undefined && !actor.timers[timer]) look.fail(DEADLINE, `${id} (${kind}) without ${timer}`);
  if (kind === 'calling' && !openTypes(actor.open, look).includes('external.run'))
    look.fail(WOKEN, `${id} calls nothing`);
  waiter(id, look);
};

/** States of singletons that only time, or an answer, brings to an end. */
const TIMED: { readonly [machine: string]: { readonly [state: string]: string } } = {
  circuitBreaker: { open: 'openMs', 'halfOpen.probing': 'leaseMs', 'halfOpen.ramping': 'rampStageMs' },
  operatorBreaker: { inUse: 'leaseMs', resting: 'restMs' },
  gateway: {
    discovering: 'discoverMs',
    connecting: 'connectMs',
    greeting: 'helloMs',
    identifying: 'identifyMs',
    resuming: 'resumeMs',
    'ready.alive': 'heartbeatMs',
    'ready.awaitingAck': 'ackMs',
    closing: 'closeGraceMs',
    backingOff: 'backOffMs',
    exhausted: 'limitMs',
    opening: 'openMs',
  },
  accessToken: { absent: 'retryMs', valid: 'refreshMs', doubted: 'uselessMs' },
  recovery: {
    idle: 'checkMs',
    acting: 'actionMs',
    'verifying.waiting': 'verifyMs',
    'verifying.measuring': 'measureMs',
    'escalated.alerted': 'againMs',
  },
  interaction: { acknowledging: 'deadlineMs', pausing: 'retryMs' },
  ownMessages: { forbidden: 'permissionMs' },
  bot: { draining: 'drainMs' },
};
export const timed: Check = (id, actor, { fail }) => {
  const timer = TIMED[actor.machine]?.[stateOf(actor)];
  if (timer !== undefined && !actor.timers[timer]) fail(WOKEN, `${id} (${stateOf(actor)}) without ${timer}`);
};
export const token: Check = (id, actor, look) => {
  const kind = stateOf(actor);
  if ((kind === 'fetching' || kind === 'refreshing') && !openTypes(actor.open, look).includes('token.fetch'))
    look.fail(WOKEN, `${id} is ${kind}, nothing is fetched`);
  timed(id, actor, look);
};

function openTypes(open: readonly string[], { state }: Look): readonly string[] {
  return open.map((id) => state.openEffect(id)?.type ?? 'closed');
}

/** Of a call that starts: inside the window, and by the leave of a breaker that gives leave. */
export function started(effectId: string, { state, fail }: Look): void {
  const effect = permitted(state.openEffect(effectId));
  if (!effect) return;
  const giver = state.actor(effect.breaker);
  const kind = giver ? stateOf(giver) : 'absent';
  if (['open', 'isolated', 'absent', 'starting'].includes(kind))
    fail('[core 32] no call without leave', `${effect.type} ${effectId} under ${effect.breaker}, which is ${kind}`);
  if (kind === 'halfOpen.probing' && giver && contextOf(giver, 'circuitBreaker').probe !== effect.permit.id)
    fail('[core 32] one probe at a time', `${effect.type} ${effectId} is none, ${effect.breaker} is probing`);
  if (effect.type !== 'call.start' && effect.type !== 'picture.upload') return;
  const owner = state.actor(effect.delivery);
  if (!owner) return;
  const { deadline } = contextOf(owner, 'delivery');
  if (state.at >= deadline)
    fail(
      '[core 35] nothing is sent after the reply window',
      `${effectId} of ${effect.delivery}, ${state.at - deadline} ms late`,
    );
}
