import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { closeRigs, until } from '../../e2e/rig.js';
import { axeFindings, describeInBrowser, startWorld, type World } from './browser.js';

const TIME_MS = 120_000;
const TABS = ['record', 'message', 'actor', 'search', 'whatIf', 'chat', 'operator', 'file'] as const;

describeInBrowser('how the page looks', () => {
  let world: World;
  let message: string;
  beforeAll(async () => {
    world = await startWorld();
    world.rig.simulator.addFault({ kind: 'errors', status: 500, count: 2, route: 'messages' });
    for (const text of ['one', '!help', 'three']) await world.rig.ask(text, { channelId: 'demo' });
    message = world.rig.simulator.replies().at(-1)!.msgId!;
  }, TIME_MS);
  afterAll(async () => {
    await world?.close();
    await closeRigs();
  }, TIME_MS);

  for (const dark of [false, true])
    for (const locale of ['en', 'zh'] as const)
      test(
        `has nothing that axe-core finds wrong: ${dark ? 'dark' : 'light'}, ${locale}, every tab, chart, table, map, help`,
        async () => {
          const page = await world.open(`#message=${message}&heat=1`, { dark, locale });
          const found: string[] = [];
          // The page follows the bot: a record may come in the middle of a look, and then it is looked at again.
          const look = async (what: string, within?: string): Promise<void> => {
            let findings = await axeFindings(page, within);
            for (let again = 0; again < 3 && findings.length > 0; again += 1)
              findings = await axeFindings(page, within);
            found.push(...findings.map((finding) => `${what}: ${finding}`));
          };
          await look('whole');
          // Colours depend on the theme, texts on the language: every tab once with each of them.
          for (const tab of dark === (locale === 'en') ? TABS : []) {
            await page.click(`#tab-${tab}`);
            await page.waitForSelector(`#tab-${tab}[aria-selected="true"]`);
            await look(tab, '.inspector');
          }
          for (const view of ['Table', 'Map']) {
            await page.click(`.chart .segmented button >> nth=${view === 'Table' ? 1 : 2}`);
            await look(view, '.chart');
          }
          await page.click('.mapPane .segmented button >> nth=1');
          await look('list', '.mapPane');
          await page.keyboard.press('?');
          await page.waitForSelector('dialog[open]');
          await look('help', 'dialog[open]');
          expect([...new Set(found)]).toEqual([]);
          expect(await page.getAttribute('html', 'lang')).toBe(locale === 'zh' ? 'zh-CN' : 'en');
          await page.context().close();
        },
        TIME_MS,
      );

  test.each([1500, 1240, 900, 390])(
    'nothing is wider than a window of %d px, and every pane can be reached',
    async (width) => {
      const page = await world.open('', { width, height: 800 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      for (const pane of ['.mapPane', '.chart', '.inspector', '.timeline']) {
        await page.locator(pane).scrollIntoViewIfNeeded();
        const box = (await page.locator(pane).boundingBox())!;
        expect(box.width).toBeGreaterThan(200);
        expect(box.height).toBeGreaterThan(80);
      }
      await page.context().close();
    },
    TIME_MS,
  );

  test(
    'every control can be reached by keyboard, and shows that it has the focus',
    async () => {
      const page = await world.open();
      const seen = new Set<string>();
      for (let i = 0; i < 250; i += 1) {
        await page.keyboard.press('Tab');
        const name = await page.evaluate(() => {
          const at = document.activeElement;
          if (!at || at === document.body) return null;
          const { outlineStyle, outlineWidth } = getComputedStyle(at);
          const kind = at.closest('.head, .mapPane, .chart, .inspector, .timeline')?.className.split(' ').at(-1);
          return `${kind}|${outlineStyle !== 'none' && outlineWidth !== '0px'}`;
        });
        if (name === null) break;
        seen.add(name);
      }
      expect([...seen].sort()).toEqual(['chart|true', 'head|true', 'inspector|true', 'mapPane|true', 'timeline|true']);
      await page.context().close();
    },
    TIME_MS,
  );

  test(
    'the theme and the language are switched by hand and remembered',
    async () => {
      const page = await world.open();
      const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const light = await ground();
      await page.click('.head button[aria-label="Theme: as the system"]');
      await page.click('.head button[aria-label="Theme: light"]');
      await until('the dark ground', async () => (await ground()) !== light);
      const dark = await ground();
      await page.click('.head button:has-text("中文")');
      await page.waitForSelector('legend:has-text("连接")');
      await page.reload();
      await page.waitForSelector('.page[data-shown]');
      expect(await ground()).toBe(dark);
      await page.context().close();
    },
    TIME_MS,
  );

  test(
    'who wants no motion gets none',
    async () => {
      const page = await world.open('#seq=20&view=map', { reducedMotion: true });
      await page.waitForSelector('.kchart .flow');
      await page.keyboard.press('ArrowRight');
      await page.waitForTimeout(300);
      expect(await page.locator('.pulseDot').count()).toBe(0);
      expect(
        await page.evaluate(() => document.getAnimations().filter(({ playState }) => playState === 'running').length),
      ).toBe(0);
      await page.context().close();
    },
    TIME_MS,
  );
});
