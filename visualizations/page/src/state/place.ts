import { effect, signal } from '@preact/signals';
import type { MarkKind } from '../../../src/protocol.js';

/**
 * Where the reader is: all of it stands behind the `#` of the address, so that a link shows another reader the same.
 * Texts that are not there mean their defaults.
 */
export const TABS = ['record', 'message', 'actor', 'search', 'whatIf', 'chat', 'operator', 'file'] as const;
export type Tab = (typeof TABS)[number];
export type ChartView = 'chart' | 'table' | 'map';
export const FILTERS = ['actor', 'event', 'message', 'user', 'class', 'rule', 'mark', 'text'] as const;
export type Filters = Partial<Record<(typeof FILTERS)[number], string>>;
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** `main`, or the id of a journal opened through the page. */
export const journal = signal('main');
/** The moment that is shown; null: the newest, following what comes. */
export const moment = signal<number | null>(null);
export const actor = signal('breaker:messages');
export const tab = signal<Tab>('record');
export const message = signal<string | null>(null);
export const view = signal<ChartView>('chart');
/** Whether the chart shows only states and what leads from one to another. */
export const brief = signal(false);
/** Whether counts and dwell times are painted on the chart. */
export const heat = signal(false);
export const filters = signal<Filters>({});
/** What the timeline shows; null: everything. */
export const stretch = signal<Stretch | null>(null);

const SETTLED_MS = 200;
/** Whether the address named a tab, or the reader chose one. */
let isTabChosen = false;

function toHash(): string {
  const hash = new URLSearchParams();
  const put = (name: string, value: string | number | null, usual: string | null = null): void => {
    if (value !== null && value !== '' && value !== usual) hash.set(name, String(value));
  };
  put('journal', journal.value, 'main');
  put('seq', moment.value);
  put('actor', actor.value);
  put('tab', tab.value);
  put('message', message.value);
  put('view', view.value, 'chart');
  put('brief', brief.value ? '1' : null);
  put('heat', heat.value ? '1' : null);
  for (const name of FILTERS) put(`find.${name}`, filters.value[name] ?? null);
  put('from', stretch.value?.from ?? null);
  put('to', stretch.value?.to ?? null);
  return hash.toString();
}

function fromHash(hash: URLSearchParams): void {
  const number = (name: string): number | null => {
    const value = Number(hash.get(name));
    return hash.has(name) && Number.isSafeInteger(value) && value >= 0 ? value : null;
  };
  const oneOf = <T extends string>(name: string, allowed: readonly T[], usual: T): T =>
    allowed.find((value) => value === hash.get(name)) ?? usual;
  journal.value = hash.get('journal') ?? 'main';
  moment.value = number('seq');
  actor.value = hash.get('actor') || 'breaker:messages';
  tab.value = oneOf('tab', TABS, 'record');
  isTabChosen = hash.has('tab');
  message.value = hash.get('message');
  view.value = oneOf('view', ['chart', 'table', 'map'], 'chart');
  brief.value = hash.get('brief') === '1';
  heat.value = hash.get('heat') === '1';
  filters.value = Object.fromEntries(
    FILTERS.flatMap((name) => (hash.get(`find.${name}`) ? [[name, hash.get(`find.${name}`)]] : [])),
  ) as Filters;
  const [from, to] = [number('from'), number('to')];
  stretch.value = from !== null && to !== null && from < to ? { from, to } : null;
}

/**
 * Reads the address and keeps it in step from then on. `onToken` is told the operator's token whenever the address
 * brings one; it is taken out of the address at once and never stands in it again.
 */
export function startPlace(onToken: (token: string) => void): void {
  const read = (): void => {
    const hash = new URLSearchParams(location.hash.slice(1));
    const token = hash.get('token');
    hash.delete('token');
    fromHash(hash);
    if (token === null) return;
    history.replaceState(null, '', `#${hash}`);
    onToken(token);
  };
  read();
  window.addEventListener('hashchange', read);
  let timer = 0;
  effect(() => {
    const hash = toHash();
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      if (hash !== location.hash.slice(1)) history.replaceState(null, '', `#${hash}`);
    }, SETTLED_MS);
  });
}

/** What to show first, unless the address or the reader wants something else. */
export function suggestTab(wanted: Tab): void {
  if (!isTabChosen && tab.peek() === 'record') tab.value = wanted;
}

/** Shows the records that fit, in the search panel. */
export function find(wanted: Filters): void {
  filters.value = wanted;
  tab.value = 'search';
}
export function findMarks(kind: MarkKind): void {
  find({ mark: kind });
}
