import { existsSync } from 'node:fs';
import { afterEach, expect, test } from '@jest/globals';
import { buildSync } from 'esbuild';
import { type BrowserContext, chromium } from 'playwright-core';
import { createStatelyBridge } from '../../../visualizations/src/bridges/statelyBridge.js';
import { createXstateBridge } from '../../../visualizations/src/bridges/xstateBridge.js';
import { World } from '../../actors/world.js';
import { feedOf } from './bridgeRig.js';

/** The system's own browser; none is ever downloaded. */
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const testInBrowser = existsSync(CHROMIUM) ? test : test.skip;
const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function browse(pages: { readonly [origin: string]: string }): Promise<BrowserContext> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
  open.push(() => browser.close());
  const context = await browser.newContext();
  for (const [origin, body] of Object.entries(pages))
    await context.route(`${origin}/**`, (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body }));
  return context;
}
function busy(): World {
  const world = new World();
  world.begin();
  world.connect();
  return world;
}

testInBrowser(
  "in a browser: a frame in the place of Stately's gets every actor by the receiver of @statelyai/inspect, then what happens",
  async () => {
    const script = buildSync({
      stdin: {
        contents: `import { createBrowserReceiver } from '@statelyai/inspect';
          globalThis.got = [];
          createBrowserReceiver().subscribe((event) => got.push(event));`,
        resolveDir: process.cwd(),
      },
      bundle: true,
      write: false,
      format: 'iife',
      platform: 'browser',
    }).outputFiles[0]!.text;
    const context = await browse({ 'https://stately.ai': `<!doctype html><script>${script}</script>` });
    const world = busy();
    const feed = await feedOf(world);
    const bridge = await createStatelyBridge({ feed, port: 0 });
    open.push(() => bridge.close());
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(bridge.url.replace('ws:', 'http:'));
    const frame = page.frames().find((one) => one.url().startsWith('https://stately.ai'))!;
    const wait = (condition: string) => frame.waitForFunction(condition, undefined, { polling: 20 });
    await wait(`got.filter(({ type }) => type === '@xstate.actor').length === ${feed.size}`);
    world.take({ type: 'operator.isolated', breaker: 'breaker:messages' });
    await feed.advance();
    await wait(`got.some(({ type, snapshot }) => type === '@xstate.snapshot' && snapshot.value === 'isolated')`);
    expect(await page.locator('p').count()).toBe(0);
    expect(complaints).toEqual([]);
    await bridge.close();
    open.splice(-1);
    await page.getByText('The bridge has ended').waitFor();
  },
  60_000,
);

testInBrowser(
  'in a browser: a page of stately.ai reaches the feed when its reader allows it, a page of another origin does not',
  async () => {
    const context = await browse({ 'https://stately.ai': 'a viewer', 'https://evil.example': 'a trap' });
    await context.grantPermissions(['local-network-access']);
    const bridge = await createXstateBridge({ feed: await feedOf(busy()), port: 0, origins: ['https://stately.ai'] });
    open.push(() => bridge.close());
    const attach = async (origin: string): Promise<unknown> => {
      const page = await context.newPage();
      await page.goto(`${origin}/viz`);
      return page.evaluate(
        (url) =>
          new Promise((resolve) => {
            const socket = new WebSocket(url);
            socket.onopen = () => socket.send('{"type":"xstate.inspecting"}');
            socket.onmessage = ({ data }) => resolve(JSON.parse(String(data)).type);
            socket.onerror = () => resolve('refused');
          }),
        bridge.url,
      );
    };
    expect(await attach('https://stately.ai')).toBe('service.register');
    expect(await attach('https://evil.example')).toBe('refused');
  },
  60_000,
);
