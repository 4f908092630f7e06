import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { BotView } from '../../../../src/adapters/operator/http/botView.js';
import { createHttpServer, type HttpServer } from '../../../../src/adapters/operator/http/createHttpServer.js';
import { ACTION_MAX, ACTIONS_MAX } from '../../../../src/adapters/operator/http/operatorEntry.js';
import {
  keepOperatorToken,
  OperatorToken,
  operatorTokenFile,
  readOperatorToken,
} from '../../../../src/adapters/operator/http/operatorToken.js';
import { type OperatorAction, OperatorRefusal } from '../../../../src/adapters/operator/operatorActions.js';
import { createManualClock } from '../../../../src/adapters/process/manualClock.js';
import { closeRigs, temporaryFolder } from '../../../e2e/rig.js';

const servers: HttpServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  await closeRigs();
});
const TOKEN = 'abcdefghijklmnopqrstuvwxyz_-0123';
const RESET = { type: 'operator.reset', breaker: 'breaker:messages' };

async function start(act: (action: OperatorAction) => Promise<number> = async () => 7) {
  const lines: string[] = [];
  const note = (fields: object, message: string): void => void lines.push(JSON.stringify([fields, message]));
  const log = { debug: note, info: note, warn: note, error: note };
  const taken: OperatorAction[] = [];
  const clock = createManualClock(0);
  const entry = {
    token: new OperatorToken(TOKEN),
    clock,
    act: (action: OperatorAction) => {
      taken.push(action);
      return act(action);
    },
  };
  const server = await createHttpServer({} as BotView, { host: '127.0.0.1', port: 0 }, log, entry);
  servers.push(server);
  const post = async (body: unknown, headers: { [name: string]: string | undefined } = {}) => {
    const all = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', ...headers };
    const given = Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined);
    const response = await fetch(`${server.url}/operator`, {
      method: 'POST',
      headers: given,
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: response.status, answer: (await response.json()) as { seq?: number; message?: string } };
  };
  return { post, taken, lines, clock, url: server.url };
}

describe('POST /operator', () => {
  test('takes an action with the token and answers the seq of its record', async () => {
    const { post, taken } = await start();
    expect(await post(RESET)).toEqual({ status: 200, answer: { seq: 7 } });
    await post({ type: 'operator.forced', feature: 'richEmbeds', to: 'off', forMs: 5, by: 'inspector' });
    await post({ type: 'recovery.requested' });
    await post({ type: 'operator.retried', message: 'm7', by: 'cli' });
    expect(taken).toEqual([
      { ...RESET, by: 'http' },
      { type: 'operator.forced', feature: 'richEmbeds', to: 'off', forMs: 5, by: 'inspector' },
      { type: 'recovery.requested', force: false, by: 'http' },
      { type: 'operator.retried', message: 'm7', by: 'cli' },
    ]);
  });

  test.each([
    ['no token', RESET, { authorization: undefined }, 401, 'Authorization: Bearer'],
    ['a wrong token', RESET, { authorization: `Bearer ${TOKEN.slice(1)}x` }, 401, 'Authorization: Bearer'],
    ['a token of another length', RESET, { authorization: 'Bearer x' }, 401, 'Authorization: Bearer'],
    ['the token in another scheme', RESET, { authorization: `Basic ${TOKEN}` }, 401, 'Authorization: Bearer'],
    ['a page of elsewhere', RESET, { origin: 'https://evil.example' }, 403, 'origin'],
    ['a page that hides where it is from', RESET, { origin: 'null' }, 403, 'origin'],
    ['a page whose name only begins like ours', RESET, { origin: 'http://localhost.evil.example' }, 403, 'origin'],
    [
      'a form of a page',
      'type=operator.reset',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'application/json',
    ],
    ['JSON that says it is text', RESET, { 'content-type': 'text/plain' }, 415, 'application/json'],
    ['no JSON', '{', {}, 400, 'JSON'],
    ['a list', [], {}, 400, 'type'],
    ['an action that there is not', { type: 'operator.fired', breaker: 'x' }, {}, 400, 'known are operator.isolated'],
    ['a field too many', { ...RESET, token: TOKEN }, {}, 400, 'token'],
    ['a feature that there is not', { type: 'operator.unforced', feature: 'embeds' }, {}, 400, 'richEmbeds'],
    ['a time that is none', { type: 'operator.forced', feature: 'richEmbeds', to: 'on', forMs: 0 }, {}, 400, 'forMs'],
    ['[limit operatorBody] a body that is too long', { ...RESET, breaker: 'x'.repeat(ACTION_MAX) }, {}, 413, 'large'],
  ])('refuses %s', async (_what, body, headers, status, message) => {
    const { post, taken, lines } = await start();
    const refused = await post(body, headers);
    expect([refused.status, refused.answer.message]).toEqual([status, expect.stringContaining(message)]);
    expect(taken).toEqual([]);
    expect(JSON.stringify([refused.answer, lines])).not.toContain(TOKEN);
  });

  test('[case W1] takes no page but its own, not even one of this machine', async () => {
    const { post, url, taken } = await start();
    for (const origin of ['http://127.0.0.1:1', 'http://localhost:5173', 'http://[::1]:1', 'null'])
      expect((await post(RESET, { origin })).status).toBe(403);
    expect(taken).toEqual([]);
    expect((await post(RESET, { origin: url })).status).toBe(200);
  });

  test('[limit operatorActions] [case W3] refuses the eleventh request of a second; those without the token take none of its', async () => {
    const { post, clock } = await start();
    const stranger = { authorization: 'Bearer x' };
    for (let i = 0; i < 25; i += 1) expect((await post(RESET, stranger)).status).toBe(i < ACTIONS_MAX ? 401 : 429);
    for (let i = 0; i < ACTIONS_MAX; i += 1) expect((await post(RESET)).status).toBe(200);
    expect((await post(RESET)).status).toBe(429);
    clock.advance(1_000);
    expect((await post(RESET)).status).toBe(200);
  });

  test('tells why an action cannot be done; a defect of ours is logged without the token', async () => {
    const refusing = await start(async () => {
      throw new OperatorRefusal(409, 'its reply window is over');
    });
    expect(await refusing.post(RESET)).toEqual({ status: 409, answer: { message: 'its reply window is over' } });
    const broken = await start(async () => {
      throw new Error('a defect');
    });
    expect((await broken.post(RESET)).status).toBe(500);
    expect(broken.lines.join()).toContain('a defect');
    expect(broken.lines.join()).not.toContain(TOKEN);
  });

  test('is the only way in: everything else stays for reading', async () => {
    const { url } = await start();
    for (const method of ['PUT', 'DELETE', 'GET'])
      expect((await fetch(`${url}/operator`, { method })).status).toBe(404);
  });
});

describe("the operator's token", () => {
  const here = (): string => join(temporaryFolder(), 'bot.db');

  test('is made once, kept, and for its owner alone', () => {
    const journal = here();
    const made = keepOperatorToken(journal);
    const file = operatorTokenFile(journal);
    const token = readFileSync(file, 'utf8').trim();
    expect([token.length, statSync(file).mode & 0o777, made.matches(token), made.matches(`${token}x`)]).toEqual([
      32,
      0o600,
      true,
      false,
    ]);
    keepOperatorToken(journal);
    expect(readOperatorToken(file)).toBe(token);
    expect(JSON.stringify(made)).not.toContain(token);
  });

  test.each([
    ['others can read it', (file: string) => chmodSync(file, 0o644)],
    ['it is no token', (file: string) => writeFileSync(file, 'hello')],
    [
      'it is a link',
      (file: string) => {
        writeFileSync(`${file}.elsewhere`, `${TOKEN}\n`, { mode: 0o600 });
        unlinkSync(file);
        symlinkSync(`${file}.elsewhere`, file);
      },
    ],
  ])('is made anew when %s', (_what, spoil) => {
    const journal = here();
    keepOperatorToken(journal);
    const file = operatorTokenFile(journal);
    const before = readFileSync(file, 'utf8');
    spoil(file);
    expect(readOperatorToken(file)).toBeNull();
    keepOperatorToken(journal);
    const after = readOperatorToken(file);
    expect([after === null, after === before.trim(), after === TOKEN, statSync(file).mode & 0o777]).toEqual([
      false,
      false,
      false,
      0o600,
    ]);
  });

  test('that cannot be written is an error of the caller', () => {
    const journal = here();
    mkdirSync(operatorTokenFile(journal));
    expect(() => keepOperatorToken(journal)).toThrow();
  });
});
