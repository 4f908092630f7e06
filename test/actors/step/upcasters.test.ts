import { expect, test } from '@jest/globals';
import type { Record } from '../../../src/actors/ports.js';
import { factOf } from '../../../src/actors/step/records.js';
import { factUpcasters, type Upcaster, upcast, versionOf } from '../../../src/actors/step/upcasters.js';
import type { FactType } from '../../../src/machines/vocabulary/facts/facts.js';
import { FACT_VERSIONS } from '../../../src/machines/vocabulary/facts/factVersions.js';

const recordOf = (fact: object): Record =>
  ({ seq: 7, id: 'i', at: 5, epoch: 1, fact, steps: [], effects: [] }) as unknown as Record;

test('every type has one upcaster for each version before its present one', () => {
  const wrong = (Object.keys(FACT_VERSIONS) as FactType[]).filter(
    (type) => (factUpcasters[type]?.length ?? 0) !== versionOf(type) - 1,
  );
  expect(wrong).toEqual([]);
});

test('an older fact is brought up step by step, one of today is as it is', () => {
  const raise: { [type: string]: Upcaster[] } = {
    'socket.opened': [({ name, ...rest }) => ({ ...rest, socket: name }), (fact) => ({ ...fact, secure: true })],
  };
  const up = (fact: object) => upcast(recordOf(fact), { 'socket.opened': 3 }, raise);
  expect(up({ type: 'socket.opened', name: 's', ver: 1 })).toEqual({
    type: 'socket.opened',
    socket: 's',
    secure: true,
  });
  expect(up({ type: 'socket.opened', socket: 's', ver: 2 })).toEqual({
    type: 'socket.opened',
    socket: 's',
    secure: true,
  });
  expect(up({ type: 'socket.opened', socket: 's', secure: false, ver: 3 })).toEqual({
    type: 'socket.opened',
    socket: 's',
    secure: false,
  });
});

test.each([
  ['a newer version', { type: 'socket.opened', socket: 's', ver: 2 }, 'record 7: fact socket.opened version 2'],
  ['an unknown type', { type: 'moon.risen', ver: 1 }, 'record 7: fact moon.risen version 1'],
])('%s of a fact stops the reader, naming record, type and version', (_what, fact, message) => {
  expect(() => factOf(recordOf(fact))).toThrow(message);
  expect(() => factOf(recordOf(fact))).toThrow(expect.objectContaining({ code: 'JOURNAL_NEWER' }));
});
