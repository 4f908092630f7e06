import { MARK_KINDS } from '../../src/protocol.js';
import { nextTheme } from './panels/head.js';
import { isHelpOpen } from './panels/help.js';
import { shownTabs } from './panels/inspector.js';
import { firstSeq, lastSeq } from './state/data.js';
import * as place from './state/place.js';
import { hasKeys } from './state/preferences.js';
import { goLive, goTo, jump, step, zoom } from './state/timeline.js';

const LEAP = 10;

const COMMANDS: Readonly<Record<string, () => void>> = {
  ArrowLeft: () => step(-1),
  ArrowRight: () => step(1),
  'Shift+ArrowLeft': () => step(-LEAP),
  'Shift+ArrowRight': () => step(LEAP),
  Home: () => goTo(firstSeq.peek()),
  End: () => goTo(lastSeq.peek()),
  '[': () => void jump('before', MARK_KINDS),
  ']': () => void jump('after', MARK_KINDS),
  l: goLive,
  '+': () => zoom(0.5),
  '=': () => zoom(0.5),
  '-': () => zoom(2),
  '0': () => (place.stretch.value = null),
  '/': () => focusIn('search', 'search'),
  g: () => document.querySelector<HTMLInputElement>('#seq')?.select(),
  v: () => {
    const views = ['chart', 'table', 'map'] as const;
    place.view.value = views[(views.indexOf(place.view.peek()) + 1) % views.length]!;
  },
  b: () => (place.brief.value = !place.brief.peek()),
  h: () => (place.heat.value = !place.heat.peek()),
  t: nextTheme,
  '?': () => (isHelpOpen.value = true),
};

function focusIn(tab: place.Tab, id: string): void {
  place.tab.value = tab;
  requestAnimationFrame(() => document.getElementById(id)?.focus());
}

/** Keys that a field or a list uses itself stay its own. */
const OWN: readonly (readonly [selector: string, keys: RegExp])[] = [
  ['input, textarea, select', /./],
  ['[role="tablist"]', /^Arrow(Up|Down)$/],
  ['.vlist, .scroll, .scrollX, .picture, .chatLines', /^(Home|End|Arrow(Up|Down))$/],
];

export function startKeys(): void {
  window.addEventListener('keydown', (event) => {
    const { key, target } = event;
    if (!hasKeys.peek() || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (!(target instanceof Element) || document.querySelector('dialog[open]')) return;
    if (OWN.some(([selector, keys]) => keys.test(key) && target.closest(selector))) return;
    const isArrow = key.startsWith('Arrow');
    const command = COMMANDS[isArrow && event.shiftKey ? `Shift+${key}` : key.length === 1 ? key.toLowerCase() : key];
    const tab = /^[1-8]$/.test(key) ? shownTabs()[Number(key) - 1] : undefined;
    if (tab) place.tab.value = tab;
    if (!command && !tab) return;
    event.preventDefault();
    command?.();
  });
}
