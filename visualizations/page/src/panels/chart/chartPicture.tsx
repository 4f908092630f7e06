import { effect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { ChartLayout } from '../../../../src/chart/chartLayout.js';
import { renderChartSvg } from '../../../../src/chart/svg/renderChartSvg.js';
import { takenEdges, transitionsOf } from '../../../../src/chart/takenEdges.js';
import { type Heat, pathOf, pathsOf } from '../../../../src/protocol.js';
import { chosen, moments } from '../../state/data.js';
import * as place from '../../state/place.js';
import { t } from '../../texts/locale.js';
import { timeLeft } from '../actor/timers.js';
import { marksOf } from './chartHeat.js';
import { drawInto } from './drawInto.js';
import { Picture, reveal } from './picture.js';

interface Drawn {
  readonly layout: ChartLayout;
  /** The same chart in full: rules and counts are looked up there. */
  readonly whole: ChartLayout;
  readonly heat: Heat | null;
}

/** The picture; what is active, what was just taken and what time is left are put on it without drawing it anew. */
export function ChartPicture({ layout, whole, heat }: Drawn) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const svg = drawInto(box.current!, renderChartSvg(layout, heat ? marksOf(heat, whole, layout) : {}));
    const stopStates = effect(() => lightStates(svg));
    const stopEdges = effect(() => lightEdges(svg, whole));
    const stopClocks = effect(() => tellClocks(svg, layout));
    const observer = new ResizeObserver(() => revealActive(svg));
    observer.observe(box.current!);
    return () => {
      observer.disconnect();
      stopStates();
      stopEdges();
      stopClocks();
    };
  }, [layout, whole, heat]);
  const [state, width] = [chosen.value ? pathOf(chosen.value.value) : '', layout.width];
  useEffect(() => {
    const svg = box.current?.querySelector('svg');
    if (svg && state !== '' && width > 0) revealActive(svg);
  }, [state, width]);
  return <Picture box={box} width={layout.width} height={layout.height} label={t.value.chart} name="chart" />;
}
/** The innermost active state is kept in sight. */
function revealActive(svg: Element): void {
  const active = [...svg.querySelectorAll('.state.active')].at(-1);
  if (active) reveal(active);
}

function lightStates(svg: SVGElement): void {
  const active = new Set(chosen.value ? pathsOf(chosen.value.value) : []);
  for (const state of svg.querySelectorAll('[data-state]'))
    state.classList.toggle('active', active.has(state.getAttribute('data-state')!));
}

/**
 * The transitions that the record at this moment made the chosen actor take; the animation begins anew with each
 * record.
 */
function lightEdges(svg: SVGElement, whole: ChartLayout): void {
  const record = moments.value.value?.record;
  const steps = record?.steps.filter(({ actor }) => actor === place.actor.value) ?? [];
  const taken = new Set(steps.flatMap((step) => [...takenEdges(whole, step)]));
  for (const lit of svg.querySelectorAll('.way, .edge')) {
    const ids = (lit.getAttribute('data-edge') ?? lit.getAttribute('data-edges'))!.split(' ');
    lit.classList.toggle(
      'taken',
      ids.some((id) => taken.has(id)),
    );
  }
}

/** What is left of each named delay, in the corner of the state that has it. */
function tellClocks(svg: SVGElement, layout: ChartLayout): void {
  const timers = new Map(chosen.value?.timers.map(({ timer, dueAt }) => [timer, dueAt]) ?? []);
  const active = new Set(chosen.value ? pathsOf(chosen.value.value) : []);
  const delays = new Map<string, string[]>();
  for (const { source, delay } of transitionsOf(layout))
    if (delay) delays.set(source, [...(delays.get(source) ?? []), delay]);
  for (const clock of svg.querySelectorAll('[data-clock]')) {
    const path = clock.getAttribute('data-clock')!;
    const due = (delays.get(path) ?? []).map((delay) => timers.get(delay)).find((dueAt) => dueAt !== undefined);
    const isLit = due !== undefined && (path === '' || active.has(path));
    clock.textContent = isLit ? timeLeft(due) : '';
  }
}
