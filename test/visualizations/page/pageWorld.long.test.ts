import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { closeRigs, until } from '../../e2e/rig.js';
import { describeInBrowser, say, shown, startWorld, type World } from './browser.js';

const TIME_MS = 60_000;

/** As a newcomer would: one world, used from top to bottom. */
describeInBrowser('the page of a running bot', () => {
  let world: World;
  let page: Page;
  beforeAll(async () => {
    world = await startWorld();
    page = await world.open(`#tab=chat&token=${world.token}`);
  }, 120_000);
  afterAll(async () => {
    await world?.close();
    await closeRigs();
  }, TIME_MS);

  test('a newcomer to the demo world finds the chat first, unless the address says otherwise', async () => {
    const first = await world.open();
    await first.waitForSelector('#tab-chat[aria-selected="true"]');
    await first.click('#tab-record');
    await until('the address', () => first.url().includes('tab=record'));
    await first.reload();
    await first.waitForSelector('.subject');
    expect(await first.getAttribute('#tab-record', 'aria-selected')).toBe('true');
    await first.context().close();
  });

  test('the operator token is taken out of the address at once', async () => {
    expect(page.url()).not.toContain('token');
    expect(await page.content()).not.toContain(world.token);
  });

  test(
    'a user talks to the bot, and the reply stands there with its form',
    async () => {
      await say(page, 'hello there');
      await page.waitForSelector('.chatLine.bot:not(.refused)');
      const reply = page.locator('.chatLine.bot').last();
      expect(await reply.locator('.form').textContent()).toMatch(/embed|text/);
      expect(await reply.locator('.bubble').textContent()).toContain('Command processed');
      expect(await page.textContent('.status.live')).toContain('Live');
    },
    TIME_MS,
  );

  test(
    'an outage is switched on, and the chart shows the breaker open, its delay counting down',
    async () => {
      await page.click('.fault:has-text("Outage")');
      await page.waitForSelector('.fault[aria-pressed="true"]');
      for (let i = 0; i < 6; i += 1) await say(page, `message ${i} into the outage`);
      await page.waitForSelector('.kchart [data-state="open"].active', { timeout: 15_000 });
      await page.waitForSelector('.tile[data-tile="breaker:messages"][data-tone="bad"]', { timeout: 15_000 });
      const clock = page.locator('.kchart [data-clock="open"]');
      const seen = new Set<string>();
      await until('the countdown to move', async () => {
        seen.add((await clock.textContent()) ?? '');
        return seen.size > 2;
      });
      expect([...seen].some((text) => /\d (s|ms)$/.test(text))).toBe(true);
    },
    TIME_MS,
  );

  test(
    'when it is over the bot answers; the message tells what it waited for',
    async () => {
      await page.click('.fault[aria-pressed="true"]');
      await until(
        'every message to be answered',
        () => world.rig.simulator.replies().filter((r) => r.accepted).length >= 7,
        30_000,
      );
      await page.locator('.chatLine.user .link').last().click();
      await page.waitForSelector('.waits');
      await until(
        'the end of the message',
        async () => (await page.textContent('.panel .chips'))?.includes('answered') === true,
      );
      const waits = (await page.textContent('.waits')) ?? '';
      expect(waits).toMatch(/waited [\d.]+ (ms|s) for (breaker:messages|its turn in lane:demo)/);
      expect(waits).toMatch(/the call took \d+ ms/);
    },
    TIME_MS,
  );

  test(
    'the scrubber: dragged, stepped by key, jumped by mark, and back to live',
    async () => {
      const track = (await page.locator('.track').boundingBox())!;
      await page.mouse.move(track.x + track.width * 0.9, track.y + 40);
      await page.mouse.down();
      await page.mouse.move(track.x + track.width * 0.4, track.y + 40, { steps: 10 });
      await page.mouse.up();
      const wanted = Number(await page.inputValue('#seq'));
      await until('the moment under the hand', async () => (await shown(page)) === wanted);
      expect(await page.textContent('.status')).toContain('past');
      await until('the address to follow', () => page.url().includes(`seq=${wanted}`));
      await page.keyboard.press('ArrowRight');
      await until('one record on', async () => (await shown(page)) === wanted + 1);
      await page.keyboard.press('Home');
      await until('the first record', async () => (await shown(page)) === 1);
      for (let i = 0; i < 40 && !(await page.$('.kchart [data-state="open"].active')); i += 1) {
        const before = await shown(page);
        await page.keyboard.press(']');
        await until('the next mark', async () => (await shown(page)) !== before);
        await page.waitForTimeout(30);
      }
      const opened = await shown(page);
      await page.click('#tab-record');
      await until('the record', async () => (await page.textContent('.subject h2'))?.includes(`#${opened} `) === true);
      expect(await page.textContent('.panel .chips')).toContain('breaker opened');
      expect(await page.locator('.kchart .way.taken').count()).toBeGreaterThan(0);
      await page.keyboard.press('l');
      await page.waitForSelector('.status.live');
    },
    TIME_MS,
  );

  test(
    'a record leads to its cause and its outcomes, and back',
    async () => {
      const records =
        await world.rig.get<{ seq: number; fact: { type: string }; effects: { type: string }[] }[]>(
          '/records?after=0&limit=500',
        );
      const asked = records.find(({ effects }) => effects.some(({ type }) => type === 'call.start'))!;
      await page.fill('#seq', String(asked.seq));
      await page.press('#seq', 'Enter');
      await until(
        'the record',
        async () => (await page.textContent('.subject h2'))?.includes(`#${asked.seq} `) === true,
      );
      await page.locator('.effects .outcome .seq').first().click();
      await until('the outcome', async () =>
        /call\.(succeeded|failed)/.test((await page.textContent('.subject h2')) ?? ''),
      );
      await page.locator('.facts .link.seq').first().click();
      await until(
        'the cause again',
        async () => (await page.textContent('.subject h2'))?.includes(`#${asked.seq} `) === true,
      );
      expect(await page.locator('svg.sequence .way').count()).toBeGreaterThan(2);
    },
    TIME_MS,
  );

  test(
    'what an operator does is asked about first, done with the token, and becomes a record',
    async () => {
      await page.keyboard.press('l');
      await page.click('#tab-operator');
      await page.locator('.operated li:has-text("breaker:messages") button:has-text("Isolate")').click();
      await page.waitForSelector('dialog[open]');
      await page.click('dialog[open] button:has-text("Cancel")');
      expect(
        await world.rig
          .get<{ id: string; value: string }[]>('/actors')
          .then((all) => all.find(({ id }) => id === 'breaker:messages')?.value),
      ).not.toBe('isolated');
      await page.locator('.operated li:has-text("breaker:messages") button:has-text("Isolate")').click();
      await page.click('dialog[open] button.primary');
      await page.waitForSelector('.alert.good');
      await page.waitForSelector('.kchart [data-state="isolated"].active');
      await page.locator('.operated li:has-text("breaker:messages") button:has-text("Reset")').click();
      await page.click('dialog[open] button.primary');
      await page.waitForSelector('.kchart [data-state="closed"].active');
    },
    TIME_MS,
  );

  test(
    'hostile text stays text: markup, marks that turn the direction, very long',
    async () => {
      const hostile = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>\u202Egnp.exe ${'long '.repeat(900)}`;
      await page.click('#tab-chat');
      world.rig.simulator.postMessage({ kind: 'guild', channelId: 'demo', content: hostile });
      await until('its record', async () =>
        (await world.rig.get<object[]>('/records?after=0&limit=1000')).some((record) =>
          JSON.stringify(record).includes('onerror'),
        ),
      );
      await page.click('#tab-search');
      await page.fill('#search', 'onerror');
      await page.press('#search', 'Enter');
      const row = page.locator('.recordRow:has-text("message.received")', { hasText: '<img' }).first();
      await row.click();
      await page.click('#tab-record');
      await page.locator('.says', { hasText: '<img' }).waitFor();
      const says = (await page.textContent('.says')) ?? '';
      expect(says).toContain('<img src=x');
      expect(await page.locator('.panel img, .panel script').count()).toBe(0);
      expect(await page.title()).not.toContain('owned');
      expect(await page.textContent('.panel')).toContain('⟨U+202E⟩');
      expect(await page.locator('.panel .more').count()).toBeGreaterThan(0);
      expect(await page.locator('.says bdi').count()).toBe(1);
    },
    TIME_MS,
  );

  test('nothing on the page complained, and no other host was asked', () => {
    expect(world.complaints).toEqual([]);
  });
});
