import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe } from '@jest/globals';
import { type Browser, chromium, type Page } from 'playwright-core';
import { storeOf } from '../../../src/adapters/journal/storeOf.js';
import { operatorTokenFile } from '../../../src/adapters/operator/http/operatorToken.js';
import { ensurePage } from '../../../visualizations/src/ensurePage.js';
import {
  createInspectionServer,
  type InspectionServer,
} from '../../../visualizations/src/server/createInspectionServer.js';
import { storedSource } from '../../../visualizations/src/server/sources.js';
import { type Rig, startRig } from '../../e2e/rig.js';

/** The system's own browser; none is ever downloaded. */
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const hasBrowser = existsSync(CHROMIUM);

/** Tests that need a browser. Without one they are skipped, and say why. */
export function describeInBrowser(name: string, run: () => void): void {
  if (hasBrowser) describe(name, run);
  else describe.skip(`${name} (skipped: no Chromium at ${CHROMIUM}; install Debian's package chromium)`, run);
}

export interface World {
  readonly rig: Rig;
  readonly inspector: InspectionServer;
  readonly url: string;
  readonly browser: Browser;
  readonly token: string;
  /** What a page said that it should not have: errors, refused resources, requests to other hosts. */
  readonly complaints: string[];
  open(hash?: string, look?: Look): Promise<Page>;
  close(): Promise<void>;
}
export interface Look {
  readonly dark?: boolean;
  readonly locale?: 'en' | 'zh';
  readonly width?: number;
  readonly height?: number;
  readonly reducedMotion?: boolean;
}

/** A bot on the simulator, its inspector, and a browser. */
export async function startWorld(): Promise<World> {
  const rig = await startRig({ admins: ['owner'] });
  const inspector = await createInspectionServer({
    source: await storedSource(storeOf(rig.journalPath)),
    host: '127.0.0.1',
    locale: 'en',
    botUrl: rig.bot.url,
    simulatorUrl: rig.simulator.url,
    page: ensurePage(),
  });
  const url = await inspector.listen(0);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  const complaints: string[] = [];
  return {
    rig,
    inspector,
    url,
    browser,
    complaints,
    token: readFileSync(operatorTokenFile(rig.journalPath), 'utf8').trim(),
    open: (hash = '', look = {}) => openPage(browser, `${url}/${hash}`, look, complaints),
    async close() {
      await browser.close();
      await inspector.close();
    },
  };
}

export async function openPage(browser: Browser, url: string, look: Look, complaints: string[]): Promise<Page> {
  const { dark = false, locale = 'en', width = 1500, height = 900, reducedMotion = false } = look;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: reducedMotion ? 'reduce' : 'no-preference',
    acceptDownloads: true,
  });
  await context.addInitScript((chosen) => localStorage.setItem('kintsugi.locale', chosen), locale);
  const page = await context.newPage();
  const { host } = new URL(url);
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    if (new URL(request.url()).host !== host && !request.url().startsWith('blob:'))
      complaints.push(`asks ${request.url()}`);
  });
  await page.goto(url);
  await page.waitForSelector('.page[data-shown]');
  return page;
}

/** The record whose moment the page shows. */
export async function shown(page: Page): Promise<number> {
  return Number(await page.getAttribute('.page', 'data-shown'));
}

interface AxeAnswer {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Until everything shows the moment that was asked for, and nothing fades in: neither has its colours before. */
async function atRest(page: Page): Promise<void> {
  await page.waitForFunction(
    () =>
      document.querySelector('.stale') === null &&
      document
        .getAnimations()
        .every(({ playState, effect }) => playState !== 'running' || effect?.getTiming().iterations === Infinity),
  );
}

/** What axe-core finds wrong within a part of the page, one line each. */
export async function axeFindings(page: Page, within = 'body'): Promise<string[]> {
  await atRest(page);
  // By the debugger, so that the policy of the page does not have to allow it.
  await page.evaluate(`globalThis.axe ?? (() => { ${AXE} })()`);
  const { violations } = await page.evaluate((part) => {
    const { axe } = globalThis as unknown as { axe: { run(part: string, options: object): Promise<AxeAnswer> } };
    // All rules run; of what is right nothing is written down, which took most of the time.
    return axe.run(part, { resultTypes: ['violations'], selectors: false });
  }, within);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ html, failureSummary = '' }) =>
        `${id}: ${html.slice(0, 160)} ${failureSummary.replace(/\s+/g, ' ').slice(0, 300)}`,
    ),
  );
}

export async function say(page: Page, text: string): Promise<void> {
  await page.fill('#say', text);
  await page.press('#say', 'Enter');
}
