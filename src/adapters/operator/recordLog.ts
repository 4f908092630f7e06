import type { Log, Record, StateValue, Step } from '../../actors/ports.js';
import type { SystemState } from '../../actors/step/state.js';
import { machineOf } from '../../actors/wiring/rows/rows.js';
import { CARDS, cardOf } from '../../machines/cards.js';
import { rowOf } from '../../machines/kit/byKey.js';
import type { AnyCard, LogLine, Seen } from '../../machines/vocabulary/card.js';
import { refusalOf } from '../qq/http/refusals.js';
import { namesOfIntents } from '../qq/wire/intents.js';

type Line = { readonly level: keyof Log; readonly fields: object; readonly text: string };
type Say = (record: Record, state: SystemState) => Line | null;

/**
 * What an operator reads, made from records alone: one line for a fact or a step that means something to a person.
 * Lines of steps stand in the machines' cards. docs/SPEC.md has the table. Everything else is in the journal.
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

/** Rule ids are unique over all charts. */
const byRule: ReadonlyMap<string, LogLine<never>> = new Map(
  Object.values<AnyCard>(CARDS).flatMap(({ log }) => Object.entries(log)),
);

function ofStep(step: Step, record: Record, state: SystemState): Line | null {
  if (step.to === null && step.from !== null) return error('Actor crashed on {event}', { event: step.event });
  for (const rule of step.rules) {
    const found = byRule.get(rule);
    if (found) return told(found, step, record, state);
  }
  const found = enteredLine(step);
  return found ? told(found, step, record, state) : null;
}

function enteredLine({ actor, from, to }: Step): LogLine<never> | undefined {
  const now = headOf(to);
  const before = headOf(from);
  if (now === null || now === before) return undefined;
  const { entered } = rowOf(cardOf(machineOf(actor) ?? '')?.states ?? {}, now) ?? {};
  return entered?.find((line) => line.from === undefined || line.from.includes(before));
}

/** The first part of the path. */
function headOf(value: StateValue | null): string | null {
  return typeof value === 'object' && value !== null ? (Object.keys(value)[0] ?? null) : value;
}

function told(found: LogLine<never>, { actor: id }: Step, { fact, at }: Record, state: SystemState): Line {
  const actor = state.actor(id);
  const seen: Seen<object> = {
    id,
    context: actor?.snapshot.context ?? null,
    fact,
    secondsUntil: (timer) => Math.round(((actor?.timers[timer]?.dueAt ?? at) - at) / 100) / 10,
    reason: actor ? null : (state.ended(id, at)?.reason ?? null),
  };
  const fields = shown(found.fields?.(seen as Seen<never>) ?? {});
  const byCode = found.isToldByCode ? refusalOf(fields.code as string)?.[state.options?.locale ?? 'en'] : undefined;
  return line(found.level, byCode ?? found.text, fields);
}

/** Intents are bits: the log names them. */
function shown(fields: { readonly [name: string]: unknown }): { readonly [name: string]: unknown } {
  const { intents } = fields;
  return typeof intents === 'number' ? { ...fields, intents: namesOfIntents(intents).join(', ') || 'them' } : fields;
}

function line(level: keyof Log, template: string, fields: { readonly [name: string]: unknown }): Line {
  const text = template.replace(/\{(\w+)\}/g, (_match, name: string) => String(fields[name] ?? '-'));
  return { level, fields, text };
}
const debug = (text: string, fields: { [name: string]: unknown }): Line => line('debug', text, fields);
const info = (text: string, fields: { [name: string]: unknown }): Line => line('info', text, fields);
const warn = (text: string, fields: { [name: string]: unknown }): Line => line('warn', text, fields);
const error = (text: string, fields: { [name: string]: unknown }): Line => line('error', text, fields);
