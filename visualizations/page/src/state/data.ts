import { computed, effect, signal } from '@preact/signals';
import type { ChartLayout, MapLayout } from '../../../src/chart/chartLayout.js';
import {
  type ActorDetail,
  type ActorView,
  type ChartAnswer,
  type MapAnswer,
  type Moment,
  type Overview,
  pathOf,
  type RecordDetail,
} from '../../../src/protocol.js';
import { AskError, ask } from './api.js';
import { createLoader, perFrame, whenSettled } from './loader.js';
import * as place from './place.js';

/** What is open; null: not known yet. */
export const overview = signal<Overview | null>(null);
/** Why nothing can be shown; null: fine. */
export const failure = signal<AskError | null>(null);
/** The server's clock minus ours, ms. */
export const clockLead = signal(0);

export const lastSeq = computed(() => overview.value?.last.seq ?? 0);
export const firstSeq = computed(() => overview.value?.first.seq ?? 0);
/** The record whose moment is wanted now. */
export const seq = computed(() =>
  clamp(place.moment.value ?? lastSeq.value, Math.max(0, firstSeq.value - 1), lastSeq.value),
);
/** Whether the page follows what comes. */
export const isFollowing = computed(() => place.moment.value === null && overview.value?.kind === 'live');

const MOMENTS_MAX = 400;
export const PER_GROUP = 200;
export const moments = createLoader<number, Moment>(
  (at, stop) => ask('api/moment', { seq: at, perGroup: PER_GROUP }, stop),
  {
    cacheMax: MOMENTS_MAX,
  },
);
export const records = createLoader<number, RecordDetail>((at, stop) => ask('api/record', { seq: at }, stop), {
  cacheMax: 200,
  // An effect without its outcome, a timer that has not fired: another time there may be more to tell.
  isFinal: ({ effects, timers }) =>
    !effects.some(({ isOpen }) => isOpen) && !timers.some(({ fired }) => fired === null),
});
export const actors = createLoader<string, ActorDetail>(
  (key, stop) => {
    const [at, id] = splitKey(key);
    return ask('api/actor', { id, seq: at }, stop);
  },
  { cacheMax: 200 },
);
const chartsOf = (brief: 0 | 1) =>
  createLoader<string, ChartAnswer & { readonly layout: ChartLayout }>(
    (machine, stop) => ask('api/chart', { machine, brief }, stop),
    { cacheMax: 50 },
  );
export const [charts, briefCharts] = [chartsOf(0), chartsOf(1)];
export const map = createLoader<string, MapAnswer & { readonly layout: MapLayout }>(
  (_, stop) => ask('api/map', {}, stop),
  {
    cacheMax: 1,
  },
);

export const actorKey = (id: string, at: number): string => `${at} ${id}`;
export function splitKey(key: string): [number, string] {
  const at = key.indexOf(' ');
  return [Number(key.slice(0, at)), key.slice(at + 1)];
}
export function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), Math.max(low, high));
}

/** The chosen actor at the moment that is shown, from whichever answer knows it. */
export const chosen = computed<ActorView | null>(() => {
  const id = place.actor.value;
  const now = moments.value.value;
  for (const group of now?.groups ?? []) for (const view of group.actors) if (view.id === id) return view;
  const detail = actors.value.value;
  return detail?.id === id && detail.seq === now?.seq ? detail.actor : null;
});
/** Its machine, also when it does not live at this moment. */
export const chosenMachine = computed<string | null>(() => {
  if (chosen.value) return chosen.value.machine;
  const detail = actors.value.value;
  if (detail?.id === place.actor.value)
    return detail.actor?.machine ?? detail.ended?.machine ?? machineGuess(detail.id);
  return machineGuess(place.actor.value);
});
const MACHINES: Readonly<Record<string, string>> = {
  token: 'accessToken',
  breaker: 'circuitBreaker',
  external: 'externalCall',
};
/** By the part of the id before the colon; holds for an actor that was never seen, too. */
export function machineGuess(id: string): string | null {
  const kind = id.split(':')[0] ?? '';
  const machine =
    id === 'breaker:operator' ? 'operatorBreaker' : Object.hasOwn(MACHINES, kind) ? MACHINES[kind]! : kind;
  return overview.value?.machines.includes(machine) ? machine : null;
}

/** The time that is shown: of the moment, or now while the page follows. */
export const ticking = signal(Date.now());
export const shownAt = computed(() =>
  isFollowing.value ? ticking.value + clockLead.value : (moments.value.value?.at ?? overview.value?.last.at ?? 0),
);

export function ruleSentence(rule: string): string {
  const rules = overview.value?.rules ?? {};
  return Object.hasOwn(rules, rule) ? (rules[rule] ?? '') : '';
}
export function stateOf(view: ActorView): string {
  return pathOf(view.value);
}

export async function loadOverview(): Promise<void> {
  try {
    const found = await ask<Overview>('api/overview');
    clockLead.value = found.now - Date.now();
    // A newcomer to the demo world plays first.
    if (found.demoWorld && overview.peek() === null) place.suggestTab('chat');
    [overview.value, failure.value] = [found, null];
  } catch (error) {
    failure.value = error instanceof AskError ? error : new AskError(String(error), 0);
  }
}

const DAMAGED = 409;
/** The present of a damaged journal cannot be shown: the last moment before the damage is. */
async function showLastWhole(): Promise<void> {
  await loadOverview();
  const from = overview.peek()?.source.seq;
  if (from !== undefined && place.moment.peek() === null) place.moment.value = from - 1;
}

/** Keeps what is shown in step with where the reader is. */
export function startData(): void {
  const ask = perFrame(() => {
    if (overview.peek()) moments.request(seq.peek());
  });
  effect(() => {
    if (overview.value && seq.value >= 0) ask();
  });
  effect(() => {
    if (moments.error.value?.status === DAMAGED && place.moment.peek() === null) void showLastWhole();
  });
  // While a hand is on the slider the moments go first.
  const askRecord = whenSettled(() => records.request(seq.peek()));
  effect(() => {
    if (overview.value && place.tab.value === 'record' && seq.value > 0) askRecord();
  });
  const askActor = whenSettled(() => actors.request(actorKey(place.actor.peek(), seq.peek())));
  effect(() => {
    const id = place.actor.value;
    const isListed = moments.value.value?.groups.some((group) => group.actors.some((view) => view.id === id)) ?? false;
    if (overview.value && seq.value >= 0 && (place.tab.value === 'actor' || !isListed)) askActor();
  });
  effect(() => {
    const machine = chosenMachine.value;
    if (machine) charts.request(machine);
    if (machine && place.brief.value) briefCharts.request(machine);
  });
  effect(() => {
    if (overview.value) map.request('map');
  });
  setInterval(() => {
    if (isFollowing.peek() && document.visibilityState === 'visible') ticking.value = Date.now();
  }, 100);
}

/** What was seen may be of a journal that is not there any more; what is shown stays until it is asked for again. */
export function forgetPast(): void {
  for (const loader of [moments, records, actors]) loader.forget();
}

/** Another journal: nothing of the one before is shown any longer. */
export async function openJournal(id: string): Promise<void> {
  place.journal.value = id;
  [place.moment.value, place.stretch.value, place.message.value] = [null, null, null];
  for (const loader of [moments, records, actors]) loader.clear();
  overview.value = null;
  await loadOverview();
}
