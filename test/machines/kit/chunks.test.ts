import { expect, test } from '@jest/globals';
import {
  CHUNK,
  type Chunks,
  chunked,
  firstOf,
  flattened,
  pushed,
  shifted,
  sizeOf,
  trimmed,
} from '../../../src/machines/kit/chunks.js';
import { randomFrom } from '../../../src/machines/kit/randomness.js';

test('[core 3] a list in chunks is the list, whatever is added and taken; no chunk is empty or too long, and what was before stays as it was', () => {
  let chunks: Chunks<number> = [];
  let list: number[] = [];
  for (let i = 0; i < 1_500; i += 1) {
    const before = chunks;
    const was = JSON.stringify(before);
    const dice = randomFrom(`act ${i}`);
    if (dice < 0.7) {
      chunks = pushed(chunks, i);
      list = [...list, i];
    } else if (dice < 0.85) {
      chunks = shifted(chunks);
      list = list.slice(1);
    } else {
      const max = list.length - Math.floor(randomFrom(`max ${i}`) * Math.min(list.length, 70));
      chunks = trimmed(chunks, max);
      const kept = sizeOf(chunks);
      // As much as whole chunks allow, never less than asked for.
      expect(kept).toBeGreaterThanOrEqual(Math.min(max, list.length));
      const without = before.map((_, at) => sizeOf(before.slice(at))).filter((size) => size >= max);
      if (max <= list.length) expect(kept).toBe(Math.min(...without, max === 0 ? 0 : list.length));
      list = list.slice(list.length - kept);
    }
    expect([flattened(chunks), sizeOf(chunks), firstOf(chunks)]).toEqual([list, list.length, list[0]]);
    expect(chunks.every(({ length }) => length > 0 && length <= CHUNK)).toBe(true);
    expect(JSON.stringify(before)).toBe(was);
  }
});

test('[core 24] a flat list of before is the same in chunks', () => {
  for (const length of [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 5]) {
    const list = Array.from({ length }, (_, i) => i);
    const chunks = chunked<number>(list);
    expect([flattened(chunks), chunks.every((chunk) => chunk.length > 0 && chunk.length <= CHUNK)]).toEqual([
      list,
      true,
    ]);
    expect(chunked(chunks)).toBe(chunks);
  }
});
