import { expect, test } from '@jest/globals';
import { defaultOptions } from '../../src/machines/vocabulary/options/options.js';
import { lines, World } from './world.js';

/** One failure opens the breaker, as in the trace. */
const options = { ...defaultOptions, circuitBreaker: { ...defaultOptions.circuitBreaker, failureThreshold: 1 } };

test('[core golden trace] one message through an outage and a kill, record by record', () => {
  const world = new World(options);
  world.begin();
  world.connect();

  const received = world.receive('m7');
  expect(lines(received)).toEqual([
    'gateway: ready.alive → ready.alive [W12]',
    'message:m7:  → received [M1]',
    'intake: open → open [I5]',
    'message:m7: received → handling [M2]',
  ]);
  expect(received.effects).toMatchObject([
    { id: `${received.id}.0`, type: 'handler.run', actor: 'message:m7', attempt: 1 },
  ]);

  const completed = world.complete('m7');
  expect(lines(completed)).toEqual([
    'message:m7: handling → replying [M6]',
    'health:handlers: unknown → healthy [H3]',
    'intake: open → open [I9]',
    'delivery:m7.0:  → queued [D1]',
    'lane:c3:  → idle [L10]',
    'lane:c3: idle → pacing [L1]',
    'delivery:m7.0: queued → awaitingPermit [D2]',
    'breaker:messages: closed → closed [B1]',
    'delivery:m7.0: awaitingPermit → sending [D3]',
  ]);
  const call = completed.effects[0]!;
  expect(call).toMatchObject({ id: `${completed.id}.0`, type: 'call.start', rung: 'embed', msgId: 'm7', attempt: 1 });

  expect(lines(world.fail(call))).toEqual([
    'breaker:messages: closed → open [B4]',
    'delivery:m7.0: sending → awaitingPermit [D6]',
    'health:send: unknown → degraded [H4]',
    'health:send: degraded → degraded [H19]',
    'breaker:messages: open → open [B2]',
    'recovery: idle → diagnosing.api.checking [R5]',
  ]);
  const deadline = world.actor('breaker:messages').timers.openMs!;

  world.now += 200; // SIGKILL, restart
  const restarted = world.begin();
  expect(lines(restarted)).toContain('gateway: ready.alive → disconnected [W20]');
  expect(restarted.effects.map((effect) => effect.type)).toEqual(['token.fetch']);
  expect(world.actor('breaker:messages').timers.openMs).toEqual(deadline);

  world.runTo(deadline.dueAt);
  const probing = world.records.at(-1)!;
  expect(probing.fact).toMatchObject({
    type: 'timer.elapsed',
    actor: 'breaker:messages',
    armedAtSeq: deadline.armedAtSeq,
  });
  expect(lines(probing)).toEqual([
    'breaker:messages: open → halfOpen.probing [B6]',
    'delivery:m7.0: awaitingPermit → sending [D3]',
  ]);
  const probe = probing.effects[0]!;
  expect(probe).toMatchObject({ type: 'call.start', rung: 'embed', probe: true, attempt: 2 });

  expect(lines(world.succeed(probe))).toEqual([
    'breaker:messages: halfOpen.probing → halfOpen.ramping [B8]',
    'delivery:m7.0: sending → delivered [D9]',
    'health:send: unknown → healthy [H3]',
    'lane:c3: pacing → idle [L4]',
    'message:m7: replying → replying [M17]',
    'message:m7: replying → answered [M16]',
    'intake: open → open [I12]',
  ]);
  expect(world.actor('intake').snapshot.context).toMatchObject({
    received: 1,
    inHand: 0,
    handling: 0,
    ended: { answered: 1 },
  });
});
