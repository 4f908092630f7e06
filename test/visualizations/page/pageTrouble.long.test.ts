import { createServer, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import Database from 'libsql';
import type { Page } from 'playwright-core';
import { ensurePage } from '../../../visualizations/src/ensurePage.js';
import { closeRigs, until } from '../../e2e/rig.js';
import { closeAll, makeJournal, serveJournal } from '../server/inspectionRig.js';
import { describeInBrowser, openPage, shown, startWorld, type World } from './browser.js';

const TIME_MS = 60_000;

const lines: Line[] = [];
/** A line to the inspector that can be cut. */
class Line {
  private readonly sockets = new Set<Socket>();
  isCut = false;
  port: number;
  private constructor(
    readonly url: string,
    private readonly server: Server,
    target: string,
  ) {
    this.port = Number(new URL(target).port);
  }
  static async to(target: string): Promise<Line> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const line = new Line(`http://127.0.0.1:${port}`, server, target);
    server.removeAllListeners('connection');
    server.on('connection', (near: Socket) => line.join(near, line.port));
    lines.push(line);
    return line;
  }
  private join(near: Socket, port: number): void {
    near.on('error', () => undefined);
    if (this.isCut) return void near.destroy();
    const far = connect(port, '127.0.0.1');
    far.on('error', () => near.destroy());
    near.on('data', (data) => far.write(data)).on('close', () => far.destroy());
    far.on('data', (data) => near.write(data)).on('close', () => near.destroy());
    for (const socket of [near, far]) this.sockets.add(socket);
  }
  /** Nothing gets through any more, and nobody is told: as of a machine that has lost its net. */
  freeze(isFrozen: boolean): void {
    for (const socket of this.sockets) isFrozen ? socket.pause() : socket.resume();
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
    // A test that failed has left its own open, and the process would never end.
    for (const line of lines) await line.close();
    await world?.close();
    await closeAll();
    await closeRigs();
  }, TIME_MS);

  /** The feed has come back by itself, and what was missed is shown. */
  const isBack = async (page: Page): Promise<void> => {
    await until('the banner to go', async () => (await page.locator('.banner').count()) === 0, 20_000);
    const { length } = await world.rig.get<unknown[]>('/records?after=0&limit=1000');
    await until('what was missed', async () => (await shown(page)) >= length, 10_000);
  };

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
      await isBack(page);
      await page.context().close();
      await line.close();
    },
    TIME_MS,
  );

  test(
    'a feed on which nothing comes any more is said, too, and comes back',
    async () => {
      const line = await Line.to(world.url);
      const page = await openPage(world.browser, line.url, {}, []);
      await page.waitForSelector('.status.live');
      line.freeze(true);
      await page.waitForSelector('.banner:has-text("broke off")', { timeout: 20_000 });
      await world.rig.ask('said while the line was dead');
      line.cut();
      line.isCut = false;
      await isBack(page);
      await page.context().close();
      await line.close();
    },
    TIME_MS,
  );

  test(
    'who answers after a break may be another process with another journal: nothing of the one before is shown',
    async () => {
      const port = Number(new URL(world.url).port);
      const line = await Line.to(world.url);
      const page = await openPage(world.browser, line.url, {}, []);
      await page.waitForSelector('.status.live');
      await page.fill('#seq', '5');
      await page.press('#seq', 'Enter');
      await until('the moment', async () => (await shown(page)) === 5);
      await page.click('#tab-record');
      await page.waitForSelector('.subject h2:has-text("#5 ")');
      const { path, records } = await makeJournal(300);
      const other = await serveJournal(path, { page: ensurePage() });
      line.cut();
      line.port = Number(new URL(other.url).port);
      line.isCut = false;
      await page.waitForSelector('.status:has-text("File")', { timeout: 20_000 });
      // Its records are of another year.
      const year = new Date(records[4]!.at).getFullYear();
      await page.waitForSelector(`.facts:has-text("${year}-")`, { timeout: 10_000 });
      await page.waitForSelector(`.when:has-text("${year}-")`, { timeout: 10_000 });
      line.port = port;
      await page.context().close();
      await line.close();
    },
    TIME_MS,
  );

  test(
    'tiles and list are changed in the middle of whatever happens, and nothing complains',
    async () => {
      const page = await world.open();
      await page.waitForSelector('.tile.lit');
      await page.evaluate(async () => {
        for (let i = 0; i < 40; i += 1) {
          document.querySelectorAll<HTMLElement>('.mapPane .segmented button')[i % 2]!.click();
          document.body.dispatchEvent(
            new KeyboardEvent('keydown', { key: i % 3 ? 'ArrowLeft' : 'ArrowRight', bubbles: true }),
          );
          document.querySelector<HTMLElement>('.mapPane')!.style.width = `${260 + i}px`;
          await new Promise((resolve) => requestAnimationFrame(resolve));
        }
      });
      await page.waitForTimeout(200);
      expect(world.complaints).toEqual([]);
      await page.context().close();
    },
    TIME_MS,
  );

  test(
    'a journal that is damaged in the middle: what is whole is shown, and the page says from where on it cannot be read',
    async () => {
      const { path, records } = await makeJournal(1_200);
      const file = new Database(path);
      file.prepare("UPDATE log SET body = replace(body, '[', '{') WHERE seq = 700").run();
      file.prepare('DELETE FROM points').run();
      file.prepare('DELETE FROM parts').run();
      file.close();
      const { url } = await serveJournal(path, { page: ensurePage() });
      const page = await openPage(world.browser, url, {}, []);
      await page.waitForSelector('.banner.bad:has-text("from record 700 on")', { timeout: 20_000 });
      await until('the last whole moment', async () => (await shown(page)) === 699);
      await page.click('#tab-record');
      await until('its record', async () => (await page.textContent('.panel'))?.includes(records[698]!.id) === true);
      await page.fill('#seq', '800');
      await page.press('#seq', 'Enter');
      await page.waitForSelector('.banner.bad:has-text("record 700 cannot be read")');
      expect(await shown(page)).toBe(699);
      await page.context().close();
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
      expect(await page.locator('.tile[data-tile="delivery"]').count()).toBe(0);
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
