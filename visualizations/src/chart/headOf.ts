import type { Box, Point } from './chartLayout.js';
import { PAD_PX } from './layout/chartGraph.js';

/** Between a line and a title. */
const CLEAR_PX = 4;

/**
 * The corner of the title and rows of a box that holds others: beside the lines that cross the head of the box on their
 * way inside; its left corner when no place is free.
 */
export function headOf(
  box: Box,
  { width, height }: { readonly width: number; readonly height: number },
  ways: readonly (readonly Point[])[],
): Point {
  const crossing = ways
    .flatMap((points) => points.slice(1).map((to, index) => [points[index]!, to] as const))
    .filter(([from, to]) => Math.min(from.y, to.y) < box.y + height && Math.max(from.y, to.y) > box.y)
    .flatMap(([from, to]) => [from.x, to.x]);
  const isFree = (x: number): boolean => crossing.every((line) => line < x - CLEAR_PX || line > x + width + CLEAR_PX);
  const first = box.x + PAD_PX;
  const places = [first, ...crossing.map((line) => line + 2 * CLEAR_PX).sort((a, b) => a - b)];
  const x = places.find((place) => place >= first && place + width < box.x + box.width && isFree(place)) ?? first;
  return { x, y: box.y };
}
