import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openSqliteJournal } from '../../../src/adapters/journal/sqlite/sqliteJournal.js';
import { operatorTokenFile } from '../../../src/adapters/operator/http/operatorToken.js';
import { actor } from '../../../src/cli/journal/actor.js';
import { deadLetters } from '../../../src/cli/journal/deadLetters.js';
import type { Session } from '../../../src/cli/journal/environment.js';
import { info } from '../../../src/cli/journal/info.js';
import { message } from '../../../src/cli/journal/message.js';
import { show } from '../../../src/cli/journal/show.js';
import { tail } from '../../../src/cli/journal/tail.js';
import { exportStretch } from '../../../src/cli/journal/transfer.js';
import { verify } from '../../../src/cli/journal/upkeep.js';
import { why } from '../../../src/cli/journal/why.js';
import { World } from '../../actors/world.js';
import { closeRigs, temporaryFolder } from '../../e2e/rig.js';
import { desk } from './desk.js';

const SECRET = 'app-secret-"x"-0123456789';
const TOKEN = 'op-token_ABCDEFGHIJKLMNOPQRSTUVW';
const ACCESS = 'aCCessToken0123456789abcdefghijklmnop';
let path = '';
let failedAt = 0;

/** Users who have seen the secrets write them into messages, and a handler says them back: the worst that can happen. */
beforeAll(async () => {
  path = join(temporaryFolder(), 'bot.db');
  writeFileSync(operatorTokenFile(path), `${TOKEN}\n`, { mode: 0o600 });
  const world = new World();
  world.begin();
  world.connect();
  const told = `${SECRET} and ${TOKEN} and QQBot ${ACCESS} and {"clientSecret":"hidden-in-json"}`;
  world.receive('m1', { content: told, author: SECRET });
  world.complete('m1', [told]);
  failedAt = world.fail(world.calls[0]!, 'rejectedTarget').seq;
  world.receive('m2', { content: told });
  world.take({
    type: 'handler.failed',
    effectId: world.openOf('message:m2', 'handler.run').id,
    reason: 'threw',
    error: `Error: ${told}`,
  });
  const journal = await openSqliteJournal({ path });
  await journal.append(await journal.beginEpoch(), world.records);
  await journal.close();
});
afterAll(closeRigs);

const commands: { readonly [name: string]: (session: Session) => Promise<unknown> } = {
  info,
  tail: (session) => tail(session, { lines: 100, follow: false }),
  show: (session) => show(session, failedAt),
  'show a call': (session) => show(session, failedAt - 1),
  actor: (session) => actor(session, 'delivery:m1.0', { changes: false }),
  message: (session) => message(session, 'm1'),
  'message that failed': (session) => message(session, 'm2'),
  why: (session) => why(session, 'message:m2'),
  'dead-letters': (session) => deadLetters(session, undefined),
  verify,
};

test.each(Object.entries(commands))('%s shows no secret, to people and to programs', async (_name, command) => {
  for (const json of [false, true]) {
    const told = desk({ journal: path, json }, { QQ_BOT_SECRET: SECRET });
    await command(told.session);
    expectNone(told.lines().join('\n'));
    expect(told.lines().length).toBeGreaterThan(0);
  }
});

test('an export holds none, says how many it left out, and is whole', async () => {
  const out = join(temporaryFolder(), 'x.jsonl');
  const told = desk({ journal: path }, { QQ_BOT_SECRET: SECRET });
  await exportStretch(told.session, { out });
  expectNone(readFileSync(out, 'utf8'));
  expect(readFileSync(out, 'utf8')).toContain('*** and *** and QQBot ***');
  expect(told.lines()[0]).toMatch(/secrets taken out: \d\d/);
  expect(await verify(desk({ journal: out }).session)).toBe(0);
});

function expectNone(text: string): void {
  for (const secret of [SECRET, JSON.stringify(SECRET).slice(1, -1), TOKEN, ACCESS])
    expect([secret, text.includes(secret)]).toEqual([secret, false]);
}
