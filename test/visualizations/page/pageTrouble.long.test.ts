import { createServer, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { closeRigs, until } from '../../e2e/rig.js';
import { describeInBrowser, openPage, shown, startWorld, type World } from './browser.js';

const TIME_MS = 60_000;

/** A line to the inspector that can be cut. */
class Line {
  private readonly sockets = new Set<Socket>();
  isCut = false;
  private constructor(
    readonly url: string,
    private readonly server: Server,
  ) {}
  static async to(target: string): Promise<Line> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const line = new Line(`http://127.0.0.1:${port}`, server);
    server.removeAllListeners('connection');
    server.on('connection', (near: Socket) => line.join(near, Number(new URL(target).port)));
    return line;
  }
  private join(near: Socket, port: number): void {
    near.on('error', () => undefined);
    if (this.isCut) return void near.destroy();
    const far = connect(port, '127.0.0.1');
    far.on('error', () => near.destroy());
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) this.sockets.add(socket);
  }
  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
  }
  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

describeInBrowser('the page in trouble', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
    await world.rig.ask('hello');
  }, TIME_MS);
  afterAll(async () => {
    await world?.close();
    await closeRigs();
  }, TIME_MS);

  test(
    'a feed that breaks off is said, and comes back by itself with what was missed',
    async () => {
      const line = await Line.to(world.url);
      const page = await openPage(world.browser, line.url, {}, []);
      await world.rig.ask('said while all is well');
      await page.waitForSelector('.status.live');
      line.cut();
      await page.waitForSelector('.banner:has-text("broke off")', { timeout: 15_000 });
      expect(await page.textContent('.status')).toContain('lost');
      await world.rig.ask('said while nobody watched');
      line.isCut = false;
      await until('the banner to go', async () => (await page.locator('.banner').count()) === 0, 20_000);
      const { length } = await world.rig.get<unknown[]>('/records?after=0&limit=1000');
      await until('what was missed', async () => (await shown(page)) >= length, 10_000);
      await page.context().close();
      await line.close();
    },
    TIME_MS,
  );

  test(
    '10,000 actors are grouped and windowed',
    async () => {
      const page = await world.open();
      await many(page, 10_000);
      await page.reload();
      await page.click('.mapPane button:has-text("List")');
      await page.waitForSelector('.actorRow');
      expect(await page.textContent('.actorList .paneHead')).toContain('10,0');
      expect(await page.locator('.actorRow').count()).toBeLessThan(80);
      await page
        .locator('.vlist')
        .first()
        .evaluate((list) => list.scrollTo(0, list.scrollHeight));
      await page.waitForSelector('.actorRow.hidden:has-text("more")');
      expect(await page.textContent('.tile[data-tile="delivery"]').catch(() => null)).toBeNull();
      await page.click('.mapPane button:has-text("Tiles")');
      await page.waitForSelector('.tile[data-tile="delivery"]:has-text("10,000")');
      await page.context().close();
    },
    TIME_MS,
  );

  test(
    'a moment that is still being folded shows how far it is, then the moment',
    async () => {
      const page = await world.open();
      let asked = 0;
      await page.route('**/api/moment?seq=3&*', async (route) => {
        asked += 1;
        if (asked > 6) return route.continue();
        return route.fulfill({ status: 202, json: { pending: true, left: 12_000 - asked * 1_000, of: 20_000 } });
      });
      await page.fill('#seq', '3');
      await page.press('#seq', 'Enter');
      await page.waitForSelector('.banner progress');
      await until('the moment', async () => (await shown(page)) === 3);
      expect(await page.locator('.banner').count()).toBe(0);
      await page.context().close();
    },
    TIME_MS,
  );

  test(
    'a damaged journal and a refused question are told in words',
    async () => {
      const page = await world.open();
      await page.route('**/api/overview*', async (route) => {
        const overview = (await (await route.fetch()).json()) as object;
        return route.fulfill({
          json: { ...overview, source: { state: 'damaged', message: 'from record 7 on: <b>checksum</b>' } },
        });
      });
      await page.reload();
      await page.waitForSelector('.banner.bad:has-text("damaged")');
      expect(await page.textContent('.banner.bad')).toContain('<b>checksum</b>');
      await page.click('#tab-message');
      await page.fill('input[name="id"]', 'no-such-message');
      await page.press('input[name="id"]', 'Enter');
      await page.waitForSelector('.panel .bad:has-text("no-such-message")');
      await page.context().close();
    },
    TIME_MS,
  );
});

/** Every moment has so many deliveries, of which the server tells only some. */
async function many(page: Page, total: number): Promise<void> {
  await page.route('**/api/moment*', async (route) => {
    const moment = (await (await route.fetch()).json()) as { groups: { machine: string }[] };
    const actors = Array.from({ length: 200 }, (_, i) => ({
      id: `delivery:many${i}.0`,
      machine: 'delivery',
      value: 'awaitingPermit',
      since: Date.now(),
      rule: 'D2',
      timers: [],
      parent: null,
      reason: null,
    }));
    const group = { machine: 'delivery', total, byState: { awaitingPermit: total }, actors };
    await route.fulfill({
      json: { ...moment, groups: [...moment.groups.filter(({ machine }) => machine !== 'delivery'), group] },
    });
  });
}
