import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { closeRigs, until } from '../../e2e/rig.js';
import { describeInBrowser, startWorld, type World } from './browser.js';

const TIME_MS = 60_000;

/** What an operator does on the page, all of it, and what it takes. */
describeInBrowser('an operator at the page', () => {
  let world: World;
  let page: Page;
  beforeAll(async () => {
    world = await startWorld();
    await world.rig.ask('hello');
    page = await world.open('#tab=operator');
  }, TIME_MS);
  afterAll(async () => {
    await world?.close();
    await closeRigs();
  }, TIME_MS);

  const act = async (subject: string, label: string): Promise<void> => {
    const part = subject === '' ? page.locator('.panel') : page.locator(`.operated li:has-text("${subject}")`);
    await part.locator(`button:text-is("${label}")`).first().click();
    await page.waitForSelector('dialog[open]');
  };
  const confirm = async (): Promise<string> => {
    await page.click('dialog[open] button.primary');
    await page.waitForSelector('.panel .alert');
    return (await page.textContent('.panel .alert')) ?? '';
  };
  const stateOf = async (id: string): Promise<unknown> =>
    (await world.rig.get<{ id: string; value: unknown }[]>('/actors')).find((actor) => actor.id === id)?.value;
  const operatorFacts = async (): Promise<object[]> => {
    const records = await world.rig.get<{ fact: { type: string } }[]>('/records?after=0&limit=1000');
    return records.map(({ fact }) => fact).filter(({ type }) => /^operator\.|^recovery\.requested/.test(type));
  };

  test(
    'without a token nothing can be confirmed; with a wrong one the bot refuses, and says so',
    async () => {
      await act('feature:richEmbeds', 'Force off');
      expect(await page.isDisabled('dialog[open] button.primary')).toBe(true);
      expect(await page.textContent('dialog[open]')).toContain('token is missing');
      await page.keyboard.press('Escape');
      await page.fill('.tokenEntry input', 'not-the-token');
      await act('feature:richEmbeds', 'Force off');
      expect(await confirm()).toMatch(/^Force off: .*token/);
      expect(await stateOf('feature:richEmbeds')).toBe('enabled');
      expect(await operatorFacts()).toEqual([]);
      // Put into the address of a page that is open: gone from there within the same event.
      const after = await page.evaluate(
        (token) =>
          new Promise<string>((resolve) => {
            window.addEventListener('hashchange', () => resolve(location.href), { once: true });
            location.hash = `tab=operator&token=${token}`;
          }),
        world.token,
      );
      expect(after).not.toContain('token=');
      expect(await page.inputValue('.tokenEntry input')).toBe(world.token);
      world.complaints.splice(0); // the browser's own line about the 401
    },
    TIME_MS,
  );

  test(
    'a feature is forced off and on, and let go again',
    async () => {
      for (const [label, state] of [
        ['Force off', 'forcedOff'],
        ['No longer force', 'enabled'],
        ['Force on', 'forcedOn'],
        ['No longer force', 'enabled'],
      ] as const) {
        await page.waitForSelector(`.operated li:has-text("feature:richEmbeds") button:text-is("${label}")`);
        await act('feature:richEmbeds', label);
        await confirm();
        await until(state, async () => (await stateOf('feature:richEmbeds')) === state);
      }
      expect(await operatorFacts()).toMatchObject([
        { type: 'operator.forced', feature: 'richEmbeds', on: false, forMs: 900_000, by: 'inspector' },
        { type: 'operator.unforced', feature: 'richEmbeds' },
        { type: 'operator.forced', feature: 'richEmbeds', on: true, forMs: 900_000 },
        { type: 'operator.unforced', feature: 'richEmbeds' },
      ]);
    },
    TIME_MS,
  );

  test(
    'recovery is run, and everything reset',
    async () => {
      await act('', 'Run recovery');
      expect(await page.textContent('dialog[open]')).toContain('checks now');
      await confirm();
      await act('', 'Reset and recover everything');
      await confirm();
      await until('both to be facts', async () => (await operatorFacts()).length === 6);
      expect((await operatorFacts()).slice(4)).toMatchObject([
        { type: 'recovery.requested', by: 'operator:inspector' },
        { type: 'recovery.requested', by: 'operator:inspector', force: true },
      ]);
    },
    TIME_MS,
  );

  test(
    'a dead letter is tried again, answered, and no longer listed',
    async () => {
      world.rig.simulator.addFault({ kind: 'errors', status: 403, code: 304028, route: 'messages' });
      const [id] = world.rig.simulator.postMessage({ kind: 'guild', channelId: 'c1', content: 'into the void' });
      await until('a dead letter', async () => (await world.rig.get<unknown[]>('/dead-letters')).length === 1);
      world.rig.simulator.clearFaults();
      await page.click('#tab-record');
      await page.click('#tab-operator');
      await page.waitForSelector(`.operated li:has-text("${id}")`);
      await act(id!, 'Try again');
      await confirm();
      await until('the answer', () => world.rig.simulator.replies().some((one) => one.accepted && one.msgId === id));
      await until(
        'it to go from the list',
        async () => (await page.locator(`.operated li:has-text("${id}")`).count()) === 0,
      );
      expect(await page.textContent('.panel')).toContain('None.');
      expect(world.complaints).toEqual([]);
    },
    TIME_MS,
  );

  test('another page, and a program without an origin, get nowhere even with the token', async () => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${world.token}` };
    const body = JSON.stringify({ type: 'operator.isolated', breaker: 'breaker:messages' });
    for (const origin of [undefined, 'https://evil.example', 'null']) {
      const more = origin === undefined ? {} : { origin };
      const answer = await fetch(`${world.url}/api/operator`, {
        method: 'POST',
        headers: { ...headers, ...more },
        body,
      });
      expect(answer.status).toBe(403);
    }
    expect(await stateOf('breaker:messages')).toBe('closed');
  });
});
