import { effect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { MapLayout } from '../../../../src/chart/chartLayout.js';
import { renderMapSvg } from '../../../../src/chart/svg/renderMapSvg.js';
import { placeOf } from '../../../../src/chart/travelledFlows.js';
import { chooseActor } from '../../parts/chips.js';
import { map } from '../../state/data.js';
import * as place from '../../state/place.js';
import { t } from '../../texts/locale.js';
import { drawInto } from '../chart/drawInto.js';
import { Picture } from '../chart/picture.js';
import { actorOf, flowsNow, isStill, tellNode } from './flows.js';

const PULSES_MAX = 24;
/** Of the map's small text. */
const CHAR_PX = 6.7;
const PULSE_MS = 700;

/** All actors and every way between them. A dot travels where something did in the record that is shown. */
export function MapPicture() {
  const box = useRef<HTMLDivElement>(null);
  const layout = map.value.value?.layout ?? null;
  useEffect(() => {
    if (!layout) return;
    const svg = drawInto(box.current!, renderMapSvg(layout));
    prepareNodes(svg, layout);
    const stopStates = effect(() => tellStates(svg, layout));
    const stopPulses = effect(() => pulse(svg, layout));
    return () => {
      stopStates();
      stopPulses();
    };
  }, [layout]);
  if (!layout) return <p class="empty">{map.error.value?.message ?? t.value.drawing}</p>;
  return <Picture box={box} width={layout.width} height={layout.height} label={t.value.map} name="map" />;
}

/** Actors can be chosen by mouse and keyboard. */
function prepareNodes(svg: SVGElement, layout: MapLayout): void {
  svg.setAttribute('role', 'group');
  for (const node of layout.nodes) {
    const element = svg.querySelector(`[data-node="${CSS.escape(node.id)}"]`);
    if (!element || node.machine === null) continue;
    const choose = (): void => chooseActor(actorOf(node) ?? node.id);
    element.setAttribute('tabindex', '0');
    element.setAttribute('role', 'button');
    // Read as two words.
    element.querySelector('.now')?.before(' ');
    element.addEventListener('click', choose);
    element.addEventListener('keydown', (event) => {
      const { key } = event as KeyboardEvent;
      if (key !== 'Enter' && key !== ' ') return;
      event.preventDefault();
      choose();
    });
  }
}

function tellStates(svg: SVGElement, layout: MapLayout): void {
  for (const node of layout.nodes) {
    const element = svg.querySelector(`[data-node="${CSS.escape(node.id)}"]`);
    if (!element || node.machine === null) continue;
    const { text, tone } = tellNode(node);
    const now = element.querySelector('.now');
    const room = Math.floor((node.box.width - 18) / CHAR_PX);
    const fitting = text.length <= room ? text : `${text.slice(0, room - 1)}…`;
    if (now && now.textContent !== fitting) now.textContent = fitting;
    element.setAttribute('data-tone', tone);
    element.classList.toggle('chosen', node.id === placeOf(place.actor.value));
  }
}

function pulse(svg: SVGElement, layout: MapLayout): void {
  const lit = new Map(flowsNow(layout).map((flow, order) => [flow, order]));
  for (const old of svg.querySelectorAll('.pulseDot')) old.remove();
  let started = 0;
  for (const flow of svg.querySelectorAll('[data-flow]')) {
    for (const [name, className] of [
      ['data-flow', 'pulse'],
      ['data-back', 'pulseBack'],
    ] as const) {
      const order = lit.get(flow.getAttribute(name) ?? '');
      flow.classList.toggle(className, order !== undefined);
      if (order === undefined || isStill() || started >= PULSES_MAX) continue;
      started += 1;
      const line = flow.querySelector('path');
      if (line) travel(flow, line, { isBack: name === 'data-back', order });
    }
  }
}

/** Lets a dot run along a line once. */
export function travel(
  into: Element,
  line: SVGPathElement,
  { isBack = false, order }: { isBack?: boolean; order: number },
): void {
  const dot = document.createElementNS('http://www.w3.org/2000/svg', 'circle');
  dot.setAttribute('class', 'pulseDot');
  dot.setAttribute('r', '5');
  into.append(dot);
  const length = line.getTotalLength();
  const frames = Array.from({ length: 13 }, (_, i) => {
    const { x, y } = line.getPointAtLength((length * (isBack ? 12 - i : i)) / 12);
    return { transform: `translate(${x}px, ${y}px)` };
  });
  const delay = Math.min(order, 8) * 90;
  const run = dot.animate(frames, { duration: PULSE_MS, delay, easing: 'ease-in-out', fill: 'backwards' });
  run.onfinish = () => dot.remove();
}
