import type { StateValue } from '../../actors/ports.js';
import type { ActorState, SystemState } from '../../actors/step/state.js';
import { nearest } from '../../base/nearest.js';
import { UsageError } from './place.js';
import type { ReplayTexts } from './texts.js';

interface ActorLine {
  readonly id: string;
  readonly machine: string;
  readonly value: StateValue;
  readonly since: string;
  readonly rule: string;
}
const iso = (at: number): string => new Date(at).toISOString();
const show = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Every actor, as `/actors` of a bot has them. */
export function actorsOf(state: SystemState): readonly ActorLine[] {
  return [...state.actors.entries()].map(([id, { machine, snapshot, since, rule }]) => ({
    id,
    machine,
    value: snapshot.value,
    since: iso(since),
    rule,
  }));
}

/** One actor with all that it is; null and its end for one that has ended. Throws UsageError when there is none. */
export function actorOf(state: SystemState, id: string, texts: ReplayTexts): object {
  const actor = state.actor(id);
  if (actor) return whole(id, actor, state);
  const ended = state.ended(id, state.at);
  if (ended) return { id, ended };
  const ids = [...state.actors.entries()].map(([known]) => known);
  throw new UsageError(texts.noActor(id, state.seq, nearest(id, ids)));
}

function whole(id: string, { machine, snapshot, timers, open, since, rule }: ActorState, state: SystemState): object {
  return {
    id,
    machine,
    value: snapshot.value,
    since: iso(since),
    rule,
    context: snapshot.context,
    timers: Object.entries(timers).map(([timer, { dueAt, armedAtSeq }]) => ({ timer, dueAt: iso(dueAt), armedAtSeq })),
    open: open.flatMap((effectId) => state.openEffect(effectId) ?? []),
  };
}

export function actorsText(actors: readonly ActorLine[], state: SystemState, texts: ReplayTexts): string {
  const width = Math.max(8, ...actors.map((actor) => actor.id.length));
  const lines = actors.map(
    ({ id, value, rule, since }) => `${id.padEnd(width)}  ${show(value).padEnd(26)} ${rule.padEnd(5)} ${since}`,
  );
  return [...lines, '', texts.state(state.seq, iso(state.at), actors.length)].join('\n');
}

export function actorText(told: object, texts: ReplayTexts): string {
  const one = told as ReturnType<typeof whole> & Partial<ActorLine> & Told;
  if (one.ended) return texts.ended(one.id, show(one.ended.value), one.ended.reason ?? '');
  const list = (items: readonly object[]): string[] =>
    items.length === 0 ? [`  ${texts.none}`] : items.map((item) => `  ${JSON.stringify(item)}`);
  return [
    `${one.id}  ${show(one.value)}  ${one.rule}  ${one.since}`,
    `${texts.context}:`,
    ...JSON.stringify(one.context, null, 2)
      .split('\n')
      .map((line) => `  ${line}`),
    `${texts.timers}:`,
    ...list(one.timers),
    `${texts.open}:`,
    ...list(one.open),
  ].join('\n');
}
interface Told {
  readonly id: string;
  readonly ended?: { readonly value: StateValue; readonly reason: string | null };
  readonly context: object;
  readonly timers: readonly object[];
  readonly open: readonly object[];
}
