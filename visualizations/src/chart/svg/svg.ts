import type { Point } from '../chartLayout.js';

const CORNER_PX = 7;
const TIP_PX = 7;

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** A line with rounded corners, ending where its arrow begins; `both`: it has one at its start too. */
export function roundedPath(points: readonly Point[], both = false): string {
  const way = [both ? shortOf([...points].reverse()) : points[0]!, ...points.slice(1, -1), shortOf(points)];
  const [start, ...rest] = way as [Point, ...Point[]];
  const parts = [`M${at(start)}`];
  for (const [index, corner] of rest.entries()) {
    const [before, after] = [way[index]!, rest[index + 1]];
    if (!after) parts.push(`L${at(corner)}`);
    else {
      const radius = Math.min(CORNER_PX, distance(before, corner) / 2, distance(corner, after) / 2);
      parts.push(`L${at(towards(corner, before, radius))}Q${at(corner)} ${at(towards(corner, after, radius))}`);
    }
  }
  return parts.join('');
}

/** The tip of the arrow at the last point. */
export function arrow(points: readonly Point[]): string {
  const [from, tip] = points.slice(-2) as [Point, Point];
  const back = towards(tip, from, TIP_PX);
  const side = { x: ((tip.y - back.y) * 4) / TIP_PX, y: ((back.x - tip.x) * 4) / TIP_PX };
  const [left, right] = [1, -1].map((way) => ({ x: back.x + way * side.x, y: back.y + way * side.y })) as [
    Point,
    Point,
  ];
  return `M${at(tip)}L${at(left)}L${at(right)}Z`;
}

function shortOf(points: readonly Point[]): Point {
  const [from, tip] = points.slice(-2) as [Point, Point];
  return towards(tip, from, Math.min(TIP_PX - 1, distance(from, tip)));
}
function distance(a: Point, b: Point): number {
  return Math.hypot(b.x - a.x, b.y - a.y);
}
function towards(from: Point, to: Point, by: number): Point {
  const whole = distance(from, to);
  return whole === 0
    ? from
    : { x: from.x + ((to.x - from.x) / whole) * by, y: from.y + ((to.y - from.y) / whole) * by };
}
function at({ x, y }: Point): string {
  return `${Math.round(x * 10) / 10},${Math.round(y * 10) / 10}`;
}
