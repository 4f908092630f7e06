import { expect, test } from '@jest/globals';
import { INTENTS, intentsOf, namesOfIntents } from '../../../src/adapters/qq/wire/intents.js';
import { BASE_INTENTS, DEFAULT_INTENTS } from '../../../src/machines/vocabulary/options/rows.js';

test('every intent has the bit that QQ documents', () => {
  const bits = Object.fromEntries(Object.entries(INTENTS).map(([name, mask]) => [name, Math.log2(mask)]));
  expect(bits).toEqual({
    GUILDS: 0,
    GUILD_MEMBERS: 1,
    GUILD_MESSAGES: 9,
    GUILD_MESSAGE_REACTIONS: 10,
    DIRECT_MESSAGE: 12,
    OPEN_FORUMS_EVENT: 18,
    AUDIO_OR_LIVE_CHANNEL_MEMBER: 19,
    ENTER_AIO: 23,
    GROUP_MEMBERS: 24,
    GROUP_AND_C2C_EVENT: 25,
    INTERACTION: 26,
    MESSAGE_AUDIT: 27,
    FORUMS_EVENT: 28,
    AUDIO_ACTION: 29,
    PUBLIC_GUILD_MESSAGES: 30,
  });
});
test('names become the masks of the defaults', () => {
  expect(intentsOf(['GUILDS', 'PUBLIC_GUILD_MESSAGES', 'DIRECT_MESSAGE'])).toBe(DEFAULT_INTENTS);
  expect(intentsOf(['GUILDS', 'GUILD_MEMBERS', 'PUBLIC_GUILD_MESSAGES'])).toBe(BASE_INTENTS);
  expect(intentsOf([])).toBe(0);
});
test('a mask becomes its names, an unknown bit its number', () => {
  expect(namesOfIntents(DEFAULT_INTENTS | (1 << 5))).toEqual([
    'GUILDS',
    'bit 5',
    'DIRECT_MESSAGE',
    'PUBLIC_GUILD_MESSAGES',
  ]);
  expect(intentsOf(namesOfIntents(Object.values(INTENTS).reduce((a, b) => a | b)))).toBe(
    Object.values(INTENTS).reduce((a, b) => a | b),
  );
});
test.each(['GUILD', 'constructor', '__proto__', ''])('the unknown name %j is refused with the valid ones', (name) => {
  expect(() => intentsOf([name])).toThrow(new RegExp(`intent "${name}" is unknown.*; use one of GUILDS, `));
});
