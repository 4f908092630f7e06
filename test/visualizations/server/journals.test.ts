import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { fold } from '../../../src/actors/fold/fold.js';
import { topology } from '../../../src/actors/wiring/topology.js';
import { openExportedJournal } from '../../../src/adapters/journal/exported/exportedJournal.js';
import type { Moment, OpenedJournal, Overview, WhatIfJob } from '../../../visualizations/src/protocol.js';
import { exportOf } from '../../../visualizations/src/server/exporting.js';
import { Journals, type OpenJournal } from '../../../visualizations/src/server/journals.js';
import {
  EXPORT_RECORDS_MAX,
  UPLOAD_BYTES_MAX,
  UPLOADS_MAX,
  WHAT_IF_JOBS_MAX,
} from '../../../visualizations/src/server/serverLimits.js';
import { closeAll, makeJournal, onClose, type Served, serveJournal, temporaryFile } from './inspectionRig.js';

afterEach(closeAll);

const upload = async (served: Served, body: string, name = 'stretch.jsonl') => {
  const answer = await fetch(`${served.url}/api/journals?name=${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', origin: served.url },
    body,
  });
  return { status: answer.status, body: (await answer.json()) as OpenedJournal & { message: string } };
};

describe('a stretch as a file', () => {
  test('goes out, folds to the same states elsewhere, and opens again beside the journal', async () => {
    const { path } = await makeJournal(500);
    const served = await serveJournal(path);
    const exported = await fetch(`${served.url}/api/export?from=201&to=400`);
    expect(exported.headers.get('content-disposition')).toBe('attachment; filename="kintsugi-201-400.jsonl"');
    const text = await exported.text();
    const file = temporaryFile('stretch.jsonl');
    writeFileSync(file, text);
    const journal = await openExportedJournal(file);
    onClose(() => journal.close());
    const { state, divergence, records } = await fold(journal, topology);
    expect([state.seq, divergence, records]).toEqual([400, null, 200]);

    const { status, body } = await upload(served, text);
    expect([status, body]).toMatchObject([
      200,
      { journal: 'upload1', name: 'stretch.jsonl', first: { seq: 201 }, last: { seq: 400 } },
    ]);
    for (const seq of [200, 201, 350, 400]) {
      const here = await served.settled<Moment>(`moment?seq=${seq}`);
      const there = await served.settled<Moment>(`moment?journal=upload1&seq=${seq}`);
      expect(there.groups).toEqual(here.groups);
    }
    expect(await served.get<Overview>('overview?journal=upload1')).toMatchObject({ kind: 'upload', operator: false });
    expect((await served.get<Overview>('overview')).journals).toHaveLength(1);
    await fetch(`${served.url}/api/journals?journal=upload1`, { method: 'DELETE', headers: { origin: served.url } });
    await served.get('overview?journal=upload1', 404);
  });
  test('hostile files are refused with what is wrong', async () => {
    const { path } = await makeJournal(300);
    const served = await serveJournal(path);
    const text = await (await fetch(`${served.url}/api/export?from=1&to=50`)).text();
    const lines = text.trimEnd().split('\n');
    const join = (changed: readonly string[]): string => `${changed.join('\n')}\n`;
    const wrong: [string, string][] = [
      ['', 'it is empty'],
      ['<html>', 'neither a Kintsugi journal nor an export'],
      ['{"kintsugi":"journal","format":99,"from":1,"to":2}\n', 'newer version'],
      ['{"kintsugi":"journal","format":1,"from":5,"to":2}\n', 'does not say which records'],
      [join(lines.slice(0, 20)), 'cut off after record'],
      [join(lines.filter((_, i) => i !== 10)), 'record 10 is not where it belongs'],
      [text.replace('"session.started"', '"session.forged!"'), 'not what its checksum says'],
    ];
    for (const [body, message] of wrong) {
      const answer = await upload(served, body);
      expect(answer.status).toBe(400);
      expect(answer.body.message).toContain(message);
      expect(answer.body.message).not.toContain('/');
    }
    const noFile = await fetch(`${served.url}/api/journals`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect(noFile.status).toBe(415);
    expect((await served.get<Overview>('overview')).journals).toEqual([]);
  });
  test('[limit uploads] one more than may be open is refused until another is closed', async () => {
    const { path } = await makeJournal(120);
    const served = await serveJournal(path);
    const text = await (await fetch(`${served.url}/api/export?from=1&to=20`)).text();
    for (let i = 0; i < UPLOADS_MAX; i += 1) expect((await upload(served, text)).status).toBe(200);
    expect(await upload(served, text)).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('close one of them') },
    });
    await fetch(`${served.url}/api/journals?journal=upload2`, { method: 'DELETE' });
    expect((await upload(served, text)).status).toBe(200);
  });
  test('[limit uploadBytes] a larger file is refused, and nothing of it stays', async () => {
    const piece = Buffer.alloc(1024 * 1024, ' ');
    async function* large(): AsyncGenerator<Buffer> {
      for (let bytes = 0; bytes <= UPLOAD_BYTES_MAX; bytes += piece.length) yield piece;
    }
    await expect(new Journals(topology).upload('large.jsonl', large())).rejects.toMatchObject({ statusCode: 413 });
  });
  test('[limit exportRecords] a longer stretch is for the command line', async () => {
    const long = { index: { first: { seq: 1 }, last: { seq: 1_000_000 } } } as unknown as OpenJournal;
    await expect(exportOf(long, 11, EXPORT_RECORDS_MAX + 11)).rejects.toThrow('use npm run journal -- export');
  });
});

describe('what-if', () => {
  const start = (served: Served, set: object): Promise<Response> =>
    fetch(`${served.url}/api/what-if`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ set }),
    });
  const settled = async (served: Served, id: string): Promise<WhatIfJob> => {
    for (;;) {
      const job = await served.get<WhatIfJob>(`what-if?id=${id}`);
      if (job.state !== 'running') return job;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  test('gives recorded beside what would have been; a new one ends the one before', async () => {
    const { path } = await makeJournal(900);
    const served = await serveJournal(path);
    const first = (await (await start(served, { 'circuitBreaker.failureThreshold': 2 })).json()) as WhatIfJob;
    const second = (await (await start(served, { 'circuitBreaker.failureThreshold': '1' })).json()) as WhatIfJob;
    expect((await settled(served, first.id)).state).toBe('cancelled');
    const done = await settled(served, second.id);
    expect(done).toMatchObject({
      state: 'done',
      done: second.of,
      result: { set: { 'circuitBreaker.failureThreshold': 1 } },
    });
    expect(done.result!.firstDifference).not.toBeNull();
    const third = (await (await start(served, { 'circuitBreaker.openMs': 500 })).json()) as WhatIfJob;
    await fetch(`${served.url}/api/what-if?id=${third.id}`, { method: 'DELETE' });
    expect((await settled(served, third.id)).state).toBe('cancelled');
  });
  test('[limit whatIfJobs] so many can still be asked for; the oldest is forgotten', async () => {
    const { path } = await makeJournal(60);
    const served = await serveJournal(path);
    const ids: string[] = [];
    for (let n = 0; n <= WHAT_IF_JOBS_MAX; n += 1)
      ids.push(((await (await start(served, { 'retry.retriesMax': n })).json()) as WhatIfJob).id);
    const statuses = await Promise.all(
      ids.map(async (id) => (await fetch(`${served.url}/api/what-if?id=${id}`)).status),
    );
    expect(statuses).toEqual([404, ...Array<number>(WHAT_IF_JOBS_MAX).fill(200)]);
  });
  test('an option that there is not, and a value that it cannot have', async () => {
    const { path } = await makeJournal(60);
    const served = await serveJournal(path);
    for (const [set, message] of [
      [{ 'circuitBreaker.failureTreshold': 3 }, 'did you mean "circuitBreaker.failureThreshold"?'],
      [{ 'circuitBreaker.failureThreshold': 'many' }, 'circuitBreaker.failureThreshold'],
      [{}, 'name at least one option'],
    ] as const) {
      const answer = await start(served, set);
      expect(answer.status).toBe(400);
      expect(((await answer.json()) as { message: string }).message).toContain(message);
    }
  });
});

describe('operator actions and the simulator', () => {
  interface Seen {
    readonly method: string;
    readonly url: string;
    readonly authorization: string | undefined;
    readonly body: string;
  }
  async function fakeService(): Promise<{ readonly url: string; readonly seen: Seen[] }> {
    const seen: Seen[] = [];
    const bodyOf = async (request: IncomingMessage): Promise<string> => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      return body;
    };
    const server = createServer(async (request, response) => {
      const { method = '', url = '', headers } = request;
      seen.push({ method, url, authorization: headers.authorization, body: await bodyOf(request) });
      response.writeHead(method === 'DELETE' ? 204 : 200).end(method === 'DELETE' ? undefined : '{"seq":7}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onClose(() => server.close());
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
  }
  const act = (served: Served, headers: { [name: string]: string }, body: object): Promise<Response> =>
    fetch(`${served.url}/api/operator`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const isolate = { type: 'operator.isolated', breaker: 'breaker:messages' };

  test('[case W1] go to the bot only from our own page, with a token, and are operator actions', async () => {
    const { path } = await makeJournal(50);
    const bot = await fakeService();
    const served = await serveJournal(path, { botUrl: bot.url });
    const own = { origin: served.url };
    const token = { authorization: 'Bearer the-token' };
    expect((await act(served, token, isolate)).status).toBe(403);
    for (const origin of [
      'https://evil.example',
      'null',
      '',
      served.url.replace('http', 'https').slice(0, -1),
      'http://localhost',
    ])
      expect([origin, (await act(served, { ...token, origin }, isolate)).status]).toEqual([origin, 403]);
    expect((await act(served, own, isolate)).status).toBe(401);
    expect((await act(served, { ...own, ...token }, { type: 'message.received' })).status).toBe(400);
    expect(bot.seen).toEqual([]);
    const answer = await act(served, { ...own, ...token }, isolate);
    expect([answer.status, await answer.json()]).toEqual([200, { seq: 7 }]);
    const sent = { method: 'POST', url: '/operator', authorization: 'Bearer the-token' };
    expect(bot.seen).toEqual([{ ...sent, body: JSON.stringify({ ...isolate, by: 'inspector' }) }]);
    expect((await served.get<Overview>('overview')).operator).toBe(true);
  });
  test('without a bot there is nobody to act; one that is gone is said to be', async () => {
    const { path } = await makeJournal(50);
    const alone = await serveJournal(path);
    const headers = (served: Served) => ({ origin: served.url, authorization: 'Bearer x' });
    expect((await act(alone, headers(alone), isolate)).status).toBe(409);
    const gone = await serveJournal(path, { botUrl: 'http://127.0.0.1:9' });
    const answer = await act(gone, headers(gone), isolate);
    expect(answer.status).toBe(502);
    expect(((await answer.json()) as { message: string }).message).toContain('the bot does not answer');
  });
  test('the simulator is reached in the demo world only', async () => {
    const { path } = await makeJournal(50);
    const simulator = await fakeService();
    const served = await serveJournal(path, { simulatorUrl: simulator.url });
    expect((await served.get<Overview>('overview')).demoWorld).toBe(true);
    const headers = { 'content-type': 'application/json', origin: served.url };
    const message = { method: 'POST', headers, body: '{"content":"hi"}' };
    expect((await fetch(`${served.url}/sim/messages`, message)).status).toBe(200);
    expect((await fetch(`${served.url}/sim/replies?since=3`)).status).toBe(200);
    expect(
      (await fetch(`${served.url}/sim/faults`, { method: 'DELETE', headers: { origin: served.url } })).status,
    ).toBe(204);
    expect(
      (await fetch(`${served.url}/sim/messages`, { ...message, headers: { 'content-type': 'application/json' } }))
        .status,
    ).toBe(403);
    expect(simulator.seen.map(({ method, url, body }) => [method, url, body])).toEqual([
      ['POST', '/sim/messages', '{"content":"hi"}'],
      ['GET', '/sim/replies?since=3', ''],
      ['DELETE', '/sim/faults', ''],
    ]);
    const plain = await serveJournal(path);
    expect((await fetch(`${plain.url}/sim/state`)).status).toBe(404);
  });
});
