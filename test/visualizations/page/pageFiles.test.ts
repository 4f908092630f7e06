import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { closeRigs, until } from '../../e2e/rig.js';
import { describeInBrowser, shown, startWorld, type World } from './browser.js';

describeInBrowser('what the page takes out and puts in', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
    for (let i = 0; i < 6; i += 1) await world.rig.ask(`message ${i}`, { channelId: `c${i}` });
  });
  afterAll(async () => {
    await world?.close();
    await closeRigs();
  });

  test('a stretch is exported as one file, and the page opens it again at the same moments', async () => {
    const page = await world.open('#tab=file&actor=gateway');
    await page.fill('input[type="number"] >> nth=0', '5');
    await page.fill('input[type="number"] >> nth=1', '12');
    const coming = page.waitForEvent('download');
    await page.click('a.primary:has-text("Export 8 records")');
    const path = await (await coming).path();
    const lines = readFileSync(path, 'utf8').trim().split('\n');
    expect(lines).toHaveLength(8 + 2);
    expect(JSON.parse(lines[0]!)).toMatchObject({ kintsugi: 'journal', from: 5, to: 12 });
    await page.setInputFiles('input[type="file"]', {
      name: 'stretch.jsonl',
      mimeType: 'application/x-ndjson',
      buffer: readFileSync(path),
    });
    await page.waitForSelector('.status:has-text("Opened file")');
    await until('the last record of the stretch', async () => (await shown(page)) === 12);
    expect(await page.textContent('.journal')).toContain('stretch');
    await until('the address', () => page.url().includes('journal='));
    await page.keyboard.press('ArrowLeft');
    await until('the record before', async () => (await shown(page)) === 11);
    await page.click('.opened button:has-text("Close")');
    await page.waitForSelector('.status.live, .status:has-text("File")');
    await page.context().close();
  });

  test('a file that is no export is refused in words', async () => {
    const page = await world.open('#tab=file');
    await page.setInputFiles('input[type="file"]', {
      name: 'holiday.json',
      mimeType: 'application/json',
      buffer: Buffer.from('{"a":1}\n'),
    });
    await page.waitForSelector('.panel .note:has-text("holiday.json:")');
    await page.context().close();
  });

  test('a what-if offers the options with their values, and stands beside the record', async () => {
    const page = await world.open('#tab=whatIf');
    await page.waitForSelector('.changeRow .note:has-text("recorded: 5")');
    expect(await page.locator('#optionNames option').count()).toBeGreaterThan(60);
    await page.click('.panel button.primary');
    await page.waitForSelector('table.compare', { timeout: 30_000 });
    const answered = await page.locator('table.compare tr:has-text("answered") td').allTextContents();
    expect(answered.slice(0, 2)).toEqual(['6', '6']);
    expect(await page.locator('svg.series').count()).toBe(2);
    await page.fill('.changeRow input >> nth=0', 'circuitBreaker.noSuchOption');
    await page.click('.panel button.primary');
    await page.waitForSelector('.alert:has-text("noSuchOption")');
    await page.context().close();
  });

  test('a chart in brief shows the way just taken, all rules of a way, and the heat', async () => {
    const records = await world.rig.get<{ seq: number; fact: { type: string } }[]>('/records?after=0&limit=500');
    const ready = records.find(({ fact }) => fact.type === 'session.started')!;
    const page = await world.open(`#actor=gateway&seq=${ready.seq}`);
    const ways = page.locator('.kchart .way');
    await page.waitForSelector('.kchart[aria-label="statechart gateway"] .way.taken');
    const full = await ways.count();
    await page.keyboard.press('b');
    await until('fewer ways', async () => (await ways.count()) < full);
    expect(await page.locator('.kchart .way .guard, .kchart .way .actions').count()).toBe(0);
    expect(await page.locator('.kchart .way.taken').getAttribute('data-event')).toBe('session.started');
    expect(await page.locator('.kchart .edge.taken').count()).toBe(1);
    const many = page.locator('.kchart .way[data-rule*=" "]').first();
    const rules = (await many.getAttribute('data-rule'))!.split(' ');
    await many.hover();
    await until('its rules', async () => {
      const told = await page.locator('.tooltip .ruleText').allTextContents();
      return told.join(' ') === rules.join(' ');
    });
    await page.keyboard.press('h');
    await page.waitForSelector('.kchart .edge.never');
    expect(await page.locator('.kchart .edge.taken').getAttribute('class')).toMatch(/heat\d/);
    await until('the address', () => page.url().includes('brief=1'));
    await page.context().close();
  });

  test('a search finds by actor, event and text, window by window', async () => {
    const page = await world.open('#tab=search');
    await page.waitForSelector('.recordRow b');
    await page.fill('input[list="eventTypes"]', 'message.received');
    await page.press('input[list="eventTypes"]', 'Enter');
    await page.waitForSelector('.note:has-text("6 found")');
    expect(await page.locator('.recordRow b').allTextContents()).toEqual(Array(6).fill('message.received'));
    await page.fill('#search', 'message 4');
    const before = await shown(page);
    await world.rig.ask('something comes while one types', { channelId: 'other' });
    await until('the page to follow', async () => (await shown(page)) > before);
    expect(await page.inputValue('#search')).toBe('message 4');
    await page.press('#search', 'Enter');
    await page.waitForSelector('.note:has-text("1 found")');
    await until('the address', () => page.url().includes('find.'));
    await page.context().close();
  });
});
