import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer, get } from 'node:http';
import { connect, createServer } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import type { Record } from '../../../src/actors/ports.js';
import { startInspectorProcess } from '../../../src/cli/words/inspectorProcess.js';
import type { LiveMessage, Overview } from '../../../visualizations/src/protocol.js';
import { askToLeave } from '../../../visualizations/src/server/afterlife.js';
import { STAY_MS } from '../../../visualizations/src/server/serverLimits.js';
import { closeAll, makeJournal, onClose } from './inspectionRig.js';

afterEach(closeAll);
const more = { host: '127.0.0.1', port: 0, locale: 'zh', botUrl: null, simulatorUrl: null, commandPid: null } as const;

test('a bot is inspected from a process of its own; it is listened to only while someone watches', async () => {
  const { path, bot } = await makeJournal(80, true);
  const listeners = new Set<(record: Record) => void>();
  const inspector = await startInspectorProcess({ path, ...more }, (listener) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  });
  onClose(() => inspector.close());
  bot.system.subscribe((record) => {
    for (const listener of listeners) listener(record);
  });
  const overview = (await (await fetch(`${inspector.url}/api/overview`)).json()) as Overview;
  expect(overview).toMatchObject({ kind: 'live', locale: 'zh', last: { seq: bot.system.state.seq } });
  expect(listeners.size).toBe(0);

  const socket = new WebSocket(`${inspector.url.replace('http', 'ws')}/api/live`);
  onClose(() => socket.terminate());
  const messages: LiveMessage[] = [];
  const said = (): Promise<void> =>
    new Promise((resolve) =>
      socket.once('message', (data) => resolve(void messages.push(JSON.parse(String(data)) as LiveMessage))),
    );
  await said();
  while (listeners.size === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  bot.say('hello');
  await bot.pass(20);
  const last = bot.system.state.seq;
  while (!messages.some((message) => message.type === 'records' && message.to === last)) await said();
  socket.close();
  while (listeners.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
});

test('an address that is taken is an error with its reason', async () => {
  const { path } = await makeJournal(20);
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  onClose(() => taken.close());
  const { port } = taken.address() as { port: number };
  await expect(startInspectorProcess({ path, ...more, port }, () => () => undefined)).rejects.toThrow(
    `127.0.0.1:${port} cannot be listened on (EADDRINUSE)`,
  );
});

/** An inspector of its own whose bot goes without having ended it. */
async function orphan(stayMs: number) {
  const { path } = await makeJournal(20);
  const main = new URL('../../../visualizations/src/server/inspectorMain.ts', import.meta.url);
  const child = fork(main, [], { execArgv: ['--import', 'tsx'] });
  onClose(() => child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  child.send({ path, ...more, stayMs });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  child.disconnect();
  const url = `http://127.0.0.1:${port}`;
  while ((await fetch(`${url}/api/overview`)).status !== 503) await new Promise((resolve) => setTimeout(resolve, 20));
  return { url, port, ended };
}
test('[case W1] [case W2] the inspector of a dead bot stands behind the same guard, and leaves for the next bot', async () => {
  const { url, port, ended } = await orphan(60_000);
  const answers = await Promise.all(
    [{ host: 'evil.example' }, { origin: 'https://evil.example' }, { origin: 'null' }, {}].map(
      (headers) =>
        new Promise((resolve) => {
          get(`${url}/`, { headers, agent: false }, (answer) => {
            answer.resume();
            resolve([answer.statusCode, answer.headers.connection]);
          });
        }),
    ),
  );
  const refused = [403, 'close'];
  expect(answers).toEqual([refused, refused, refused, [503, 'close']]);
  expect(await (await fetch(url)).text()).toContain('npm run inspect -- --journal');
  expect((await fetch(`${url}/kintsugi`, { method: 'POST' })).status).toBe(503);
  // More than it takes, and none of them says a thing: who asks is answered.
  const silent = Array.from({ length: 300 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
  onClose(() => {
    for (const socket of silent) socket.destroy();
  });
  await Promise.all(silent.map((socket) => once(socket, 'connect')));
  expect((await fetch(`${url}/api/overview`)).status).toBe(503);
  expect(await askToLeave('127.0.0.1', port)).toBe(true);
  await ended;
});
test('[limit inspectorStay] the inspector of a dead bot ends by itself', async () => {
  const { ended } = await orphan(500);
  expect(await ended).toEqual([0, null]);
  expect(STAY_MS).toBe(60_000);
});
test('nobody, and nobody of ours, is asked to leave in vain', async () => {
  const stranger = createHttpServer((_request, response) => response.end('hello'));
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  onClose(() => stranger.close());
  const { port } = stranger.address() as { port: number };
  expect(await askToLeave('127.0.0.1', port)).toBe(false);
  stranger.closeAllConnections();
  await new Promise((resolve) => stranger.close(resolve));
  expect(await askToLeave('127.0.0.1', port)).toBe(false);
});
