import { writeFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from '@jest/globals';
import { startBusyBot } from '../../../bench/busyBot.js';
import { createMemoryStore, openMemoryJournal } from '../../../src/adapters/journal/memoryJournal.js';
import type { Moment, Overview, RecordsPage, WhatIfJob } from '../../../visualizations/src/protocol.js';
import { storeInMemory } from '../../adapters/journal/storeInMemory.js';
import { BEFORE_OUTAGE, closeAll, type Served, serveJournal, temporaryFile } from './inspectionRig.js';

afterEach(closeAll);

async function whatIf(served: Served): Promise<WhatIfJob> {
  const answer = await fetch(`${served.url}/api/what-if`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: served.url },
    body: JSON.stringify({ journal: 'main', set: { 'circuitBreaker.failureThreshold': 9 } }),
  });
  const { id } = (await answer.json()) as WhatIfJob;
  for (;;) {
    const job = await served.get<WhatIfJob>(`what-if?id=${id}`);
    if (job.state !== 'running') return job;
  }
}

describe('the inspector', () => {
  test('shows a journal in memory beside its writer as it shows a file; threads of their own cannot open it', async () => {
    const memory = createMemoryStore();
    const journal = await openMemoryJournal(memory);
    const bot = await startBusyBot({ journal, startAt: BEFORE_OUTAGE });
    await bot.runTo(300);
    const served = await serveJournal(storeInMemory(memory, 'memory://of the test'));
    const last = memory.records.length;
    expect(await served.get<Overview>('overview')).toMatchObject({
      name: 'of the test',
      first: { seq: 1 },
      last: { seq: last },
    });
    const there = await served.settled<Moment>(`moment?seq=${last}`);
    expect(there.groups.length).toBeGreaterThan(0);
    const { state, message } = await whatIf(served);
    expect([state, message]).toEqual([
      'failed',
      expect.stringContaining('memory://: there is no journal of this kind'),
    ]);
    await bot.stop();
    await journal.close();
  });

  test('shows an exported stretch, what-ifs too', async () => {
    const memory = createMemoryStore();
    const journal = await openMemoryJournal(memory);
    const bot = await startBusyBot({ journal, startAt: BEFORE_OUTAGE });
    await bot.runTo(300);
    const from = await serveJournal(storeInMemory(memory));
    const path = temporaryFile('stretch.jsonl');
    writeFileSync(path, await (await fetch(`${from.url}/api/export?from=1&to=300`)).text());
    const served = await serveJournal(path);
    const page = await served.settled<RecordsPage>('records?after=0&limit=10');
    expect(page).toEqual(await from.settled<RecordsPage>('records?after=0&limit=10'));
    expect((await served.settled<Moment>('moment?seq=250')).groups).toEqual(
      (await from.settled<Moment>('moment?seq=250')).groups,
    );
    expect(await whatIf(served)).toMatchObject({ state: 'done', message: null });
    await bot.stop();
    await journal.close();
  });
});
