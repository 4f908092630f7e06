import { describe, expect, test } from '@jest/globals';
import type { IntakeContext } from '../../../src/machines/intake/context.js';
import type { EffectOf } from '../../../src/machines/vocabulary/effects.js';
import { World } from '../world.js';

/** A running bot with one dead letter, `m`. */
function withDeadLetter(kind: 'guild' | 'group' = 'guild'): World {
  const world = new World();
  world.begin();
  world.connect();
  world.receive('m', { kind });
  world.complete('m');
  world.fail(world.calls[0]!, 'rejectedTarget');
  expect(world.value('message:m')).toBe('deadLettered');
  return world;
}
function retry(world: World, id = 'm') {
  const { fact, at } = world.records.find((r) => r.fact.type === 'message.received' && r.fact.message.id === id)!;
  if (fact.type !== 'message.received') throw new Error('no message');
  return world.take({ type: 'operator.retried', message: fact.message, receivedAt: at, by: 'cli' });
}
function intake(world: World): IntakeContext {
  return world.actor('intake').snapshot.context as IntakeContext;
}
function account(world: World) {
  const { received, ended, inHand } = intake(world);
  expect(received).toBe(inHand + Object.values(ended).reduce((sum, n) => sum + n, 0));
  return { received, inHand, answered: ended.answered, deadLettered: ended.deadLettered };
}

describe('a dead letter that is handled again', () => {
  test('[I24] is a run and deliveries of its own, and ends answered in the account', () => {
    const world = withDeadLetter();
    expect(account(world)).toEqual({ received: 1, inHand: 0, answered: 0, deadLettered: 1 });
    world.now += 20_000;
    const [run] = retry(world).effects as unknown as EffectOf<'handler.run'>[];
    expect(run).toMatchObject({
      type: 'handler.run',
      actor: 'message:m~1',
      runId: 'm~1',
      attempt: 1,
      message: { id: 'm', retry: 1 },
    });
    expect(account(world)).toEqual({ received: 1, inHand: 1, answered: 0, deadLettered: 0 });
    world.complete('m~1');
    const [call] = world.calls as unknown as (EffectOf<'call.start'> & { id: string; actor: string })[];
    expect(call).toMatchObject({ actor: 'delivery:m~1.0', msgId: 'm', late: true });
    world.succeed(call!);
    expect(world.value('message:m~1')).toBe('answered');
    expect(account(world)).toEqual({ received: 1, inHand: 0, answered: 1, deadLettered: 0 });
    expect(intake(world).deadLetters).toEqual([]);
    expect(world.value('message:m')).toBe('deadLettered');
  });

  test('[I24] has a key of its own where QQ takes a key once: neither refused nor taken for the failed one', () => {
    const world = withDeadLetter('group');
    const keys = new Set(
      world.records.flatMap((r) => r.effects).map((e) => (e.type === 'call.start' ? e.seq : undefined)),
    );
    retry(world);
    world.complete('m~1', ['one', 'two']);
    for (const call of world.calls) if (call.type === 'call.start') expect(keys.has(call.seq)).toBe(false);
    expect(world.calls.map((call) => (call.type === 'call.start' ? call.seq : 0))).toEqual([1_000_001]);
  });

  test('[I24] keeps the first deadline: the reply window counts from when it came', () => {
    const world = withDeadLetter();
    const cameAt = world.now;
    world.now += 200_000;
    retry(world);
    world.complete('m~1');
    expect(world.actor('delivery:m~1.0').snapshot.context).toMatchObject({ deadline: cameAt + 300_000 });
  });

  test('[I22, I21] is refused when its window is over, and when it is none (any more)', () => {
    const world = withDeadLetter();
    world.receive('n');
    expect(retry(world, 'n').steps.map((step) => step.rules)).toEqual([['I21']]);
    retry(world);
    expect(retry(world).steps.map((step) => step.rules)).toEqual([['I21']]);
    const late = withDeadLetter();
    late.now += 300_000;
    expect(retry(late).steps.map((step) => step.rules)).toEqual([['I22']]);
    expect(account(late)).toMatchObject({ deadLettered: 1, inHand: 0 });
  });

  test('[M9] is run again after a kill, under the same run id; dead once more it can be retried once more', () => {
    const world = withDeadLetter();
    retry(world);
    world.begin();
    expect(world.openOf('message:m~1', 'handler.run')).toMatchObject({ runId: 'm~1', attempt: 2 });
    world.begin();
    world.now += 10_000;
    const { armedAtSeq } = world.actor('message:m~1').timers.rerunMs!;
    world.take({ type: 'timer.elapsed', actor: 'message:m~1', timer: 'rerunMs', armedAtSeq });
    expect(world.openOf('message:m~1', 'handler.run')).toMatchObject({ runId: 'm~1', attempt: 3 });
    world.begin();
    expect(world.value('message:m~1')).toBe('deadLettered');
    expect(intake(world).deadLetters).toMatchObject([[{ message: 'm', reason: 'poison', retries: 1 }]]);
    expect(retry(world).steps.map((step) => step.actor)).toContain('message:m~2');
    expect(account(world)).toMatchObject({ received: 1, inHand: 1, deadLettered: 0 });
  });
});
