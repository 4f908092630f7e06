import { effect, signal } from '@preact/signals';
import {
  type ActorGroup,
  type ActorView,
  LIVE_SILENT_MS,
  type LiveMessage,
  type LiveRecords,
  type Moment,
  type Overview,
  pathOf,
  type RecordSummary,
} from '../../../src/protocol.js';
import { addressOf } from './api.js';
import { clockLead, forgetPast, loadOverview, moments, overview, seq } from './data.js';
import * as place from './place.js';

/** The feed of what happens. `lost`: it broke off, and is being called again. */
export const feed = signal<'off' | 'connecting' | 'ok' | 'lost'>('off');
/** The newest records that the feed brought, ascending. */
export const newest = signal<readonly RecordSummary[]>([]);
/** Grows whenever the feed brought records: what is shown of the whole journal asks again. */
export const arrivals = signal(0);

const NEWEST_MAX = 500;
const AGAIN_FIRST_MS = 500;
const AGAIN_MAX_MS = 8_000;

/**
 * Follows the journal that is open, for as long as the page is; calls again after a break, later each time. A
 * connection on which nothing comes any more, not even that the server is alive, counts as broken.
 */
export function startLive(): void {
  let socket: WebSocket | null = null;
  let [timer, silence] = [0, 0];
  let pause = AGAIN_FIRST_MS;
  const connect = (): void => {
    feed.value = feed.peek() === 'lost' ? 'lost' : 'connecting';
    const last = overview.peek()?.last.seq ?? 0;
    const mine = new WebSocket(new URL(addressOf('api/live', { after: last }), location.href.replace(/^http/, 'ws')));
    socket = mine;
    const lose = (): void => {
      if (socket !== mine) return;
      socket = null;
      mine.close();
      clearTimeout(silence);
      feed.value = 'lost';
      timer = window.setTimeout(connect, pause);
      pause = Math.min(pause * 2, AGAIN_MAX_MS);
    };
    const hear = (): void => {
      clearTimeout(silence);
      silence = window.setTimeout(lose, LIVE_SILENT_MS);
    };
    hear();
    mine.onmessage = (event: MessageEvent<string>) => {
      if (socket !== mine) return;
      hear();
      if (feed.peek() === 'lost') startAnew();
      [feed.value, pause] = ['ok', AGAIN_FIRST_MS];
      take(JSON.parse(event.data) as LiveMessage);
    };
    mine.onclose = lose;
  };
  const stop = (): void => {
    clearTimeout(timer);
    clearTimeout(silence);
    const open = socket;
    socket = null;
    open?.close();
    feed.value = 'off';
  };
  let followed = '';
  effect(() => {
    // A file may belong to a bot that runs: the feed tells.
    const known = overview.value;
    const wanted = known && known.kind !== 'upload' ? known.journal : '';
    if (wanted === followed) return;
    followed = wanted;
    stop();
    if (wanted !== '') connect();
  });
}

/** After a break: who answers now may be another process, with another journal. */
function startAnew(): void {
  newest.value = [];
  forgetPast();
  void loadOverview();
}

function take(told: LiveMessage): void {
  const known = overview.peek();
  if (!known) return;
  switch (told.type) {
    case 'hello':
      clockLead.value = told.now - Date.now();
      if (told.seq < known.last.seq) void loadOverview();
      return;
    case 'records':
      takeRecords(known, told);
      return;
    case 'gap':
      void loadOverview();
      return;
    case 'indexing': {
      const { type: _, ...indexing } = told;
      overview.value = { ...known, indexing };
      // What was found wrong on the way is told by the overview.
      if (indexing.done === indexing.of) void loadOverview();
      return;
    }
    case 'source': {
      const { type: _, ...source } = told;
      overview.value = { ...known, source };
    }
  }
}

function takeRecords(known: Overview, told: LiveRecords): void {
  clockLead.value = told.now - Date.now();
  const before = moments.value.peek();
  const first = known.first.seq === 0 ? { seq: told.from, at: told.at } : known.first;
  const isNext = before !== null && before.seq >= told.from - 1 && before.seq < told.to;
  if (place.moment.peek() === null && isNext && !told.isPartial) {
    const after = advanced(before, told);
    if (after) moments.put(told.to, after);
  }
  newest.value = [...newest.peek(), ...told.records].slice(-NEWEST_MAX);
  arrivals.value += 1;
  overview.value = { ...known, kind: 'live', first, last: { seq: told.to, at: told.at } };
  if (place.moment.peek() === null) moments.request(seq.peek());
}

/**
 * The moment after these records, made from the one before, so that nothing has to be asked; null when a group that
 * changed is not listed whole.
 */
export function advanced(before: Moment, { to, at, changed, ended, records, hops }: LiveRecords): Moment | null {
  const gone = new Set(ended);
  const now = new Map(changed.map((view) => [view.id, view]));
  const groups: ActorGroup[] = [];
  for (const group of before.groups) {
    const touched = [...now.values()].filter(({ machine }) => machine === group.machine);
    const isTouched = touched.length > 0 || group.actors.some(({ id }) => gone.has(id));
    if (isTouched && group.total !== group.actors.length) return null;
    groups.push(isTouched ? regrouped(group.machine, touched, group.actors, gone) : group);
    for (const { id } of touched) now.delete(id);
  }
  for (const machine of new Set([...now.values()].map((view) => view.machine)))
    groups.push(
      regrouped(
        machine,
        [...now.values()].filter((view) => view.machine === machine),
        [],
        gone,
      ),
    );
  const record = records.at(-1) ?? before.record;
  return { seq: to, at, epoch: record?.epoch ?? before.epoch, groups, hops, record };
}

function regrouped(
  machine: string,
  touched: readonly ActorView[],
  listed: readonly ActorView[],
  gone: ReadonlySet<string>,
): ActorGroup {
  const ids = new Set(touched.map(({ id }) => id));
  const all = [...touched, ...listed.filter(({ id }) => !ids.has(id) && !gone.has(id))];
  const byState: Record<string, number> = {};
  for (const { value } of all) byState[pathOf(value)] = (byState[pathOf(value)] ?? 0) + 1;
  return { machine, total: all.length, byState, actors: all };
}
