import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { en } from '../../../visualizations/page/src/texts/en.js';
import { zh } from '../../../visualizations/page/src/texts/zh.js';
import { builderPath, ensurePage, isFresh, PAGE_DIST } from '../../../visualizations/src/ensurePage.js';

const files = (): string[] =>
  readdirSync(PAGE_DIST, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describe('the built page', () => {
  beforeAll(async () => {
    await ensurePage();
  });

  test('is there when asked for, and not built again', async () => {
    expect(builderPath()).not.toBeNull();
    expect(isFresh()).toBe(true);
    expect(await ensurePage()).toBe(PAGE_DIST);
  });
  test('weighs less than 150 KB, gzipped, all of it', () => {
    const weight = files().reduce((sum, file) => sum + gzipSync(readFileSync(file)).byteLength, 0);
    expect(weight).toBeGreaterThan(10_000);
    expect(weight).toBeLessThan(150 * 1024);
  });
  test('needs no other host', () => {
    const names = files().flatMap((file) => readFileSync(file, 'utf8').match(/https?:\/\/[\w.-]+/g) ?? []);
    // The names of XML vocabularies are no addresses: nothing is fetched from them.
    expect(names.filter((name) => !/^http:\/\/www\.w3\.org$/.test(name))).toEqual([]);
  });
  test('has no script and no style in its HTML, as its policy demands', () => {
    const html = readFileSync(join(PAGE_DIST, 'index.html'), 'utf8');
    expect(html.match(/<script(?![^>]*\bsrc=)/g)).toBeNull();
    expect(html.match(/<style|\sstyle=|\son\w+=/g)).toBeNull();
  });
});

test('every style sheet is part of the page', () => {
  const folder = join(PAGE_DIST, '..', 'src', 'styles');
  const main = readFileSync(join(folder, 'page.css'), 'utf8');
  const others = readdirSync(folder).filter((name) => name !== 'page.css');
  expect(others.filter((name) => !main.includes(`./${name}`))).toEqual([]);
});

test('every text of the page is there in both languages, and none is the same by oversight', () => {
  const flat = (value: unknown, name = ''): [string, string][] => {
    if (typeof value === 'string') return [[name, value]];
    if (typeof value === 'function') return [[name, String((value as (...args: string[]) => string)('1', '2', '3'))]];
    return Object.entries(value as object).flatMap(([key, inner]) => flat(inner, `${name}.${key}`));
  };
  const [english, chinese] = [new Map(flat(en)), new Map(flat(zh))];
  const names = new Set(english.keys());
  const missing = [...names].filter((name) => !chinese.has(name));
  expect(missing).toEqual([]);
  const same = [...english].filter(
    ([name, text]) => text !== '' && /[a-z]{3}/i.test(text) && chinese.get(name) === text,
  );
  expect(same).toEqual([]);
});
