import { effect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { MapNode } from '../../../../src/chart/chartLayout.js';
import { placeOf } from '../../../../src/chart/travelledFlows.js';
import { chooseActor } from '../../parts/chips.js';
import { map } from '../../state/data.js';
import * as place from '../../state/place.js';
import { t } from '../../texts/locale.js';
import { actorOf, flowsNow, isStill, tellNode } from './flows.js';
import { travel } from './mapPicture.js';

/**
 * The map in small: every actor a tile with its state, in groups, and over them the ways that this record's fact went.
 */
export function MapTiles() {
  const layout = map.value.value?.layout ?? null;
  const box = useRef<HTMLDivElement>(null);
  const drawing = useRef<SVGSVGElement>(null);
  useEffect(() => {
    if (!layout) return;
    // Kept here: what is below may run once more after the tiles have gone, before this effect is undone.
    const [tiles, lines] = [box.current!, drawing.current!];
    let frame = 0;
    const stop = effect(() => {
      const flows = flowsNow(layout);
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => drawFlows(tiles, lines, flows));
    });
    const observer = new ResizeObserver(() => drawFlows(tiles, lines, flowsNow(layout)));
    observer.observe(tiles);
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      stop();
    };
  }, [layout]);
  if (!layout) return <p class="empty">{map.error.value?.message ?? t.value.drawing}</p>;
  const groups = [
    { id: null, name: t.value.outside },
    ...layout.groups.map(({ id }) => ({ id, name: t.value.mapGroups[id] ?? id })),
  ];
  return (
    <div class="tilesScroll">
      <div class="tiles" ref={box}>
        <svg class="tileFlows" ref={drawing} aria-hidden="true" />
        {groups.map(({ id, name }) => (
          <fieldset key={id} class={id === null ? 'outsideTiles' : ''}>
            <legend>{name}</legend>
            {layout.nodes
              .filter((node) => node.group === id)
              .map((node) => (
                <Tile key={node.id} node={node} />
              ))}
          </fieldset>
        ))}
        <svg class="tileFlows dots" aria-hidden="true" />
      </div>
    </div>
  );
}

function Tile({ node }: { node: MapNode }) {
  const { id, machine, isMany, title } = node;
  const name = title.parts.map(({ text }) => text).join('');
  if (machine === null)
    return (
      <div class="tile outside" data-tile={id}>
        <span class="name">{t.value.outsideNames[id] ?? name}</span>
      </div>
    );
  const { text, tone } = tellNode(node);
  return (
    <button
      type="button"
      class={`tile ${isMany ? 'many' : ''}`}
      data-tile={id}
      data-tone={tone}
      data-tip={`${id} · ${text}`}
      aria-current={placeOf(place.actor.value) === id}
      onClick={() => chooseActor(actorOf(node) ?? id)}
    >
      <span class="name">{name}</span>
      <span class="state">{text}</span>
    </button>
  );
}

const PULSES_MAX = 16;
/** Curves from tile to tile for what travelled, and a dot along each. */
function drawFlows(box: HTMLElement, svg: SVGSVGElement, flows: readonly string[]): void {
  const dots = box.querySelector('.dots')!;
  svg.replaceChildren();
  dots.replaceChildren();
  const lit = new Set<string>();
  flows.slice(0, PULSES_MAX).forEach((flow, order) => {
    const [from, to] = flow.split('>');
    const [source, target] = [tileOf(box, from!), tileOf(box, to!)];
    if (!source || !target) return;
    lit.add(from!).add(to!);
    const line = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    line.setAttribute('d', curve(source, target));
    svg.append(line);
    if (!isStill()) travel(dots, line, { order });
  });
  for (const tile of box.querySelectorAll('[data-tile]'))
    tile.classList.toggle('lit', lit.has(tile.getAttribute('data-tile')!));
}
function tileOf(box: HTMLElement, id: string): HTMLElement | null {
  return box.querySelector(`[data-tile="${CSS.escape(id)}"]`);
}
function curve(source: HTMLElement, target: HTMLElement): string {
  const [from, to] = [centre(source), centre(target)];
  const bend = Math.abs(to.x - from.x) < 40 ? 34 : 0;
  const middle = (from.y + to.y) / 2;
  return `M${from.x} ${from.y}C${from.x + bend} ${middle} ${to.x + bend} ${middle} ${to.x} ${to.y}`;
}
function centre(tile: HTMLElement): { x: number; y: number } {
  return { x: tile.offsetLeft + tile.offsetWidth / 2, y: tile.offsetTop + tile.offsetHeight / 2 };
}
