import type { Record } from '../../../../src/actors/ports.js';
import { topology } from '../../../../src/actors/wiring/topology.js';
import { rowOf } from '../../../../src/machines/kit/byKey.js';
import {
  type ActorDetail,
  type ActorGroup,
  type ActorView,
  type Hop,
  type Moment,
  type Pending,
  pathOf,
  type StateValue,
} from '../../protocol.js';
import { parentOf } from '../index/endings.js';
import { FoldedState } from '../index/foldedState.js';
import type { JournalIndex } from '../index/journalIndex.js';
import type { SeenActor } from '../index/kept/keptActor.js';
import { summaryOf } from '../index/readRecord.js';
import { DamagedError } from '../index/seeker.js';
import { Tracer } from '../index/trace.js';
import { boundedJson } from './boundedJson.js';

const STATES_MAX = 64;
const OPEN_MAX = 100;
const REASON_MAX = 500;

export interface MomentQuery {
  /** Actors listed of each machine. */
  readonly perGroup: number;
  /** Only actors that have this in their id, in any case. */
  readonly find?: string | undefined;
}

/** Everything after record `seq`, and how that record travelled. */
export async function momentAt(index: JournalIndex, seq: number, query: MomentQuery): Promise<Moment | Pending> {
  const { newest } = index;
  if (newest?.record.seq === seq) return index.at(seq, (state) => momentOf(state, query, newest.record, newest.hops));
  if (seq < index.first.seq || index.first.seq === 0) return index.at(seq, (state) => momentOf(state, query, null, []));
  const record = await index.reading.one(seq);
  if (!record) throw new DamagedError(seq, index.reading.damage?.message);
  const kept = index.keptAt(seq);
  if (kept?.hops) return momentOf(new FoldedState(kept), query, record, kept.hops);
  const moment = await index.at(seq - 1, (state) => {
    const { changes, hops } = tracerOf(index).trace(state, record);
    state.apply(changes);
    return momentOf(state, query, record, hops);
  });
  // The newest state may be there before the one that it came from: then how its record travelled is not known yet.
  if (!('pending' in moment) || seq !== index.last.seq) return moment;
  return index.at(seq, (state) => momentOf(state, query, record, []));
}

const tracers = new WeakMap<JournalIndex, Tracer>();
export function tracerOf(index: JournalIndex): Tracer {
  const tracer = tracers.get(index) ?? new Tracer(index.topology);
  tracers.set(index, tracer);
  return tracer;
}

function momentOf(state: FoldedState, query: MomentQuery, record: Record | null, hops: readonly Hop[]): Moment {
  const { seq, at, epoch } = state;
  return { seq, at, epoch, groups: groupsOf(state, query), hops, record: record && summaryOf(record) };
}

function groupsOf(state: FoldedState, { perGroup, find = '' }: MomentQuery): readonly ActorGroup[] {
  const wanted = find.toLowerCase();
  const byMachine = new Map<string, [string, SeenActor][]>();
  for (const entry of state.actors()) {
    if (wanted !== '' && !entry[0].toLowerCase().includes(wanted)) continue;
    const list = byMachine.get(entry[1].machine);
    if (list) list.push(entry);
    else byMachine.set(entry[1].machine, [entry]);
  }
  const order = (machine: string): number => {
    const entry = rowOf(topology.machines, machine);
    return (entry && entry.lives !== 'once' ? 0 : 1_000) + Object.keys(topology.machines).indexOf(machine);
  };
  return [...byMachine]
    .sort(([a], [b]) => order(a) - order(b))
    .map(([machine, actors]) => groupOf(machine, actors, perGroup));
}

function groupOf(machine: string, actors: readonly [string, SeenActor][], perGroup: number): ActorGroup {
  const byState = new Map<string, number>();
  for (const [, actor] of actors) {
    const path = pathOf(actor.snapshot.value as StateValue);
    if (!byState.has(path) && byState.size >= STATES_MAX) continue;
    byState.set(path, (byState.get(path) ?? 0) + 1);
  }
  const shown = [...actors].sort(([a, left], [b, right]) => right.since - left.since || (a < b ? -1 : 1));
  return {
    machine,
    total: actors.length,
    byState: Object.fromEntries(byState),
    actors: shown.slice(0, perGroup).map(([id, actor]) => viewOf(id, actor)),
  };
}

export function viewOf(id: string, { machine, snapshot, since, rule, timers }: SeenActor): ActorView {
  const { reason, message } = snapshot.context as { readonly reason?: unknown; readonly message?: unknown };
  return {
    id,
    machine,
    value: snapshot.value as StateValue,
    since,
    rule,
    timers: Object.entries(timers).map(([timer, { dueAt, armedAtSeq }]) => ({ timer, dueAt, armedAtSeq })),
    parent: typeof message === 'string' ? message : parentOf(id),
    reason: typeof reason === 'string' ? reason.slice(0, REASON_MAX) : null,
  };
}

/** One actor after record `seq`. `seqOfEffect` finds the record that asked for an effect. */
export async function actorAt(
  index: JournalIndex,
  id: string,
  seq: number,
  seqOfEffect: (effect: string) => Promise<number | null>,
): Promise<ActorDetail | Pending> {
  const found = await index.at(seq, (state) => {
    const actor = state.actor(id);
    const ended = actor ? undefined : state.ended(id, state.at);
    return {
      at: state.at,
      actor: actor ? viewOf(id, actor) : null,
      ended: ended ? { machine: ended.machine, value: ended.value, reason: ended.reason } : null,
      context: actor ? boundedJson(actor.snapshot.context) : null,
      open: (actor?.open ?? []).slice(0, OPEN_MAX).map((effect) => state.openEffect(effect)),
    };
  });
  if ('pending' in found) return found;
  const { open, ...rest } = found;
  const openEffects = await Promise.all(
    open
      .filter((effect) => effect !== undefined)
      .map(async (effect) => ({
        id: effect.id,
        type: effect.type,
        seq: await seqOfEffect(effect.id),
      })),
  );
  return { id, seq, ...rest, openEffects };
}
