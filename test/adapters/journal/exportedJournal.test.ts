import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { checkpointAt } from '../../../src/actors/fold/checkpointAt.js';
import { fold } from '../../../src/actors/fold/fold.js';
import type { Journal, Record } from '../../../src/actors/ports.js';
import { topology } from '../../../src/actors/wiring/topology.js';
import { exportLines } from '../../../src/adapters/journal/exported/exportJournal.js';
import { createMemoryStore, openMemoryJournal } from '../../../src/adapters/journal/memoryJournal.js';
import { storeOf } from '../../../src/adapters/journal/storeOf.js';
import { World } from '../../actors/world.js';
import { closeRigs, temporaryFolder } from '../../e2e/rig.js';

const open: Journal[] = [];
afterEach(async () => {
  for (const journal of open.splice(0)) await journal.close();
  await closeRigs();
});
const asIs = (text: string) => ({ text, count: 0 });

/** A journal of many messages, an outage among them. */
async function journalOf(messages: number): Promise<{ journal: Journal; records: readonly Record[] }> {
  const world = new World();
  world.begin();
  world.connect();
  for (let i = 0; i < messages; i += 1) {
    world.now += 1_000;
    world.receive(`m${i}`, { channel: `c${i % 7}` });
    world.complete(`m${i}`);
    for (const call of world.calls) i % 10 === 9 ? world.fail(call) : world.succeed(call);
  }
  const journal = await openMemoryJournal(createMemoryStore());
  await journal.append(await journal.beginEpoch(), world.records);
  return { journal, records: world.records };
}
async function write(journal: Journal, from: number, to: number): Promise<string> {
  const path = join(temporaryFolder(), 'stretch.jsonl');
  const checkpoint = await checkpointAt(journal, topology, from - 1);
  let text = '';
  for await (const lines of exportLines(journal, { from, to, checkpoint, redact: asIs })) text += lines;
  writeFileSync(path, text);
  return path;
}
async function opened(path: string): Promise<Journal> {
  const journal = await storeOf(path).openReader();
  open.push(journal);
  return journal;
}

/** As a program of somebody else writes it: other spaces, other order, its own checksum. */
function handMade(records: readonly object[]): string {
  const header = { format: 1, kintsugi: 'journal', from: 1, to: records.length, epoch: 1, toAt: 9, checkpoint: null };
  const spaced = (value: object): string => JSON.stringify(value, null, 1).replaceAll('\n', '');
  const text = [header, ...records].map((value) => `${spaced(value)}\n`).join('');
  const end = { records: records.length, kintsugi: 'end', sha256: createHash('sha256').update(text).digest('hex') };
  const path = join(temporaryFolder(), 'made.jsonl');
  writeFileSync(path, `${text}${spaced(end)}\n`);
  return path;
}

describe('a stretch that somebody else has written', () => {
  test('is read whatever its spaces and the order of its keys', async () => {
    const { records } = await journalOf(5);
    const turned = records.map((record) => Object.fromEntries(Object.entries(record).reverse()));
    const stretch = await opened(handMade(turned));
    expect(await stretch.read(0, 99)).toEqual(records);
    expect((await fold(stretch, topology)).divergence).toBeNull();
  });
  test.each([
    ['no steps', { steps: undefined }],
    ['steps of another kind', { steps: 'x' }],
    ['a step that is none', { steps: [{ actor: 1 }] }],
    ['no fact', { fact: undefined }],
    ['effects that are null', { effects: null }],
    ['a time that is a text', { at: '12' }],
  ])('%s: it is refused with the number of the record', async (_what, change) => {
    const { records } = await journalOf(5);
    const stretch = await opened(handMade(records.map((record, i) => (i === 7 ? { ...record, ...change } : record))));
    await expect(stretch.read(0, 99)).rejects.toMatchObject({
      code: 'JOURNAL_CORRUPT',
      message: expect.stringContaining('record 8 does not have the parts of a record'),
    });
  });
});

describe('an exported stretch', () => {
  test('is a journal: the same records, read from anywhere', async () => {
    const { journal, records } = await journalOf(300);
    const stretch = await opened(await write(journal, 101, 901));
    expect(await stretch.position()).toEqual({ epoch: 1, seq: 901, at: records[900]!.at });
    for (const [after, limit] of [
      [0, 3],
      [100, 1],
      [299, 5],
      [300, 5],
      [301, 401],
      [899, 10],
      [901, 1],
      [5_000, 1],
    ] as const) {
      const first = Math.max(after, 100);
      const wanted = records.slice(first, Math.min(first + limit, 901));
      expect([after, await stretch.read(after, limit)]).toEqual([after, JSON.parse(JSON.stringify(wanted))]);
    }
  });

  test('folds to the same state as the whole, from its own checkpoint, without a difference', async () => {
    const { journal, records } = await journalOf(100);
    const stretch = await opened(await write(journal, 151, records.length));
    for (const fromStart of [true, false]) {
      const part = await fold(stretch, topology, { fromStart });
      expect([part.divergence, part.records]).toEqual([null, records.length - 150]);
      const { state } = await fold(journal, topology);
      expect([...part.state.actors.entries()].map(([id, a]) => [id, a.snapshot.value, a.snapshot.context])).toEqual(
        [...state.actors.entries()].map(([id, a]) => [id, a.snapshot.value, a.snapshot.context]),
      );
    }
    await expect(fold(stretch, topology, { upTo: 20 })).rejects.toThrow(
      'record 1 is not in this journal; the next one there is 151',
    );
  });

  test('that is cut off, changed, lengthened, newer or something else is refused, each with what is wrong', async () => {
    const { journal } = await journalOf(20);
    const path = await write(journal, 1, 60);
    const whole = readFileSync(path, 'utf8');
    const lines = whole.split('\n');
    const refusalOf = async (text: string): Promise<[string, string]> => {
      writeFileSync(path, text);
      const error = await storeOf(path)
        .openReader()
        .then(
          () => ({ code: 'opened', message: '' }),
          (failure: { code: string; message: string }) => failure,
        );
      return [error.code, error.message];
    };
    expect(await refusalOf(lines.slice(0, 30).join('\n'))).toEqual([
      'JOURNAL_CORRUPT',
      expect.stringContaining('cut off after record 29 of 60'),
    ]);
    expect(await refusalOf(whole.replace('u1', 'u2'))).toEqual([
      'JOURNAL_CORRUPT',
      expect.stringContaining('checksum'),
    ]);
    expect(await refusalOf([...lines.slice(0, 10), ...lines.slice(11)].join('\n'))).toEqual([
      'JOURNAL_CORRUPT',
      expect.stringContaining('record 10 is not where it belongs'),
    ]);
    expect(await refusalOf(`${whole}{"more":1}\n`)).toEqual([
      'JOURNAL_CORRUPT',
      expect.stringContaining('after its end'),
    ]);
    expect(await refusalOf(whole.replace('"format":1', '"format":2'))).toEqual([
      'JOURNAL_NEWER',
      expect.stringContaining('newer version'),
    ]);
    expect(await refusalOf('hello\n')).toEqual([
      'JOURNAL_NOT_OURS',
      expect.stringContaining('neither a Kintsugi journal nor an export'),
    ]);
    expect(await refusalOf('')).toEqual(['JOURNAL_NOT_OURS', expect.stringContaining('neither')]);
    await expect(storeOf(temporaryFolder()).openReader()).rejects.toThrow('it is a folder');
    await expect(storeOf(join(temporaryFolder(), 'none')).openReader()).rejects.toThrow('there is no journal');
  });

  test('cannot be written to', async () => {
    const { journal } = await journalOf(1);
    const stretch = await opened(await write(journal, 1, 3));
    await expect(stretch.append(1, [])).rejects.toThrow('an export can only be read');
    await expect(stretch.beginEpoch()).rejects.toMatchObject({ code: 'JOURNAL_UNWRITABLE' });
  });
});
