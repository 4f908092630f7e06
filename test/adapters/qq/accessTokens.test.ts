import { afterEach, describe, expect, test } from '@jest/globals';
import type { Fact, ProcessClock } from '../../../src/actors/ports.js';
import { createSystemClock } from '../../../src/adapters/process/systemClock.js';
import {
  type AccessTokens,
  createAccessTokens,
  TOKEN_LIFE_MAX_MS,
} from '../../../src/adapters/qq/calls/accessTokens.js';
import type { FactOf } from '../../../src/machines/vocabulary/facts/facts.js';
import { type Answer, answerJson, closedPort, startLocalServer } from './localServer.js';

const NOW = 1_000_000;
const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A clock that waits in real time and always says `time`. */
function clockAt(time: number): ProcessClock {
  const real = createSystemClock();
  return {
    now: () => time,
    wallNow: () => time,
    livedMs: () => real.livedMs(),
    schedule: (dueAt, run) => real.schedule(real.now() + dueAt - time, run),
    watch: () => () => undefined,
    close: () => real.close(),
  };
}

function tokensAt(tokenUrl: string, timeoutMs = 2_000): AccessTokens {
  const tokens = createAccessTokens({ tokenUrl, appId: '1020', secret: 'app-s3cret', clock: clockAt(NOW), timeoutMs });
  cleanUps.push(() => tokens.close());
  return tokens;
}
async function serve(answer: Answer) {
  const server = await startLocalServer(answer);
  cleanUps.push(() => server.close());
  return { server, tokens: tokensAt(`${server.url}/app/getAppAccessToken`) };
}
async function fetchToken(tokens: AccessTokens): Promise<Fact> {
  const facts: Fact[] = [];
  await tokens.performers['token.fetch']({ type: 'token.fetch', id: 'f1.0', actor: 'token' }, (fact) =>
    facts.push(fact),
  );
  expect(facts).toHaveLength(1);
  return facts[0]!;
}

describe('a fetched token', () => {
  test('is asked for with strings in a JSON body', async () => {
    const { server, tokens } = await serve(answerJson(200, { access_token: 'AAA', expires_in: '7200' }));
    await fetchToken(tokens);
    const [request] = server.heard;
    expect(request).toMatchObject({ method: 'POST', path: '/app/getAppAccessToken' });
    expect(request!.headers['content-type']).toBe('application/json');
    expect(JSON.parse(request!.body)).toEqual({ appId: '1020', clientSecret: 'app-s3cret' });
  });
  test('is known outside by its ref only', async () => {
    const { tokens } = await serve(answerJson(200, { access_token: 'AAA', expires_in: '7200' }));
    expect(tokens.current()).toBeNull();
    const fact = (await fetchToken(tokens)) as FactOf<'token.fetched'>;
    expect(fact).toEqual({ type: 'token.fetched', effectId: 'f1.0', ref: fact.ref, expiresAt: NOW + 7_200_000 });
    expect(JSON.stringify(fact)).not.toMatch(/AAA|s3cret/);
    expect(tokens.secretOf(fact.ref)).toBe('AAA');
    expect(tokens.current()).toBe('AAA');
  });
  test.each<[unknown, number]>([
    ['60', 60_000],
    [60, 60_000],
    ['0', 0],
    [0, 0],
    [-5, 0],
    ['soon', 0],
    ['', 0],
    [undefined, 0],
    [null, 0],
    [1e300, TOKEN_LIFE_MAX_MS],
    ['9999', TOKEN_LIFE_MAX_MS],
  ])('with expires_in %j lives %i ms', async (expiresIn, lifeMs) => {
    const { tokens } = await serve(answerJson(200, { access_token: 'AAA', expires_in: expiresIn }));
    expect(await fetchToken(tokens)).toMatchObject({ type: 'token.fetched', expiresAt: NOW + lifeMs });
  });
  test('stays known until two newer ones came', async () => {
    let count = 0;
    const { tokens } = await serve((response) =>
      response.end(JSON.stringify({ access_token: `T${++count}`, expires_in: 60 })),
    );
    const refs: string[] = [];
    for (let i = 0; i < 3; i += 1) refs.push(((await fetchToken(tokens)) as FactOf<'token.fetched'>).ref);
    expect(refs.map((ref) => tokens.secretOf(ref))).toEqual([null, 'T2', 'T3']);
    expect(tokens.current()).toBe('T3');
    expect(tokens.secretOf('unknown')).toBeNull();
  });
});

describe('a failed fetch', () => {
  test('is told by its code though the status is 200', async () => {
    const { tokens } = await serve(answerJson(200, { code: 100007, message: 'appid invalid' }));
    expect(await fetchToken(tokens)).toEqual({
      type: 'token.fetchFailed',
      effectId: 'f1.0',
      class: 'fatal',
      code: 100007,
      status: 200,
    });
    expect(tokens.current()).toBeNull();
  });
  test.each(['', 7, null, 'a\nb'])('comes from the token %j', async (token) => {
    const { tokens } = await serve(answerJson(200, { access_token: token, expires_in: 60 }));
    expect(await fetchToken(tokens)).toMatchObject({
      type: 'token.fetchFailed',
      class: 'transient',
      code: 'NO_TOKEN_IN_ANSWER',
    });
  });
  test('never tells the secret, even when the endpoint echoes it', async () => {
    const { tokens } = await serve((response, { body }) => response.writeHead(400).end(body));
    expect(JSON.stringify(await fetchToken(tokens))).not.toContain('s3cret');
  });
  test('is transient without a connection', async () => {
    const tokens = tokensAt(`${await closedPort()}/app/getAppAccessToken`);
    expect(await fetchToken(tokens)).toMatchObject({ class: 'transient', code: 'ECONNREFUSED', status: null });
  });
});

test('refuses an address that is none, naming the setting', () => {
  expect(() => tokensAt('bots.qq.com/app')).toThrow(/QQ_BOT_TOKEN_URL: "bots\.qq\.com\/app" is no http address/);
  expect(() => tokensAt('ftp://user:hidden@host/')).toThrow(/ftp:\/\/\*\*\*@host/);
});
