import { computed, effect, signal, untracked } from '@preact/signals';
import type { Mark, MarkKind, MarksPage, Timeline } from '../../../src/protocol.js';
import { ask } from './api.js';
import { clamp, firstSeq, lastSeq, overview, seq } from './data.js';
import { createLoader } from './loader.js';
import * as place from './place.js';

/** Pixels of one bar. */
const BAR_PX = 3;
const BUCKETS_MAX = 800;
/** While records come the whole is asked for again at most so often. */
const EVERY_MS = 300;
/** An answer that takes longer is given up when another stretch is wanted. */
const STALE_MS = 1_500;
/** The closest look, in records. */
const CLOSEST = 20;

export const width = signal(0);
/** Kinds of marks that are not shown and not jumped to. */
export const hiddenKinds = signal<ReadonlySet<MarkKind>>(new Set());
/** The first and last record that the timeline shows. */
export const range = computed<place.Stretch>(() => {
  const whole = { from: firstSeq.value, to: lastSeq.value };
  const wanted = place.stretch.value;
  if (!wanted) return whole;
  return { from: clamp(wanted.from, whole.from, whole.to), to: clamp(wanted.to, whole.from, whole.to) };
});
export const timelines = createLoader<string, Timeline>(
  (key, stop) => {
    const [from, to, buckets] = key.split(' ');
    return ask('api/timeline', { from, to, buckets }, stop);
  },
  { cacheMax: 1, isFinal: () => false, staleMs: STALE_MS },
);

export function startTimeline(): void {
  const key = (): string | null => {
    const { from, to } = range.value;
    const buckets = Math.min(BUCKETS_MAX, Math.floor(width.value / BAR_PX));
    return to === 0 || buckets < 1 ? null : `${from} ${to} ${buckets}`;
  };
  let asked = 0;
  let took = 0;
  let timer = 0;
  // What grows by itself is asked for again when the answer before is there, and less often the longer that took.
  const refresh = (): void => {
    clearTimeout(timer);
    const pause = Math.max(EVERY_MS, 3 * took) - (performance.now() - asked);
    if (timelines.isOut() || pause > 0) {
      timer = window.setTimeout(refresh, Math.max(pause, EVERY_MS));
      return;
    }
    const wanted = untracked(key);
    if (wanted === null) return;
    asked = performance.now();
    timelines.request(wanted);
  };
  effect(() => {
    if (timelines.value.value) took = performance.now() - asked;
  });
  effect(() => {
    if (overview.value?.indexing.done !== undefined && key() !== null) refresh();
  });
  // A hand that zooms or moves does not wait for that.
  effect(() => {
    if (place.stretch.value === null && timelines.value.peek() !== null) return;
    const wanted = key();
    if (wanted !== null) timelines.request(wanted);
  });
}

/** Where a record stands, 0 to 1 and beyond. */
export function shareOf(at: number): number {
  const { from, to } = range.value;
  return to === from ? 1 : (at - from) / (to - from);
}
export function seqAt(share: number): number {
  const { from, to } = range.value;
  return clamp(Math.round(from + share * (to - from)), from, to);
}
/** The time at a place of the timeline, as closely as it is known. */
export function timeAt(share: number): number | null {
  const known = timelines.value.value;
  if (!known || known.buckets.length === 0) return null;
  const at = range.value.from + share * (range.value.to - range.value.from);
  let [low, high] = [0, known.buckets.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (known.buckets[middle]!.seq <= at) low = middle;
    else high = middle - 1;
  }
  return known.buckets[low]!.at;
}

export function zoom(factor: number, around = seq.peek()): void {
  const { from, to } = range.peek();
  const length = clamp((to - from) * factor, CLOSEST, lastSeq.peek() - firstSeq.peek());
  const share = to === from ? 0.5 : clamp((around - from) / (to - from), 0, 1);
  show(Math.round(around - share * length), Math.round(length));
}
export function pan(by: number): void {
  const { from, to } = range.peek();
  show(from + Math.round(by * (to - from)), to - from);
}
function show(from: number, length: number): void {
  const [first, last] = [firstSeq.peek(), lastSeq.peek()];
  const start = clamp(from, first, last - length);
  place.stretch.value = length >= last - first ? null : { from: start, to: start + length };
}

/** Goes to a moment, and moves the timeline after it where it left what is shown. */
export function goTo(wanted: number): void {
  const target = clamp(wanted, Math.max(0, firstSeq.peek() - 1), lastSeq.peek());
  place.moment.value = target;
  const { from, to } = range.peek();
  if (place.stretch.peek() && (target < from || target > to)) show(target - Math.round((to - from) / 2), to - from);
}
export function step(by: number): void {
  goTo(seq.peek() + by);
}
export function goLive(): void {
  place.moment.value = null;
}

const shownKinds = computed(() => hiddenKinds.value);
/** The next mark before or after this moment, of the kinds that are shown. */
export async function jump(way: 'before' | 'after', kinds: readonly MarkKind[]): Promise<void> {
  const wanted = kinds.filter((kind) => !shownKinds.peek().has(kind));
  const { marks } = await ask<MarksPage>('api/marks', { [way]: seq.peek(), kinds: wanted.join(','), limit: 1 });
  const [mark] = marks;
  if (mark) goTo(mark.seq);
}
export function marksNear(share: number, px: number): readonly Mark[] {
  const known = timelines.value.value;
  const reach = width.value > 0 ? px / width.value : 0;
  return (
    known?.marks.filter((mark) => Math.abs(shareOf(mark.seq) - share) <= reach && !hiddenKinds.value.has(mark.kind)) ??
    []
  );
}
