import { describe, expect, test } from '@jest/globals';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
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

describe('[author 2] a command that asks for more time has it', () => {
  test.each([1_000, 130_000, 3_600_000])('[M11] its deadline is %i ms', (ms) => {
    const world = started();
    world.receive('m1', { kind: 'c2c', timeoutMs: ms });
    world.runTo(world.now + ms - 1);
    expect(world.value('message:m1')).toBe('handling');
    world.runTo(world.now + 1);
    expect(world.value('message:m1')).not.toBe('handling');
  });
  test('[M9] after a death too', () => {
    const world = started();
    world.receive('m1', { kind: 'c2c', timeoutMs: 300_000 });
    world.runTo(world.now + 200_000);
    world.begin();
    expect(world.actor('message:m1').timers.handlerMs!.dueAt).toBe(world.now + 300_000);
  });
  test('[P14] the second copy of a message in a group brings it, when only that one mentions the bot', () => {
    const world = started();
    world.receive('m1', { kind: 'group', mentionsBot: false });
    world.receive('m1', { kind: 'group', content: '!ask', timeoutMs: 300_000 });
    expect(world.actor('message:m1').timers.handlerMs!.dueAt).toBe(world.now + 300_000);
  });
});
