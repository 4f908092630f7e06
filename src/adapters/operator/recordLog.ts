import type { Log, Record, Step } from '../../actors/ports.js';
import type { SystemState } from '../../actors/step/state.js';
import type { CircuitBreakerContext } from '../../machines/circuitBreaker/context.js';
import type { GatewayContext } from '../../machines/gateway/context.js';
import { rowOf } from '../../machines/kit/byKey.js';
import { namesOfIntents } from '../qq/intents.js';
import { refusalOf } from '../qq/refusals.js';

type Line = { readonly level: keyof Log; readonly fields: object; readonly text: string };
type Say = (record: Record, state: SystemState) => Line | null;

/**
 * What an operator reads, made from records alone: one line for a fact or a step that means something to a person.
 * docs/SPEC.md has the table. Everything else is in the journal.
 */
export function createRecordLog(log: Log): (record: Record, state: SystemState) => void {
  return (record, state) => {
    const say = rowOf(byFact, record.fact.type);
    const line = say?.(record, state);
    if (line) log[line.level]({ seq: record.seq, ...line.fields }, line.text);
    for (const step of record.steps) {
      const stepLine = ofStep(step, record, state);
      if (stepLine) log[stepLine.level]({ seq: record.seq, actor: step.actor, ...stepLine.fields }, stepLine.text);
    }
  };
}

const byFact: { readonly [type: string]: Say } = {
  'run.started': ({ fact }) =>
    fact.type === 'run.started' ? info('Process life {epoch} begins', { epoch: fact.epoch }) : null,
  'stop.requested': ({ fact }) =>
    fact.type === 'stop.requested' ? info('Stop requested ({signal}): draining', { signal: fact.signal }) : null,
  'time.lost': ({ fact }) =>
    fact.type === 'time.lost'
      ? warn(
          fact.cause === 'slept'
            ? 'The machine slept for {seconds}s: what came meanwhile is read before anything is judged'
            : 'The process stood still for {seconds}s (a handler that computes, or it was stopped): what came meanwhile is read before anything is judged',
          { seconds: fact.lostMs / 1_000 },
        )
      : null,
  'clock.stepped': ({ fact }) =>
    fact.type === 'clock.stepped'
      ? warn(
          'The clock of this machine was set by {seconds}s: waits go on unmoved, what QQ dates goes by the new time',
          {
            seconds: fact.stepMs / 1_000,
            apartMs: fact.apartMs,
          },
        )
      : null,
  'frame.rejected': ({ fact }) =>
    fact.type === 'frame.rejected'
      ? warn('Malformed frame ignored: {reason}', { reason: fact.reason, bytes: fact.bytes })
      : null,
  'message.duplicated': ({ fact }) =>
    fact.type === 'message.duplicated' ? debug('Duplicate message ignored', { message: fact.message }) : null,
  'event.unrecognised': ({ fact }) =>
    fact.type === 'event.unrecognised' ? debug('Event without a use: {name}', { name: fact.name }) : null,
  'effect.interrupted': ({ fact }) =>
    fact.type === 'effect.interrupted'
      ? warn('Cut off by the end of the last process', { effectId: fact.effectId })
      : null,
  'effect.failed': ({ fact }) =>
    fact.type === 'effect.failed' ? error('An adapter failed: {error}', { error: fact.error }) : null,
  'handler.failed': ({ fact }) =>
    fact.type === 'handler.failed'
      ? warn('Handler failed ({reason}): {error}', { reason: fact.reason, error: fact.error })
      : null,
  'token.fetchFailed': ({ fact }) =>
    fact.type === 'token.fetchFailed'
      ? warn('No access token ({class} {code})', { class: fact.class, code: fact.code, status: fact.status })
      : null,
  'gateway.discoveryFailed': ({ fact }) =>
    fact.type === 'gateway.discoveryFailed'
      ? warn('No gateway address ({class} {code})', { class: fact.class, code: fact.code, status: fact.status })
      : null,
  'actor.quarantined': ({ fact }) =>
    fact.type === 'actor.quarantined'
      ? error('Replay differs from the record at seq {divergedAt}: {quarantined} is taken out', {
          divergedAt: fact.seq,
          quarantined: fact.actor,
          recorded: fact.recorded,
          recomputed: fact.recomputed,
        })
      : null,
};

/** By rule; rules that open or close something worth a line. */
const byRule: { readonly [rule: string]: (step: Step, record: Record, state: SystemState) => Line | null } = {
  W19: () => info('Gateway ready: new session', {}),
  W32: () => info('Gateway ready: session resumed', {}),
  W25: (_step, record) => error('Gateway stopped for good: {reason}', { reason: closeReason(record) }),
  W24: (_step, _record, state) =>
    warn('QQ refuses the intents (4014): trying the base intents; on q.qq.com apply for one of {intents}', {
      intents: intentsBeyondBase(state),
    }),
  W57: (_step, record, state) =>
    warn('No gateway session is left to start: waiting {seconds}s', {
      seconds: pauseOf(state, 'gateway', 'limitMs', record.at),
    }),
  W60: () => warn('QQ makes no gateway session (4903): new token, and the sessions left are asked for', {}),
  W63: () => info('Webhook open: waiting for pushes', {}),
  T17: (_step, record, state) =>
    warn('QQ refuses an access token that has only just come: another in {seconds}s', {
      seconds: pauseOf(state, 'token', 'uselessMs', record.at),
    }),
  N2: () => warn('An interaction was not acknowledged in time', {}),
  N5: (_step, record) => warn('QQ does not take the acknowledgement of an interaction', { code: codeOf(record) }),
  D27: (_step, record) => info('Links refused, sending the message without them', { code: codeOf(record) }),
  D28: (_step, record) => info('No @everyone left today, sending the message without it', { code: codeOf(record) }),
  D29: (_step, record) => info('Too long for QQ, sending the message in shorter parts', { code: codeOf(record) }),
  D30: (_step, record) => info('Picture not to be had, sending its link or name', { code: codeOf(record) }),
  D31: () => info('A reply was cut off by a kill and is sent again under its key', {}),
  D34: () => warn('The audit refused a message', {}),
  W42: () => warn('Gateway does not answer heartbeats: reconnecting', {}),
  T5: () => error('QQ refuses the credentials', {}),
  T13: () => error('QQ refuses the credentials', {}),
  D5: retrying,
  D7: retryingSlowly,
  D51: (step, record, state) =>
    warn(
      refusalOf(codeOf(record) ?? '')?.[state.options?.locale ?? 'en'] ??
        'The bot is muted: trying again in {seconds}s',
      {
        code: codeOf(record),
        seconds: pauseSeconds(step, state),
      },
    ),
  D16: () => warn('Rate limited: the channel pauses', {}),
  D9: () => debug('Message sent', {}),
  D20: () => error('Failed to send the message before its reply window ended', {}),
  M16: () => debug('Message processed successfully', {}),
  M7: () => error('Message processing failed', {}),
  M11: () => error('Message processing failed: the handler took too long', {}),
  I16: () => info('Too many commands by one user: refused', {}),
  R3: () => info('Recovery monitoring stopped', {}),
  R4: () => info('Manual recovery initiated', {}),
  R6: () => info('Manual recovery initiated: everything is reset', {}),
  R8: () => debug('Performing automated health check', {}),
  R5: () => debug('Performing a health check at once: a part got worse', {}),
  R16: () => warn('Health check failed (network): entering degraded mode, resetting connections', {}),
  R18: () => warn('Health check failed (memory), initiating recovery: clearing caches', {}),
  R19: () => warn('Recovery goes on: reducing load', {}),
  R22: () => info('Only the remote is down: waiting', {}),
  R23: () => info('Load is no longer reduced', {}),
  R32: () => info('Recovery completed: the measurement has changed', {}),
  R36: () => error('Recovery: nothing helps, and the process ends for a restart', {}),
  R37: () => error('Recovery: nothing helps; look at GET /actors and the checks in the journal', {}),
  D11: (_step, record) => info('Form refused, falling back to the next one', { code: codeOf(record) }),
  D19: () => warn('A reply was cut off by a kill and is sent again', {}),
  O3: () => info('Bot is running', {}),
  O10: () => info('Drained', {}),
  O11: () => warn('Drain took too long; the rest stays in the journal', {}),
};

function ofStep(step: Step, record: Record, state: SystemState): Line | null {
  if (step.to === null && step.from !== null) return error('Actor crashed on {event}', { event: step.event });
  for (const rule of step.rules) {
    const line = rowOf(byRule, rule)?.(step, record, state);
    if (line) return line;
  }
  if (step.actor.startsWith('message:') && step.to === 'deadLettered') {
    return warn('Dead letter: {reason}', { reason: state.ended(step.actor, record.at)?.reason ?? null });
  }
  if (step.actor.startsWith('breaker:')) return breakerLine(step, state);
  if (step.actor.startsWith('feature:')) return featureLine(step, state);
  if (step.actor === 'gateway' && step.to === 'backingOff' && step.from !== 'backingOff') {
    return warn('Gateway lost: reconnecting', {
      reason: (state.actor('gateway')?.snapshot.context as { reason?: string } | undefined)?.reason ?? null,
    });
  }
  return null;
}

function breakerLine(step: Step, state: SystemState): Line | null {
  if (step.from === step.to) return null;
  const context = state.actor(step.actor)?.snapshot.context as Partial<CircuitBreakerContext> | undefined;
  if (step.to === 'open' && step.from === 'closed') {
    const failures = context?.failures ?? 0;
    return warn('Circuit breaker opened after {failures} failures', {
      failures,
      reason: context?.reason ?? null,
      openMs: context?.openForMs ?? null,
    });
  }
  if (step.to === 'open')
    return warn('Circuit breaker stays open: the probe failed', { openMs: context?.openForMs ?? null });
  if (step.to === 'closed' && step.from !== null && step.from !== 'starting') return info('Circuit breaker closed', {});
  if (typeof step.to === 'object' && step.from === 'open') return info('Circuit breaker half-open: probing', {});
  return null;
}

const FEATURE_OFF: readonly unknown[] = ['suspended', 'probing', 'forcedOff'];

function featureLine(step: Step, state: SystemState): Line | null {
  if (step.from === null || FEATURE_OFF.includes(step.from) === FEATURE_OFF.includes(step.to)) return null;
  const feature = step.actor.slice('feature:'.length);
  const { reason = null, code = null } = (state.actor(step.actor)?.snapshot.context ?? {}) as {
    reason?: string | null;
    code?: number | null;
  };
  return FEATURE_OFF.includes(step.to)
    ? warn('Disabling feature: {feature}', { feature, reason, code })
    : info('Enabling feature: {feature}', { feature });
}

/** What of a delivery's context the line needs. */
interface Retrying {
  readonly attempt: number;
  readonly pauseMs: number;
  readonly reason: string | null;
  readonly options: { readonly retry: { readonly retriesMax: number } };
}

function deliveryOf(step: Step, state: SystemState): Retrying | undefined {
  return state.actor(step.actor)?.snapshot.context as Retrying | undefined;
}
function pauseSeconds(step: Step, state: SystemState): number {
  return Math.round((deliveryOf(step, state)?.pauseMs ?? 0) / 100) / 10;
}

function retrying(step: Step, _record: Record, state: SystemState): Line {
  const context = deliveryOf(step, state);
  const attempts = (context?.options.retry.retriesMax ?? 0) + 1;
  return warn('Operation failed (attempt {attempt}/{attempts}), retrying in {seconds}s', {
    attempt: context?.attempt ?? 0,
    attempts,
    seconds: pauseSeconds(step, state),
    reason: context?.reason ?? null,
  });
}

/** There is no last attempt any more: it is tried until its window ends. */
function retryingSlowly(step: Step, _record: Record, state: SystemState): Line {
  const context = deliveryOf(step, state);
  return warn('Operation failed (attempt {attempt}), retrying in {seconds}s until the reply window ends', {
    attempt: context?.attempt ?? 0,
    seconds: pauseSeconds(step, state),
    reason: context?.reason ?? null,
  });
}

/** The permission that is missing is among these. */
function intentsBeyondBase(state: SystemState): string {
  const options = (state.actor('gateway')?.snapshot.context as GatewayContext | undefined)?.options;
  return options ? namesOfIntents(options.intents & ~options.baseIntents).join(', ') : 'them';
}
/** Seconds until this timer. */
function pauseOf(state: SystemState, actor: string, timer: string, at: number): number {
  return Math.round(((state.actor(actor)?.timers[timer]?.dueAt ?? at) - at) / 100) / 10;
}

function closeReason(record: Record): string {
  return record.fact.type === 'socket.closed' ? `${record.fact.code} ${record.fact.reason}`.trim() : record.fact.type;
}
function codeOf(record: Record): number | string | null {
  return record.fact.type === 'call.failed' ? record.fact.code : null;
}
function line(level: keyof Log, template: string, fields: { readonly [name: string]: unknown }): Line {
  const text = template.replace(/\{(\w+)\}/g, (_match, name: string) => String(fields[name] ?? '-'));
  return { level, fields, text };
}
const debug = (text: string, fields: { [name: string]: unknown }): Line => line('debug', text, fields);
const info = (text: string, fields: { [name: string]: unknown }): Line => line('info', text, fields);
const warn = (text: string, fields: { [name: string]: unknown }): Line => line('warn', text, fields);
const error = (text: string, fields: { [name: string]: unknown }): Line => line('error', text, fields);
