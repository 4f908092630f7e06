import { describe, expect, test } from '@jest/globals';
import type { Effect } from '../../src/actors/ports.js';
import { configTextsFor, type Problem } from '../../src/config/configTexts.js';
import { OptionSettings, optionDefaults } from '../../src/config/optionValues.js';
import { presets } from '../../src/config/presets.js';
import { World } from '../actors/world.js';

const build = (...texts: string[]) => {
  const problems: Problem[] = [];
  const settings = new OptionSettings(problems);
  for (const text of texts) settings.setText(text);
  return { options: settings.build(), problems: problems.map((problem) => problem(configTextsFor('en'))) };
};

describe('[contract 6] preset', () => {
  test('example sets the values of the textbook, and what is set besides wins', () => {
    const { options, problems } = build('preset=example', 'circuitBreaker.openMs=30000');
    expect(problems).toEqual([]);
    expect(options.circuitBreaker).toMatchObject({ failureThreshold: 5, openMs: 30_000, openJitter: 'none' });
    expect(options.retry).toMatchObject({ retriesMax: 3, baseMs: 1_000, factor: 2, jitter: 'none' });
  });

  test('every name in a preset is an option, and an unknown preset is told', () => {
    for (const preset of Object.values(presets))
      expect(Object.keys(preset).filter((name) => !optionDefaults.has(name))).toEqual([]);
    expect(build('preset=exmple').problems).toEqual(['--set: preset is "exmple"; it must be default or example']);
  });

  test('under example a bot retries after exactly 1, 2 and 4 s, and its breaker opens after five failures for a minute', () => {
    const world = new World(build('preset=example').options);
    world.begin();
    world.connect();
    world.receive('m1');
    world.complete('m1');
    const startedAt = world.now;
    const tried: number[] = [];
    const failAll = (): void => {
      for (const call of world.calls as Effect[]) {
        tried.push((world.now - startedAt) / 1_000);
        world.fail(call);
      }
    };
    failAll();
    world.runTo(startedAt + 7_500, failAll);
    expect(tried).toEqual([0, 1, 3, 7]);
    expect(world.value('breaker:messages')).toBe('closed');
    world.receive('m2', { channel: 'c4', author: 'u2' });
    world.complete('m2');
    failAll();
    expect(world.value('breaker:messages')).toBe('open');
    const { dueAt } = world.actor('breaker:messages').timers.openMs!;
    expect(dueAt - world.now).toBe(60_000);
  });
});
