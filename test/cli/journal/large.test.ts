import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Record } from '../../../src/actors/ports.js';
import { EXPORT_LINE_MAX } from '../../../src/adapters/journal/exported/exportedJournal.js';
import { openSqliteJournal } from '../../../src/adapters/journal/sqlite/sqliteJournal.js';
import { storeOf } from '../../../src/adapters/journal/storeOf.js';
import { AHEAD_MAX, show } from '../../../src/cli/journal/show.js';
import { findMessage, NAMES_MAX } from '../../../src/cli/journal/telling/find.js';
import { World } from '../../actors/world.js';
import { closeRigs, temporaryFolder } from '../../e2e/rig.js';
import { desk } from './desk.js';

let path = '';
/** Many messages that nobody hears, behind one call that is answered late. */
beforeAll(async () => {
  path = join(temporaryFolder(), 'bot.db');
  const world = new World();
  world.begin();
  world.connect();
  const { fact } = world.receive('x0');
  const [last] = world.records.slice(-1);
  const received = fact as Extract<typeof fact, { type: 'message.received' }>;
  const records: Record[] = [...world.records];
  for (let n = 1; n <= NAMES_MAX + 10; n += 1)
    records.push({
      ...last!,
      seq: last!.seq + n,
      id: `g${n}`,
      steps: [],
      effects: [],
      fact: { ...received, message: { ...received.message, id: `m${n}` } },
    });
  const effectId = world.openOf('message:x0', 'handler.run').id;
  records.push({
    ...last!,
    seq: records.length + 1,
    id: 'end',
    steps: [],
    effects: [],
    fact: { type: 'handler.completed', effectId, replies: [], operator: false, ver: 1 },
  });
  const journal = await openSqliteJournal({ path });
  await journal.append(await journal.beginEpoch(), records);
  await journal.close();
});
afterAll(closeRigs);

describe('a long journal', () => {
  test('[limit journalAhead] outcomes are looked for so far and no further, and it says so', async () => {
    const journal = await storeOf(path).openReader();
    const asked = (await journal.read(0, 50)).find(({ effects }) =>
      effects.some(({ type }) => type === 'handler.run'),
    )!;
    await journal.close();
    const told = desk({ journal: path });
    await show(told.session, asked.seq);
    expect(told.lines().at(-1)).toContain(`none within the next ${AHEAD_MAX} records`);
  });

  test('[limit journalNames] of so many names the nearest is offered', async () => {
    const journal = await storeOf(path).openReader();
    const { session } = desk({ journal: path });
    // The newest are looked at first: `x0`, the oldest, is past the limit.
    await expect(findMessage(journal, 'm20001x', session)).rejects.toThrow('did you mean "m20001"?');
    await expect(findMessage(journal, 'x0x', session)).rejects.toThrow(/no message "x0x" in this journal$/i);
    await journal.close();
  });
});

test('[limit exportLine] a line that is too long is no record', async () => {
  const file = join(temporaryFolder(), 'long.jsonl');
  writeFileSync(file, `{"kintsugi":"${'x'.repeat(EXPORT_LINE_MAX + (1 << 20))}`);
  await expect(storeOf(file).openReader()).rejects.toThrow(`a line of more than ${EXPORT_LINE_MAX} bytes`);
});
