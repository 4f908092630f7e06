import { describe, expect, test } from '@jest/globals';
import { defaultOptions } from '../../../src/machines/vocabulary/options.js';
import { World } from '../world.js';

const { timeoutMs } = defaultOptions.handlers;

function started(): World {
  const world = new World();
  world.begin();
  world.connect();
  return world;
}

describe('[core 35] what a dead process could not do is not held against a deadline', () => {
  test.each([10_000, 100_000])(
    '[case L5] a handler cut off %i ms after its start, the bot down for 130 s: it runs again with its whole time',
    (ranMs) => {
      const world = started();
      world.receive('m1');
      world.runTo(world.now + ranMs);
      world.now += 130_000;
      world.begin();
      expect(world.openOf('message:m1', 'handler.run')).toMatchObject({ runId: 'm1', attempt: 2 });
      world.connect();
      world.runTo(world.now + timeoutMs - 1);
      expect(world.value('message:m1')).toBe('handling');
      world.complete('m1');
      // The answer of the longer one comes after the reply window.
      expect(world.value('message:m1')).toBe(ranMs < 50_000 ? 'replying' : 'deadLettered');
    },
  );
  test('[case L5] and it has no more than that', () => {
    const world = started();
    world.receive('m1');
    world.now += 130_000;
    world.begin();
    world.connect();
    world.runTo(world.now + timeoutMs);
    expect(world.value('message:m1')).toBe('replying');
  });
});

describe('[core 36] time that the process did not have is not its handlers’', () => {
  /** Fires the deadline of the handler, which lost `lostMs` of its wait. */
  function late(world: World, lostMs: number): void {
    const { dueAt, armedAtSeq } = world.actor('message:m1').timers.handlerMs!;
    world.now = dueAt;
    world.take({ type: 'timer.elapsed', actor: 'message:m1', timer: 'handlerMs', armedAtSeq, lostMs });
  }
  test('[M28] [case S1] a handler beside one that computes for 35 s has these 35 s yet, and no more', () => {
    const world = started();
    world.receive('m1');
    late(world, 35_000);
    expect(world.value('message:m1')).toBe('handling');
    expect(world.actor('message:m1').timers.handlerMs!.dueAt).toBe(world.now + 35_000);
    world.runTo(world.now + 35_000);
    expect(world.value('message:m1')).toBe('replying');
  });
  test('[M28] and the next run of it has its whole time', () => {
    const world = started();
    world.receive('m1');
    late(world, 35_000);
    world.begin();
    expect(world.actor('message:m1').timers.handlerMs!.dueAt).toBe(world.now + timeoutMs);
  });
});
