import type { Record, StateValue, Step } from '../../../../src/actors/ports.js';
import { type MarkKind, pathOf, type RecordSummary, SUMMARY_STEPS_MAX, TEXT_MAX } from '../../protocol.js';

/** What a record is about, from the record alone. */
export interface RecordSubject {
  readonly text: string;
  readonly message: string | null;
  readonly user: string | null;
  readonly errorClass: string | null;
}

/** A fact as far as it is looked at here; a journal may hold anything. */
type AnyFact = { readonly type: string; readonly [key: string]: unknown };

export function subjectOf(record: Record): RecordSubject {
  const fact = record.fact as unknown as AnyFact;
  const inbound = object(fact.message);
  const errorClass =
    fact.type === 'handler.failed'
      ? `handler.${String(fact.reason)}`
      : fact.type !== 'call.succeeded' && typeof fact.class === 'string' && fact.class !== 'ok'
        ? fact.class
        : fact.type === 'effect.failed'
          ? 'local'
          : null;
  return {
    text: cutText(textOf(fact, inbound)),
    message: messageOf(record.steps, fact, inbound),
    user: userOf(fact, inbound),
    errorClass,
  };
}

export function summaryOf(
  record: Record,
  marks: readonly MarkKind[] = marksOf(record).map(({ kind }) => kind),
): RecordSummary {
  const { seq, at, epoch, fact, steps, effects } = record;
  return {
    seq,
    at,
    epoch,
    type: String(fact.type).slice(0, TEXT_MAX),
    ...subjectOf(record),
    steps: steps.slice(0, SUMMARY_STEPS_MAX),
    stepsTotal: steps.length,
    effects: effects.slice(0, 16).map(({ type }) => type),
    marks: [...new Set(marks)],
  };
}

/** The words of a record, for people and for the search. */
function textOf(fact: AnyFact, inbound: AnyObject | null): string {
  const words = (...parts: readonly unknown[]): string =>
    parts
      .filter((part) => part !== null && part !== undefined && part !== '')
      .map(String)
      .join(' ');
  switch (fact.type) {
    case 'message.received':
      return words(inbound?.content);
    case 'message.duplicated':
      return words(fact.message);
    case 'handler.completed':
    case 'reply.requested':
      return list(fact.replies)
        .map((reply) => words(object(object(reply)?.form)?.text))
        .join(' | ');
    case 'timer.elapsed':
      return words(fact.actor, fact.timer);
    case 'run.started':
      return words('epoch', fact.epoch);
    case 'actor.quarantined':
      return words(fact.actor, 'seq', fact.seq);
    default: {
      const {
        actor,
        breaker,
        feature,
        class: kind,
        status,
        code,
        reason,
        error,
        name,
        signal,
        action,
        by,
        change,
      } = fact;
      return words(actor, breaker, feature, kind, status, code, reason, error, name, signal, action, by, change);
    }
  }
}

function messageOf(steps: readonly Step[], fact: AnyFact, inbound: AnyObject | null): string | null {
  if (typeof inbound?.id === 'string') return inbound.id;
  if (fact.type === 'message.duplicated' && typeof fact.message === 'string') return fact.message;
  for (const { actor } of steps) {
    if (actor.startsWith('message:')) return actor.slice('message:'.length);
    if (actor.startsWith('delivery:')) return actor.slice('delivery:'.length, actor.lastIndexOf('.'));
  }
  return null;
}

function userOf(fact: AnyFact, inbound: AnyObject | null): string | null {
  const id = object(inbound?.author)?.id ?? object(fact.user)?.id ?? fact.userId ?? fact.by;
  return typeof id === 'string' && id !== '' ? id : null;
}

export interface FoundMark {
  readonly kind: MarkKind;
  readonly actor: string | null;
  readonly text: string;
}

/** What of a record is worth finding again. `crashed` are actors of whom the fold says so. */
export function marksOf(record: Record, crashed: readonly string[] = []): readonly FoundMark[] {
  const marks: FoundMark[] = [];
  const fact = record.fact as unknown as AnyFact;
  const text = cutText(textOf(fact, object(fact.message)));
  if (fact.type === 'run.started') marks.push({ kind: 'restart', actor: null, text });
  else if (fact.type === 'stop.requested') marks.push({ kind: 'stop', actor: 'bot', text });
  else if (fact.type === 'actor.quarantined') marks.push({ kind: 'quarantine', actor: String(fact.actor), text });
  else if (
    fact.type.startsWith('operator.') ||
    fact.type === 'recovery.requested' ||
    fact.type === 'deadLetter.retried'
  )
    marks.push({ kind: 'operator', actor: null, text: cutText(`${fact.type} ${text}`) });
  for (const step of record.steps) {
    const kind = markOf(step);
    if (kind) marks.push({ kind, actor: step.actor, text });
    // An ephemeral actor that crashes ends outside its chart; of the others only the fold can tell.
    else if (
      step.to === null &&
      step.from !== null &&
      step.event !== 'actor.quarantined' &&
      !crashed.includes(step.actor)
    )
      marks.push({ kind: 'crash', actor: step.actor, text: step.event });
  }
  for (const actor of crashed) marks.push({ kind: 'crash', actor, text });
  return marks;
}

function markOf({ actor, from, to }: Step): MarkKind | null {
  if (from === null || to === null || from === to) return null;
  const [prefix] = actor.split(':', 1);
  switch (prefix) {
    case 'breaker':
      if (to === 'open' && from !== 'open') return 'breakerOpened';
      return to === 'closed' && from !== 'starting' && from !== 'closed' ? 'breakerClosed' : null;
    case 'feature':
      if (from === 'enabled') return 'featureOff';
      return to === 'enabled' ? 'featureOn' : null;
    case 'gateway':
      if (isReady(from) === isReady(to)) return null;
      return isReady(to) ? 'gatewayReady' : 'gatewayLost';
    case 'recovery':
      if (to === 'escalated') return 'escalated';
      return pathOf(to).startsWith('acting') && !pathOf(from).startsWith('acting') ? 'recoveryActed' : null;
    case 'message':
      if (to === 'deadLettered') return 'deadLetter';
      return to === 'uncertain' ? 'uncertain' : null;
    default:
      return null;
  }
}

const isReady = (value: StateValue): boolean => value === 'ready' || (typeof value === 'object' && 'ready' in value);

type AnyObject = { readonly [key: string]: unknown };
function object(value: unknown): AnyObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as AnyObject) : null;
}
function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
/** At most `TEXT_MAX` characters; a surrogate pair is not torn. */
function cutText(text: string): string {
  if (text.length <= TEXT_MAX) return text;
  const end = /[\uD800-\uDBFF]/.test(text[TEXT_MAX - 2] ?? '') ? TEXT_MAX - 2 : TEXT_MAX - 1;
  return `${text.slice(0, end)}…`;
}

/** Id of the fact that asked for the effect which this fact is about; null: it is about none. */
export function effectIdOf(record: Record): string | null {
  const { effectId } = record.fact as unknown as AnyFact;
  return typeof effectId === 'string' ? effectId : null;
}
export function factIdOf(effectId: string): string {
  return effectId.slice(0, effectId.lastIndexOf('.'));
}
