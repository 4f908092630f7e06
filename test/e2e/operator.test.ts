import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Record } from '../../src/actors/ports.js';
import { operatorTokenFile } from '../../src/adapters/operator/http/operatorToken.js';
import { defaultOptions } from '../../src/machines/vocabulary/options/options.js';
import { closeRigs, type Rig, startRig, until } from './rig.js';

afterEach(closeRigs);

async function act(rig: Rig, action: object): Promise<{ status: number; seq?: number; message?: string }> {
  const token = readFileSync(operatorTokenFile(rig.journalPath), 'utf8').trim();
  const response = await fetch(`${rig.bot.url}/operator`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(action),
  });
  return { status: response.status, ...((await response.json()) as object) };
}
async function recordAt(rig: Rig, seq: number): Promise<Record> {
  return (await rig.get<Record[]>(`/records?after=${seq - 1}&limit=1`))[0]!;
}
async function stateOf(rig: Rig, id: string): Promise<unknown> {
  return (await rig.get<{ id: string; value: unknown }[]>('/actors')).find((actor) => actor.id === id)?.value;
}
const deadLetters = (rig: Rig) => rig.get<{ message: string; reason: string }[]>('/dead-letters');

describe('operator actions on a running bot', () => {
  test('are records with who asked, and do what they say', async () => {
    const rig = await startRig();
    const isolated = await act(rig, { type: 'operator.isolated', breaker: 'breaker:messages', by: 'inspector' });
    expect(isolated).toEqual({ status: 200, seq: expect.any(Number) });
    const { fact, steps } = await recordAt(rig, isolated.seq!);
    expect([fact, steps.map(({ actor, rules }) => [actor, rules])]).toEqual([
      { type: 'operator.isolated', breaker: 'breaker:messages', by: 'inspector', ver: 1 },
      [['breaker:messages', ['B32']]],
    ]);
    expect(await stateOf(rig, 'breaker:messages')).toBe('isolated');
    expect((await act(rig, { type: 'operator.reset', breaker: 'breaker:messages' })).status).toBe(200);
    expect((await act(rig, { type: 'operator.forced', feature: 'richEmbeds', to: 'off', forMs: 60_000 })).status).toBe(
      200,
    );
    expect(await stateOf(rig, 'feature:richEmbeds')).toBe('forcedOff');
    expect((await act(rig, { type: 'operator.unforced', feature: 'richEmbeds' })).status).toBe(200);
    const recovery = await act(rig, { type: 'recovery.requested', force: true, by: 'cli' });
    expect((await recordAt(rig, recovery.seq!)).fact).toMatchObject({ by: 'operator:cli', force: true });
  });

  test('that cannot be done are refused with what is wrong', async () => {
    const rig = await startRig();
    expect(await act(rig, { type: 'operator.reset', breaker: 'breaker:nope' })).toEqual({
      status: 404,
      message: expect.stringContaining('there is no breaker "breaker:nope"'),
    });
    expect(await act(rig, { type: 'operator.reset', breaker: 'breaker:operator' })).toEqual({
      status: 409,
      message: expect.stringContaining('breaker:operator does not hear operator.reset'),
    });
    expect(await act(rig, { type: 'operator.retried', message: 'm' })).toEqual({
      status: 404,
      message: expect.stringContaining('not among the dead letters'),
    });
  });

  test('[I24] a dead letter is handled again and answered, once', async () => {
    let state = 'broken';
    const rig = await startRig({ module: { onMessage: (ctx) => `${state}: ${ctx.message.content} ${ctx.runId}` } });
    rig.simulator.addFault({ kind: 'errors', status: 403, code: 304028, route: 'messages' });
    const [id] = rig.simulator.postMessage({ kind: 'guild', channelId: 'c1', content: 'hello' });
    await until('a dead letter', async () => (await deadLetters(rig)).length === 1);
    rig.simulator.clearFaults();
    state = 'fixed';
    const { seq } = await act(rig, { type: 'operator.retried', message: id!, by: 'cli' });
    expect((await recordAt(rig, seq!)).fact).toMatchObject({
      type: 'operator.retried',
      by: 'cli',
      message: { id, content: 'hello' },
    });
    await until('the answer', () => rig.simulator.replies().some((reply) => reply.accepted && reply.msgId === id));
    expect(
      rig.simulator
        .replies()
        .filter((reply) => reply.accepted)
        .map(({ content }) => content),
    ).toEqual([`fixed: hello ${id}~1`]);
    expect(await deadLetters(rig)).toEqual([]);
    await until(
      'the account',
      async () => (await rig.get<{ messages: { answered: number } }>('/healthz')).messages.answered === 1,
    );
    expect((await rig.get<{ messages: object }>('/healthz')).messages).toMatchObject({
      received: 1,
      answered: 1,
      deadLettered: 0,
      inHand: 0,
    });
    expect(await rig.get(`/deliveries?message=${id}`)).toMatchObject([
      { id: `delivery:${id}.0`, value: 'deadLettered' },
      { id: `delivery:${id}~1.0`, value: 'delivered' },
    ]);
  });

  test('[I22] a dead letter whose window is over is refused', async () => {
    const options = {
      ...defaultOptions,
      delivery: { ...defaultOptions.delivery, replyWindowMs: { ...defaultOptions.delivery.replyWindowMs, guild: 60 } },
    };
    const rig = await startRig({ options });
    rig.simulator.addFault({ kind: 'outage', route: 'messages' });
    const [id] = rig.simulator.postMessage({ kind: 'guild', channelId: 'c1', content: 'hello' });
    await until('a dead letter', async () => (await deadLetters(rig)).length === 1);
    expect(await act(rig, { type: 'operator.retried', message: id! })).toEqual({
      status: 409,
      message: expect.stringContaining('its reply window is over'),
    });
    expect(await deadLetters(rig)).toHaveLength(1);
  });
});
