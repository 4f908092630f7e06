import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { closeRigs, until } from '../../e2e/rig.js';
import { describeInBrowser, shown, startWorld, type World } from './browser.js';

const TIME_MS = 90_000;
/** Targets, with room for a machine that does other things: a page that does not keep them is off by more. */
const LIVE_MS = 100;
const FRAMES_A_SECOND = 30;

describeInBrowser('how quick the page is', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
    for (let i = 0; i < 40; i += 1) await world.rig.ask(`message ${i}`, { channelId: `c${i % 12}` });
  }, TIME_MS);
  afterAll(async () => {
    await world?.close();
    await closeRigs();
  }, TIME_MS);

  test(
    'what happens stands on the page within 100 ms of the fact',
    async () => {
      const page = await world.open();
      await page.evaluate(() => {
        const seen: Record<string, number> = {};
        (globalThis as unknown as { seen: Record<string, number> }).seen = seen;
        const look = (): void => {
          const at = document.querySelector<HTMLElement>('.page')?.dataset.shown;
          if (at !== undefined) seen[at] ??= Date.now();
        };
        new MutationObserver(look).observe(document.querySelector('.page')!, { attributes: true });
      });
      // The best of some rounds: a busy machine may delay one, but a page that is too slow is slow in all.
      let best = Number.POSITIVE_INFINITY;
      for (let round = 0; round < 6 && best >= LIVE_MS; round += 1)
        best = Math.min(best, await medianDelay(world, page));
      expect(best).toBeLessThan(LIVE_MS);
      await page.context().close();
    },
    TIME_MS,
  );

  test(
    'the scrubber shows at least 30 moments a second under a moving hand',
    async () => {
      const page = await world.open();
      const track = (await page.locator('.track').boundingBox())!;
      await page.mouse.move(track.x + 5, track.y + 40);
      await page.mouse.down();
      await page.evaluate(() => {
        const counted = { moments: 0, frames: 0 };
        (globalThis as unknown as { counted: typeof counted }).counted = counted;
        new MutationObserver(() => (counted.moments += 1)).observe(document.querySelector('.page')!, {
          attributes: true,
        });
        const frame = (): void => {
          counted.frames += 1;
          requestAnimationFrame(frame);
        };
        requestAnimationFrame(frame);
      });
      const from = performance.now();
      const steps = 160;
      for (let i = 1; i <= steps; i += 1)
        await page.mouse.move(track.x + 5 + (i / steps) * (track.width - 10), track.y + 40);
      const seconds = (performance.now() - from) / 1_000;
      await page.mouse.up();
      const counted = await page.evaluate(
        () => (globalThis as unknown as { counted: { moments: number; frames: number } }).counted,
      );
      const wanted = Math.min(FRAMES_A_SECOND, steps / seconds) * 0.9;
      expect(counted.frames / seconds).toBeGreaterThan(FRAMES_A_SECOND * 0.9);
      expect(counted.moments / seconds).toBeGreaterThan(wanted);
      await page.context().close();
    },
    TIME_MS,
  );
});

/** From the time of a fact to the moment at which the page shows it or a later one; the median of a round of messages, ms. */
async function medianDelay(world: World, page: Page): Promise<number> {
  const begun = Date.now();
  const before = await shown(page);
  for (let i = 0; i < 10; i += 1) await world.rig.ask(`live ${i}`, { channelId: `live${i}` });
  const records = await world.rig.get<{ seq: number; at: number }[]>(`/records?after=${before}&limit=1000`);
  const fresh = records.filter(({ at }) => at > begun);
  expect(fresh.length).toBeGreaterThan(20);
  await until('the last record', async () => (await shown(page)) >= fresh.at(-1)!.seq);
  const seen = await page.evaluate(() => (globalThis as unknown as { seen: Record<string, number> }).seen);
  const moments = Object.entries(seen).map(([seq, at]) => ({ seq: Number(seq), at }));
  const late = fresh
    .map(({ seq, at }) => Math.min(...moments.filter((moment) => moment.seq >= seq).map((moment) => moment.at)) - at)
    .sort((a, b) => a - b);
  return late[Math.floor(late.length / 2)]!;
}
