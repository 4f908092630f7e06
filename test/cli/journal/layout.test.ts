import { describe, expect, test } from '@jest/globals';
import {
  cutTo,
  isMeant,
  padTo,
  printable,
  shortActor,
  shortId,
  Table,
  widthOf,
} from '../../../src/cli/journal/telling/layout.js';

const plain = { max: 200, dim: (text: string) => text };

describe('width of text on a terminal', () => {
  test.each([
    ['abc', 3],
    ['中文', 4],
    ['ａｂ', 4],
    ['한국', 4],
    ['é', 1],
    ['e\u0301', 1],
    ['😀', 2],
    ['👩‍👩‍👧', 2],
    ['❤️', 2],
    ['→ …', 3],
    ['\u001b[31mred\u001b[0m', 3],
    ['a\u200bb', 2],
    ['', 0],
  ])('%j takes %i cells', (text, cells) => expect(widthOf(text)).toBe(cells));

  test('is what padding and cutting go by', () => {
    expect(padTo('中文', 6)).toBe('中文  ');
    expect(cutTo('中文字', 4)).toBe('中…');
    expect(cutTo('中文', 4)).toBe('中文');
  });
});

test('columns stand under each other, with wide characters and colours in them, from piece to piece', () => {
  const table = new Table([{ title: 'n', align: 'right' }, { title: 'who' }, { title: 'says' }], plain);
  const lines = table.lines([
    ['1', '张三', 'hello'],
    ['10', '\u001b[31mbob\u001b[0m', '你好'],
  ]);
  const later = table.lines([['7', 'eve', 'x']]);
  expect([...lines, ...later]).toEqual([
    ' n  who   says',
    ' 1  张三  hello',
    '10  \u001b[31mbob\u001b[0m   你好',
    ' 7  eve   x',
  ]);
  expect(new Table([{ title: 'a' }, { title: 'b' }], { ...plain, max: 12 }).lines([['xx', 'a long sentence']])[1]).toBe(
    'xx  a long …',
  );
});

test('what users write cannot steer the terminal', () => {
  expect(printable('a\u001b[2Jb\r\nc\u0007\u202edrow')).toBe('a\\u001b[2Jb c\\u0007\\u202edrow');
});

describe('long ids', () => {
  const id = '089b768dc398bd490df7aae2e5c267a368d3058661d6239f';
  test('are shown by their ends', () => {
    expect([shortId(id), shortId('m7')]).toEqual(['089b…239f', 'm7']);
    expect([
      shortActor(`delivery:${id}.0`),
      shortActor(`message:${id}~1`),
      shortActor(`delivery:${id}~2.13`),
      shortActor('lane:dm:private-1'),
      shortActor('gateway'),
    ]).toEqual([
      'delivery:089b…239f.0',
      'message:089b…239f~1',
      'delivery:089b…239f~2.13',
      'lane:dm:private-1',
      'gateway',
    ]);
  });
  test('are taken as they are shown', () => {
    for (const asked of [id, '089b…239f', '089b..239f', '089b...239f'])
      expect([asked, isMeant(asked, id)]).toEqual([asked, true]);
    for (const asked of ['089b', '089b…2391', '…', '..9f', '0…8…9', ''])
      expect([asked, isMeant(asked, id)]).toEqual([asked, false]);
    expect(isMeant('delivery:089b…239f.0', `delivery:${id}.0`)).toBe(true);
  });
});
