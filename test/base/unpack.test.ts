import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { afterAll, expect, test } from '@jest/globals';
import { gunzipUpTo, inflateUpTo, readAnswer, UnpacksToTooMuch } from '../../src/base/unpack.js';

const MB = 1024 * 1024;
/** Members of a gzip file are read as one: 384 MB in 400 kB. */
const bomb = Buffer.concat(Array.from({ length: 24 }, () => gzipSync(Buffer.alloc(16 * MB))));

const server = createServer((request, response) => {
  if (request.url === '/endless') {
    response.writeHead(200);
    const more = (): void => {
      while (response.write('x'.repeat(65_536)));
    };
    response.on('drain', more);
    response.on('error', () => undefined);
    return more();
  }
  const isBomb = request.url === '/bomb';
  response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'application/json' });
  response.end(isBomb ? bomb : gzipSync('{"text":"早上好"}'));
});
const url = new Promise<string>((resolve) =>
  server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)),
);
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test('[case W4] what unpacks to too much is refused, whatever it is, and costs no memory', async () => {
  const before = process.memoryUsage().rss;
  await expect(gunzipUpTo(bomb, MB)).rejects.toThrow(UnpacksToTooMuch);
  expect(() => inflateUpTo(deflateRawSync(Buffer.alloc(16 * MB)), MB)).toThrow('it unpacks to more than 1048576 bytes');
  const answer = await fetch(`${await url}/bomb`);
  await expect(readAnswer(answer, MB)).rejects.toThrow('the answer has more than 1048576 bytes');
  await expect(readAnswer(await fetch(`${await url}/endless`), MB)).rejects.toThrow(UnpacksToTooMuch);
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * MB);
});
test('[case W4] what does not is read whole; what is damaged is told as such', async () => {
  expect(String(await gunzipUpTo(gzipSync('1234'), 4))).toBe('1234');
  await expect(gunzipUpTo(gzipSync('12345'), 4)).rejects.toThrow(UnpacksToTooMuch);
  expect(String(inflateUpTo(deflateRawSync('1234'), 4))).toBe('1234');
  expect(await readAnswer(await fetch(`${await url}/`), 20)).toBe('{"text":"早上好"}');
  await expect(readAnswer(await fetch(`${await url}/`), 19)).rejects.toThrow(UnpacksToTooMuch);
  await expect(gunzipUpTo(Buffer.from('no gzip'), 4)).rejects.not.toThrow(UnpacksToTooMuch);
  expect(await readAnswer(new Response(null), 0)).toBe('');
});
