import { createServer } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import type { Record } from '../../../src/actors/ports.js';
import { startInspectorProcess } from '../../../src/cli/inspectorProcess.js';
import type { LiveMessage, Overview } from '../../../visualizations/src/protocol.js';
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
