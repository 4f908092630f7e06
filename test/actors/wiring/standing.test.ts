import { describe, expect, test } from '@jest/globals';
import { SIGNALS_MAX } from '../../../src/actors/step/deliveries.js';
import { topology } from '../../../src/actors/wiring/topology.js';
import { type BotOptions, defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { World } from '../world.js';

const pushed: BotOptions = { ...defaultOptions, gateway: { ...defaultOptions.gateway, source: 'webhook' } };

function connected(): World {
  const world = new World();
  world.begin();
  world.connect();
  return world;
}
function listening(): World {
  const world = new World(pushed);
  world.begin();
  world.take({
    type: 'token.fetched',
    effectId: world.open('token.fetch')!.id,
    ref: 't1',
    expiresAt: world.now + 7_200_000,
  });
  world.take({ type: 'webhook.opened', socket: 's1' });
  return world;
}
const takeOut = (world: World, actor: string) =>
  world.take({ type: 'actor.quarantined', actor, seq: 1, recorded: 'a', recomputed: 'b' });
const context = <C>(world: World, actor: string): C => world.actor(actor).snapshot.context as C;

describe.each([
  ['a gateway', connected],
  ['a webhook', listening],
] as const)('%s is there, and who begins anew knows it', (_, begun) => {
  test('[core 34] the breaker for messages holds nothing back', () => {
    const world = begun();
    takeOut(world, 'breaker:messages');
    expect(context(world, 'breaker:messages')).toMatchObject({ held: false });
    world.receive('m1');
    world.complete('m1');
    expect(world.calls).toHaveLength(1);
  });
  test.each([
    ['bot', 'running'],
    ['recovery', 'idle'],
  ])('[core 34] %s is %s', (actor, state) => {
    const world = begun();
    takeOut(world, actor);
    expect(world.value(actor)).toBe(state);
  });
  test('[core 34] the intake is linked', () => {
    const world = begun();
    takeOut(world, 'intake');
    expect(context(world, 'intake')).toMatchObject({ isLinked: true });
  });
  test('[core 34] the gateway has the token, and needs no newer one', () => {
    const world = begun();
    takeOut(world, 'gateway');
    expect(['discovering', 'opening']).toContain(world.value('gateway'));
  });
});

describe('what an operator or the process has said outlives who heard it', () => {
  test('[core 34] an isolated breaker stays isolated', () => {
    const world = connected();
    world.take({ type: 'operator.isolated', breaker: 'breaker:messages' });
    takeOut(world, 'breaker:messages');
    expect(world.value('breaker:messages')).toBe('isolated');
  });
  test('[core 34] a feature that is forced off stays so for the rest of the time', () => {
    const world = connected();
    world.take({ type: 'operator.forced', feature: 'richEmbeds', on: false, reason: 'night', forMs: 100_000 });
    world.runTo(world.now + 40_000);
    takeOut(world, 'feature:richEmbeds');
    expect([world.value('feature:richEmbeds'), context(world, 'feature:richEmbeds')]).toMatchObject([
      'forcedOff',
      { note: 'night', waitMs: 60_000 },
    ]);
  });
  test('[core 34] [case S5] memory that is tight stays so', () => {
    const world = connected();
    world.take({ type: 'memory.tightened', heapShare: 0.9 });
    takeOut(world, 'intake');
    expect(context(world, 'intake')).toMatchObject({ isTight: true });
  });
  test.each(['bot', 'intake'])('[core 34] a drain goes on when %s is taken out, and ends', (actor) => {
    const world = connected();
    world.receive('m1');
    world.take({ type: 'stop.requested', signal: 'SIGTERM' });
    takeOut(world, actor);
    expect([world.value('bot'), world.value('intake')]).toEqual(['draining', 'draining']);
    world.complete('m1');
    world.succeed(world.calls[0]!);
    expect(world.value('bot')).toBe('stopped');
  });
});

test('[core 34] all but those that live for one message, reply or call begin anew', () => {
  const world = new World({ ...defaultOptions, gateway: { ...defaultOptions.gateway, intents: 1 << 9 } });
  world.begin();
  world.connect();
  world.receive('m1');
  world.take({
    type: 'external.requested',
    effectId: world.open('handler.run')!.id,
    ordinal: 0,
    name: 'a',
    timeoutMs: 1_000,
  });
  world.complete('m1');
  const doubt = world.calls[0]!;
  world.fail(doubt, 'ambiguous');
  world.runTo(world.now + 2_000);
  const machines = new Set<string>();
  for (const [id, { machine }] of [...world.state.actors.entries()]) {
    if (topology.machines[machine]!.lives === 'once') continue;
    machines.add(machine);
    takeOut(world, id);
    expect([id, world.state.actor(id)?.machine]).toEqual([id, machine]);
  }
  const all = Object.entries(topology.machines).filter(([, { lives }]) => lives !== 'once');
  expect([...machines].sort()).toEqual(all.map(([name]) => name).sort());
});

test('[core 34] [core 38] [I35] an intake taken out while its sources are paused reads on when it has eased', () => {
  const world = new World({
    ...defaultOptions,
    intake: { ...defaultOptions.intake, aheadMin: 4 },
    handlers: { ...defaultOptions.handlers, concurrencyMax: 1 },
  });
  world.begin();
  world.connect();
  for (let i = 0; world.value('intake') !== 'full'; i += 1)
    world.receive(`m${i}`, { channel: `c${i}`, author: `u${i}` });
  const { effects } = takeOut(world, 'intake');
  expect(world.value('intake') === 'full' || effects.some(({ type }) => type === 'sources.resume')).toBe(true);
});

describe('[core 34] what one that is taken out had said holds no more, and who heard it is told', () => {
  test.each(['ready.alive', 'closing'])('a gateway (%s) takes its session with it', (state) => {
    const world = connected();
    if (state === 'closing') world.take({ type: 'reconnect.requested', socket: 's1' });
    expect(context(world, 'intake')).toMatchObject({ isLinked: true });
    takeOut(world, 'gateway');
    expect(context(world, 'intake')).toMatchObject({ isLinked: false });
    expect(context(world, 'breaker:messages')).toMatchObject({ held: true });
    expect(world.value('health:gateway')).toBe('degraded');
    world.link('s2');
    expect(context(world, 'intake')).toMatchObject({ isLinked: true });
    expect(context(world, 'breaker:messages')).toMatchObject({ held: false });
  });

  test('[core 38] sources that are paused then are read again: the new session comes by them', () => {
    const world = new World({ ...defaultOptions, intake: { ...defaultOptions.intake, aheadMin: 4 } });
    world.begin();
    world.connect();
    for (let i = 0; i < 8; i += 1) {
      world.receive(`m${i}`, { channel: `c${i}`, author: `u${i}` });
      world.complete(`m${i}`);
    }
    expect(world.value('intake')).toBe('full');
    const { effects } = takeOut(world, 'gateway');
    expect(effects.map(({ type }) => type)).toContain('sources.resume');
  });

  test('the recovery loop takes its reduction of load with it', () => {
    const world = connected();
    const actor = world.actor('recovery');
    const snapshot = { ...actor.snapshot, context: { ...actor.snapshot.context, isReduced: true } };
    world.state.actors.set('recovery', { ...actor, snapshot } as typeof actor);
    const intake = world.actor('intake');
    const reduced = { ...intake.snapshot, context: { ...intake.snapshot.context, isReduced: true } };
    world.state.actors.set('intake', { ...intake, snapshot: reduced } as typeof intake);
    world.state.merge();
    takeOut(world, 'recovery');
    expect(context(world, 'intake')).toMatchObject({ isReduced: false });
  });

  test('a breaker that was open takes that with it: sending is no longer ill', () => {
    const world = connected();
    for (let i = 0; world.value('breaker:messages') === 'closed' && i < 100; i += 1) {
      world.receive(`m${i}`, { channel: `c${i}`, author: `u${i}` });
      world.complete(`m${i}`);
      for (const call of world.calls) world.fail(call, 'transient');
    }
    expect([world.value('breaker:messages'), world.value('health:send')]).toEqual(['open', 'degraded']);
    takeOut(world, 'breaker:messages');
    expect([world.value('breaker:messages'), world.value('health:send')]).toEqual(['closed', 'healthy']);
  });
});

test('[core 10] [core 34] an intake is taken out however many end with it: only an endless exchange of signals is refused', () => {
  const world = new World({
    ...defaultOptions,
    handlers: { ...defaultOptions.handlers, concurrencyMax: 1 },
    intake: { ...defaultOptions.intake, unlinkedMax: 5 },
  });
  world.begin();
  world.connect();
  const waiting = 700;
  for (let i = 0; i <= waiting; i += 1) world.receive(`m${i}`, { channel: `c${i}`, author: `u${i}` });
  world.take({ type: 'socket.closed', socket: 's1', code: 1006, reason: '' });
  const { steps } = takeOut(world, 'intake');
  expect(steps.length).toBeGreaterThan(SIGNALS_MAX);
  const { ended, inHand, received } = context<{ ended: { refused: number }; inHand: number; received: number }>(
    world,
    'intake',
  );
  expect([received, ended.refused + inHand]).toEqual([waiting + 1, waiting + 1]);
});
