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
      expect(world.value('message:m1')).toBe('replying');
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
