import { chartTable } from '../../../actors/charts/chartTable.js';
import type { Effect, Record, StateValue, Step } from '../../../actors/ports.js';
import { topology } from '../../../actors/wiring/topology.js';
import { rowOf } from '../../../machines/kit/byKey.js';
import { cutTo, printable, shortActor, shortId } from './layout.js';

/** Facts, effects and states in one line for a person. Names stand as in the journal, in every language. */

const QUOTED_MAX = 60;

export function quoted(text: string): string {
  return `"${cutTo(printable(text), QUOTED_MAX)}"`;
}

/** `halfOpen.probing`, `diagnosing{network checking, memory checked}`. */
export function stateText(value: StateValue | null): string {
  if (value === null) return '–';
  if (typeof value === 'string') return value;
  const entries = Object.entries(value);
  if (entries.length === 1) {
    const [[name, child]] = entries as [[string, StateValue]];
    const inner = stateText(child);
    return inner.startsWith('{') ? `${name}${inner}` : `${name}.${inner}`;
  }
  return `{${entries.map(([name, child]) => `${name} ${stateText(child)}`).join(', ')}}`;
}

type Fields = { readonly [name: string]: unknown };
type Tell = (fact: Fields) => string;

const outcome: Tell = ({ class: kind, status, code, latencyMs }) =>
  [kind, status, code, latencyMs === undefined ? null : `${String(latencyMs)} ms`]
    .filter((part) => part !== null && part !== undefined)
    .join(' ');

const tells: { readonly [type: string]: Tell } = {
  'run.started': ({ epoch }) => `life ${String(epoch)}`,
  'message.received': ({ message }) => {
    const { id, author, content, place } = message as {
      id: string;
      author: { id: string };
      content: string;
      place: { kind: string; channelId: string };
    };
    return `${shortId(id)} by ${shortId(author.id)} in ${place.kind} ${shortId(place.channelId)}: ${quoted(content)}`;
  },
  'message.duplicated': ({ message }) => shortId(String(message)),
  'operator.retried': ({ message, by }) =>
    `${shortId((message as { id: string }).id)}${by === undefined ? '' : ` by ${String(by)}`}`,
  'handler.completed': ({ replies }) => count((replies as unknown[]).length, 'reply', 'replies'),
  'reply.requested': ({ replies }) => count((replies as unknown[]).length, 'reply', 'replies'),
  'handler.failed': ({ reason, error }) => `${String(reason)}: ${printable(String(error))}`,
  'call.succeeded': outcome,
  'call.failed': outcome,
  'api.checked': outcome,
  'external.failed': outcome,
  'external.succeeded': outcome,
  'network.checked': ({ ok, code, latencyMs }) => `${ok ? 'reached' : String(code)} ${String(latencyMs)} ms`,
  'timer.elapsed': ({ actor, timer }) => `${shortActor(String(actor))} ${String(timer)}`,
  'effect.interrupted': ({ effectId }) => String(effectId),
  'socket.closed': ({ code, reason }) => `${String(code)} ${printable(String(reason))}`.trim(),
  'session.started': ({ session }) => `session ${printable(String(session))}`,
  'gateway.discovered': ({ url }) => printable(String(url)),
  'process.sampled': ({ heapShare, loopP99Ms }) =>
    `heap ${Math.round(Number(heapShare) * 100)} %, loop p99 ${String(loopP99Ms)} ms`,
};
const HIDDEN = new Set(['type', 'ver', 'effectId', 'socket', 's', 'eventId']);

/** What a fact says besides its type. */
export function factText(fact: Record['fact']): string {
  const fields = fact as unknown as Fields;
  const tell = rowOf(tells, fact.type);
  if (tell) return tell(fields);
  return Object.entries(fields)
    .filter(([name, value]) => !HIDDEN.has(name) && (typeof value !== 'object' || value === null))
    .map(([name, value]) => `${name} ${printable(String(value))}`)
    .join(', ');
}

function count(n: number, one: string, many: string): string {
  return `${n} ${n === 1 ? one : many}`;
}

/** What an effect asks for besides its type. */
export function effectText(effect: Effect): string {
  const { type, id: _id, actor: _actor, ...rest } = effect as unknown as Fields & Effect;
  if (effect.type === 'call.start') {
    const { rung, attempt, breaker, probe, part, form } = effect;
    const what = `${rung}${part ? ` ${part.number}/${part.of}` : ''}, attempt ${attempt}, by ${breaker}${probe ? ' as probe' : ''}`;
    return `${what}: ${quoted(part?.text ?? form.text)}`;
  }
  if (effect.type === 'handler.run')
    return `run ${shortActor(`message:${effect.runId}`).slice('message:'.length)}, attempt ${effect.attempt}`;
  return Object.entries(rest)
    .filter(([, value]) => typeof value !== 'object' || value === null)
    .map(([name, value]) => `${name} ${printable(String(value))}`)
    .join(', ');
}

/** Whether a step went from one state to another; birth and end too. */
export function isMove({ from, to }: Step): boolean {
  return JSON.stringify(from) !== JSON.stringify(to);
}

/** `closed → open`; a state that stays stands once. */
export function stepText(step: Step): string {
  if (step.from === null) return `→ ${stateText(step.to)}`;
  return isMove(step) ? `${stateText(step.from)} → ${step.to === null ? '✗' : stateText(step.to)}` : stateText(step.to);
}

const sentences: ReadonlyMap<string, string> = new Map(
  Object.values(topology.machines).flatMap(({ machine }) =>
    chartTable(machine).map(({ rule, what }) => [rule, what] as const),
  ),
);

/** A rule's sentence as it stands in docs/SPEC.md. */
export function sentenceOf(rule: string): string {
  return sentences.get(rule) ?? '';
}
