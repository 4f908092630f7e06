import { describe, expect, test } from '@jest/globals';
import { type BotModule, COMMAND_MS_MAX, checkModule, ModuleError } from '../../../src/adapters/author/authorModule.js';
import { createWorkOf } from '../../../src/adapters/author/handlerRunner.js';

const moduleWith = (timeoutMs: unknown): BotModule =>
  ({ commands: [{ name: 'ask', aliases: ['问'], description: 'd', timeoutMs, run: () => 'x' }] }) as BotModule;

describe('[author 2] a command that asks for more time has it', () => {
  test('it is stamped on the message, by whichever name it is called', () => {
    const workOf = createWorkOf(moduleWith(600_000), []);
    expect(['!ask a', '/问 a', '!other', 'ask'].map(workOf)).toEqual([
      { timeoutMs: 600_000 },
      { timeoutMs: 600_000 },
      {},
      {},
    ]);
  });
  test('beside the kind of its work', () => {
    const [command] = moduleWith(1).commands!;
    expect(createWorkOf({ commands: [{ ...command!, priority: 'low' }] }, [])('!ask')).toEqual({
      work: 'low',
      timeoutMs: 1,
    });
  });
  test.each([1, 120_001, COMMAND_MS_MAX, undefined])('%p is taken', (timeoutMs) => {
    expect(checkModule(moduleWith(timeoutMs), 'bot.ts')).toBeDefined();
  });
  test.each([
    [0, '0'],
    [-1, '-1'],
    [1.5, '1.5'],
    [COMMAND_MS_MAX + 1, '3600001'],
    [Number.NaN, 'NaN'],
    ['60s', '"60s"'],
    [null, 'null'],
  ])('[limit commandTime] %p is refused at the start, with its command and the bounds', (timeoutMs, shown) => {
    const check = () => checkModule(moduleWith(timeoutMs), 'bot.ts');
    expect(check).toThrow(ModuleError);
    expect(check).toThrow(
      `bot.ts: bot.commands[0].timeoutMs is ${shown}; it must be a whole number of ms from 1 to 3600000`,
    );
  });
});
