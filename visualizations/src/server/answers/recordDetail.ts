import { difference } from '../../../../src/actors/fold/difference.js';
import type { Effect, Record } from '../../../../src/actors/ports.js';
import { OUTCOMES } from '../../../../src/actors/step/routes.js';
import type { ActorState } from '../../../../src/actors/step/state.js';
import { rowOf } from '../../../../src/machines/kit/byKey.js';
import {
  type ActorChange,
  type ArmedTimer,
  type Cause,
  DETAIL_STEPS_MAX,
  type EffectView,
  type Pending,
  type RecordDetail,
} from '../../protocol.js';
import type { JournalIndex } from '../index/journalIndex.js';
import { effectIdOf, summaryOf } from '../index/readRecord.js';
import { DamagedError } from '../index/seeker.js';
import type { Traced } from '../index/trace.js';
import { boundedJson } from './boundedJson.js';
import { differencesOf } from './differences.js';
import { firingOf, linkTo, outcomesOf, recordOfEffect } from './links.js';
import { tracerOf, viewOf } from './moment.js';

const ACTORS_MAX = 100;
const EFFECTS_MAX = 200;
const TIMERS_MAX = 100;
const OUTCOMES_MAX = 20;
const REQUEST_BYTES_MAX = 16 * 1024;

interface Refolded extends Traced {
  readonly before: ReadonlyMap<string, ActorState | undefined>;
}

/** One record with its causes and consequences. */
export async function recordDetail(index: JournalIndex, seq: number): Promise<RecordDetail | Pending> {
  const record = await index.reading.one(seq);
  if (!record) throw new DamagedError(seq, index.reading.damage?.message);
  const refolded = await index.at(seq - 1, (state): Refolded => {
    const traced = tracerOf(index).trace(state, record);
    const before = new Map([...traced.changes.actors.keys()].map((id) => [id, state.actor(id)]));
    return { ...traced, before };
  });
  if ('pending' in refolded) return refolded;
  const { changes, hops } = refolded;
  const different = difference(index.topology, record, changes);
  return {
    summary: summaryOf(record),
    id: record.id,
    fact: boundedJson(record.fact),
    steps: record.steps.slice(0, DETAIL_STEPS_MAX),
    hops: hops.slice(0, DETAIL_STEPS_MAX),
    effects: await effectsOf(index, record),
    cause: await causeOf(index, record),
    changes: changesOf(refolded),
    timers: await timersOf(index, seq, refolded),
    divergence: different && {
      actor: different.actor,
      recorded: different.recorded.slice(0, 2_000),
      recomputed: different.recomputed.slice(0, 2_000),
    },
  };
}

async function effectsOf(index: JournalIndex, record: Record): Promise<readonly EffectView[]> {
  const shown = record.effects.slice(0, EFFECTS_MAX);
  const awaited = shown.filter((effect) => rowOf(index.topology.effects, effect.type)?.awaited);
  if (awaited.length === 0) return shown.map((effect) => viewOfEffect(effect, [], false));
  const hasEnded = (outcomes: readonly Record[] = []): boolean => outcomes.some(({ fact }) => OUTCOMES.has(fact.type));
  const found = await outcomesOf(index, record, (sofar) => awaited.every(({ id }) => hasEnded(sofar.get(id))));
  return shown.map((effect) => {
    const outcomes = found.get(effect.id) ?? [];
    return viewOfEffect(effect, outcomes, awaited.includes(effect) && !hasEnded(outcomes));
  });
}

function viewOfEffect(effect: Effect, outcomes: readonly Record[], isOpen: boolean): EffectView {
  const { id, type, actor, ...request } = effect;
  return {
    id,
    type,
    actor,
    request: boundedJson(request, REQUEST_BYTES_MAX),
    outcomes: outcomes.slice(-OUTCOMES_MAX).map(linkTo),
    isOpen,
  };
}

/** What brought this fact about: the effect that it is the outcome of, or the record that armed the timer. */
async function causeOf(index: JournalIndex, record: Record): Promise<Cause | null> {
  const { fact } = record;
  if (fact.type === 'timer.elapsed') {
    const armed = await index.reading.one(fact.armedAtSeq);
    return armed && { kind: 'timer', name: fact.timer, ...linkTo(armed) };
  }
  const effect = effectIdOf(record);
  if (effect === null) return null;
  const asked = await recordOfEffect(index, effect, record.seq);
  return asked && { kind: 'effect', name: effect, ...linkTo(asked) };
}

function changesOf({ changes, before }: Refolded): readonly ActorChange[] {
  return [...changes.actors].slice(0, ACTORS_MAX).map(([actor, after]) => {
    const was = before.get(actor);
    return {
      actor,
      before: was ? viewOf(actor, was) : null,
      after: after ? viewOf(actor, after) : null,
      ...differencesOf(was?.snapshot.context ?? {}, after?.snapshot.context ?? was?.snapshot.context ?? {}),
    };
  });
}

async function timersOf(index: JournalIndex, seq: number, { changes }: Refolded): Promise<readonly ArmedTimer[]> {
  const armed = [...changes.actors].flatMap(([actor, after]) =>
    Object.entries(after?.timers ?? {})
      .filter(([, timer]) => timer.armedAtSeq === seq)
      .map(([timer, { dueAt }]) => ({ actor, timer, dueAt })),
  );
  return Promise.all(
    armed.slice(0, TIMERS_MAX).map(async (timer) => {
      const fired = await firingOf(index, { ...timer, armedAt: seq });
      return { ...timer, fired: fired && linkTo(fired) };
    }),
  );
}
