import type { Effect, Record, Step } from '../../../actors/ports.js';
import { isMove, stateText } from './facts.js';

/** A record in which the message's own actors took part. */
export interface Scene {
  readonly record: Record;
  readonly steps: readonly Step[];
  readonly effects: readonly Effect[];
}
/** All that is needed to tell a message's life. */
export interface Life {
  readonly arrival: Record;
  readonly scenes: readonly Scene[];
  /** States of the breakers from when the message came, and lives of the process. */
  readonly breakers: readonly {
    readonly seq: number;
    readonly at: number;
    readonly breaker: string;
    readonly state: string;
  }[];
  readonly lives: readonly { readonly epoch: number; readonly diedAt: number; readonly at: number }[];
  readonly verdict: string | null;
  readonly lastAt: number;
}
export function inboundOf({ fact }: Record) {
  if (fact.type !== 'message.received') throw new TypeError(`record of ${fact.type}`);
  return fact.message;
}
/** Collects what concerns the message; breakers are watched because replies wait for them. */
export async function read(records: AsyncIterable<Record>, arrival: Record): Promise<Life> {
  const { id } = inboundOf(arrival);
  const isOwn = ownersOf(id);
  const scenes: Scene[] = [];
  const breakers: Life['breakers'][number][] = [];
  const lives: Life['lives'][number][] = [];
  const living = new Set<string>();
  let verdict: string | null = null;
  let before = arrival;
  for await (const record of records) {
    if (record.fact.type === 'run.started' && record !== arrival)
      lives.push({ epoch: record.epoch, diedAt: before.at, at: record.at });
    const steps = record.steps.filter(({ actor }) => isOwn(actor));
    const effects = record.effects.filter(({ actor }) => isOwn(actor));
    for (const effect of effects) if (effect.type === 'handler.run') isOwn.adds(effect.id);
    for (const step of record.steps) {
      if (
        step.actor.startsWith('breaker:') &&
        (isMove(step) || !breakers.some(({ breaker }) => breaker === step.actor))
      )
        breakers.push({ seq: record.seq, at: record.at, breaker: step.actor, state: stateText(step.to) });
    }
    for (const { actor, to } of steps) {
      if (to === null || ENDS.has(stateText(to))) living.delete(actor);
      else living.add(actor);
      if (actor.startsWith('message:'))
        verdict = to === null ? 'crashed' : ENDS.has(stateText(to)) ? stateText(to) : null;
    }
    const names = record.fact.type === 'operator.retried' && record.fact.message.id === id;
    if (steps.length > 0 || effects.length > 0 || names) scenes.push({ record, steps, effects });
    if (living.size === 0 && record.at - arrival.at > OVER_MS) break;
    before = record;
  }
  return { arrival, scenes, breakers, lives, verdict, lastAt: before.at };
}
export const ENDS: ReadonlySet<string> = new Set([
  'answered',
  'silent',
  'refused',
  'deadLettered',
  'uncertain',
  'delivered',
  'crashed',
]);
/**
 * Whether an actor belongs to a message: itself, its replies, what its handlers call, each time that it was handled.
 */
export function ownersOf(id: string): ((actor: string) => boolean) & { adds(effectId: string): void } {
  const runs: string[] = [];
  const isRun = (rest: string): boolean =>
    rest === id || (rest.startsWith(`${id}~`) && /^\d+$/.test(rest.slice(id.length + 1)));
  const isOwn = (actor: string): boolean => {
    if (actor.startsWith('message:')) return isRun(actor.slice('message:'.length));
    if (actor.startsWith('delivery:')) return isRun(actor.slice('delivery:'.length, actor.lastIndexOf('.')));
    if (actor.startsWith('external:')) return runs.some((run) => actor.startsWith(`external:${run}.`));
    return actor === `interaction:${id}`;
  };
  return Object.assign(isOwn, { adds: (effectId: string): void => void runs.push(effectId) });
}
/** No reply window and no audit lasts longer; after this nothing more comes of an ended message. */
export const OVER_MS = 3600000;
