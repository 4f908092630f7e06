import { expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { VIEWER_BUFFER_MAX } from '../../../visualizations/src/bridges/bridgeLimits.js';
import { createViewerServer, type Viewer } from '../../../visualizations/src/bridges/viewerServer.js';

test('[limit viewerBuffer] a viewer that does not take what it is sent is closed with 1013', async () => {
  const viewers: Viewer[] = [];
  const server = await createViewerServer({
    port: 0,
    origins: [],
    open(viewer) {
      viewers.push(viewer);
      return { message: () => undefined, close: () => undefined };
    },
  });
  const client = new WebSocket(server.url);
  await new Promise((resolve) => client.on('open', resolve));
  const closed = new Promise((resolve) => client.on('close', resolve));
  client.pause();
  const part = 'x'.repeat(1024 * 1024);
  let sent = 0;
  for (; viewers[0]!.isOpen && sent < 1_000; sent += 1) viewers[0]!.send(part);
  expect(sent * part.length).toBeGreaterThan(VIEWER_BUFFER_MAX);
  expect(sent * part.length).toBeLessThan(VIEWER_BUFFER_MAX + 16 * part.length);
  client.resume();
  expect(await closed).toBe(1013);
  await server.close();
});

test('a port that is taken is told as such', async () => {
  const open = () => ({ message: () => undefined, close: () => undefined });
  const first = await createViewerServer({ port: 0, origins: [], open });
  const { port } = new URL(first.url);
  await expect(createViewerServer({ port: Number(port), origins: [], open })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
  await first.close();
});
