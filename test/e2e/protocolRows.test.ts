import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Fact, Performer } from '../../src/actors/ports.js';
import { createManualClock } from '../../src/adapters/process/manualClock.js';
import { createSystemClock } from '../../src/adapters/process/systemClock.js';
import { createAccessTokens } from '../../src/adapters/qq/calls/accessTokens.js';
import { createCalls } from '../../src/adapters/qq/calls/calls.js';
import { Uploads } from '../../src/adapters/qq/calls/pictures.js';
import { createOpenApi } from '../../src/adapters/qq/http/openApi.js';
import { createQQWebhook } from '../../src/adapters/qq/qqWebhook.js';
import { closePolicyOf } from '../../src/machines/gateway/closeCodes.js';
import type { EffectOf, EffectRequest, OutboundFrame } from '../../src/machines/vocabulary/effects.js';
import { createSimulator, type Simulator } from '../../src/simulator/createSimulator.js';
import { startGateway, cleanUp as stopGateways, Waiter } from '../adapters/qq/gatewayWorld.js';
import { closeRows, errorRows, statusSeen, tokenRows } from '../fixtures/protocolRows.js';

/** Every row of the protocol on both sides at once: the simulator says it over a real socket, the adapter makes of it what it is. */
const secret = 's3cret';
const INTENTS = (1 << 0) | (1 << 30);
const ignore = { debug() {}, info() {}, warn() {}, error() {} };
const closing: (() => Promise<unknown>)[] = [];
let simulator: Simulator;
let tokens: ReturnType<typeof createAccessTokens>;
let perform: ReturnType<typeof createCalls>;
let tokenRef = '';

async function outcomeOf<E extends EffectRequest>(effect: E, run: Performer<E>) {
  const facts: Fact[] = [];
  await run({ ...effect, id: 'e1', actor: 'test' }, (fact) => facts.push(fact));
  expect(facts).toHaveLength(1);
  return facts[0]!;
}
const fetchToken = () => outcomeOf({ type: 'token.fetch' }, tokens.performers['token.fetch']);

/** The adapter's socket, open and greeted; `send` speaks as the gateway's chart does. */
async function connected() {
  const bot = startGateway({ tokens });
  bot.perform({ type: 'socket.open', url: simulator.url.replace('http', 'ws').concat('/websocket') });
  await bot.fact('hello.received');
  const send = (frame: OutboundFrame): void =>
    bot.perform({ type: 'socket.send', socket: 'e1', frame, tokenRef: frame.op === 1 ? null : tokenRef }, 'e2');
  return { bot, send };
}
async function identified() {
  const { bot, send } = await connected();
  send({ op: 2, intents: INTENTS, shard: [0, 1] });
  const started = (await bot.fact('session.started')) as Extract<Fact, { type: 'session.started' }>;
  return { bot, send, session: started.session };
}

beforeAll(async () => {
  simulator = await createSimulator({ paceMax: 0 });
  tokens = createAccessTokens({
    tokenUrl: `${simulator.url}/app/getAppAccessToken`,
    appId: '1',
    secret,
    clock: createSystemClock(),
  });
  const shared = { baseUrl: simulator.url, appId: '1', tokens, timeoutMs: 5_000, clock: createSystemClock() };
  const openApi = createOpenApi(shared);
  perform = createCalls({ openApi, uploads: new Uploads(Date.now), now: Date.now });
  closing.push(
    () => simulator.close(),
    () => tokens.close(),
    () => openApi.close(),
  );
  const fetched = (await fetchToken()) as Extract<Fact, { type: 'token.fetched' }>;
  tokenRef = fetched.ref;
  await identified();
});
afterAll(async () => {
  await stopGateways();
  for (const close of closing.reverse()) await close();
});

describe('error codes of the OpenAPI', () => {
  const reply: EffectOf<'call.start'> = {
    type: 'call.start',
    delivery: 'delivery:m1.0',
    breaker: 'breaker:messages',
    permit: { id: 'p', generation: 1 },
    probe: false,
    place: { kind: 'guild', guildId: 'g1', channelId: 'c1' },
    msgId: 'm1',
    rung: 'text',
    form: { text: 'hello', embed: false },
    late: false,
    attempt: 1,
    timeoutMs: 5_000,
  };
  test.each(errorRows)('%i is %s', async (code, kind) => {
    simulator.addFault({ kind: 'errors', code, count: 1 });
    const fact = await outcomeOf(reply, perform['call.start']);
    const isAccepted = kind === 'underAudit' || kind === 'duplicate';
    expect(fact).toMatchObject({
      type: isAccepted ? 'call.succeeded' : 'call.failed',
      class: kind,
      code: code === 40023002 ? 11298 : code,
      status: statusSeen.get(code) ?? 500,
    });
  });
});

describe('error codes of the token endpoint', () => {
  test.each(tokenRows)('%i is %s', async (code, kind) => {
    simulator.addFault({ kind: 'tokenRefused', code, count: 1 });
    expect(await fetchToken()).toMatchObject({ type: 'token.fetchFailed', class: kind, code, status: 200 });
  });
});

describe('close codes of the gateway', () => {
  test.each(closeRows)('%i: %s', async (code, policy) => {
    const { bot } = await identified();
    simulator.addFault({ kind: 'dropConnection', closeCode: code });
    const closed = (await bot.fact('socket.closed')) as Extract<Fact, { type: 'socket.closed' }>;
    expect([closed.code, closePolicyOf(closed.code)]).toEqual([code, policy]);
  });
});

describe('opcodes of the gateway', () => {
  test('0, an event', async () => {
    const { bot } = await identified();
    const [id] = simulator.postMessage({ kind: 'guild', channelId: 'c1', content: 'hi' });
    expect(await bot.fact('message.received')).toMatchObject({ s: 2, message: { id, content: 'hi' } });
  });
  test('1 and 11, a heartbeat and its acknowledgement', async () => {
    const { bot, send } = await identified();
    const before = simulator.state().heartbeats;
    send({ op: 1, s: 1 });
    await bot.fact('heartbeat.acknowledged');
    expect(simulator.state().heartbeats).toBe(before + 1);
  });
  test('1 from the server, which asks for a heartbeat', async () => {
    const { bot } = await identified();
    simulator.addFault({ kind: 'serverHeartbeat' });
    await bot.fact('heartbeat.requested');
  });
  test('2, IDENTIFY; 10, HELLO', async () => {
    const { bot } = await identified();
    expect(await bot.fact('hello.received')).toMatchObject({ heartbeatMs: 41_250 });
    expect(await bot.fact('session.started')).toMatchObject({ s: 1, user: { id: '6000000000000000001' } });
  });
  test('6, RESUME', async () => {
    const { bot, session } = await identified();
    simulator.addFault({ kind: 'dropConnection', closeCode: 4009 });
    await bot.fact('socket.closed');
    simulator.postMessage({ kind: 'guild', channelId: 'c1', content: 'missed' });
    const again = await connected();
    again.send({ op: 6, session, s: 1 });
    expect(await again.bot.fact('session.resumed')).toMatchObject({ s: 3 });
    expect(await again.bot.fact('message.received')).toMatchObject({ s: 2, message: { content: 'missed' } });
  });
  test('7, reconnect', async () => {
    const { bot } = await identified();
    simulator.addFault({ kind: 'reconnect' });
    await bot.fact('reconnect.requested');
  });
  test('9, the session is invalid', async () => {
    const { bot } = await identified();
    simulator.addFault({ kind: 'invalidSession' });
    await bot.fact('session.invalidated');
    expect(await bot.fact('socket.closed')).toMatchObject({ code: 4006 });
  });
});

test('opcodes of the webhook: 13, the check of the address; 0, an event; 12, its acknowledgement', async () => {
  const facts: Fact[] = [];
  const waiter = new Waiter();
  const webhook = await createQQWebhook({
    host: '127.0.0.1',
    port: 0,
    path: '/qq',
    secret,
    async postDurably(fact) {
      facts.push(fact);
      waiter.poke();
    },
    botId: () => null,
    clock: createManualClock(Date.now()),
    log: ignore,
  });
  closing.push(() => webhook.close());
  await outcomeOf({ type: 'webhook.listen' }, webhook.performers['webhook.listen']);
  const bot = await simulator.addBot({ appId: 'pushed', secret, webhook: webhook.url });
  expect(bot).toMatchObject({ isCallbackValid: true });
  const [id] = simulator.postMessage({ kind: 'group', channelId: 'G', content: 'hi' });
  expect(await waiter.until('the event', () => facts[0])).toMatchObject({ type: 'message.received', message: { id } });
  const pushes = async () =>
    (await (await fetch(`${simulator.url}/sim/pushes`)).json()) as { t: string; isAcknowledged: boolean; note: null }[];
  let told = await pushes();
  while (told.length < 2) told = await pushes();
  expect(told).toMatchObject([
    { t: null, isAcknowledged: true },
    { t: 'GROUP_AT_MESSAGE_CREATE', isAcknowledged: true, note: null },
  ]);
});
