import { describe, expect, test } from '@jest/globals';
import { createChannelChecks } from '../../../src/adapters/qq/calls/channelChecks.js';
import type { Fact } from '../../../src/machines/vocabulary/facts/facts.js';

const effect = {
  type: 'channel.check',
  id: 'e1',
  actor: 'delivery:m.0',
  place: { kind: 'guild', guildId: 'g', channelId: 'c3' },
  msgId: 'm',
  rung: 'embed',
  form: { text: 'a < b\nand more', embed: true },
  late: false,
  timeoutMs: 5_000,
};
const ours = { id: 'bot', bot: true };
const asked: unknown[] = [];

async function check(body: unknown, more: { status?: number; bot?: string | null; rung?: string } = {}): Promise<Fact> {
  const { status = 200, bot = 'bot', rung = 'embed' } = more;
  const outcome = { ending: 'answered', status, form: 'json', body, headers: {}, latencyMs: 1, errorCode: null };
  const messages = async (...args: unknown[]) => {
    asked.push(args);
    return outcome;
  };
  const openApi = { within: () => ({ messageApi: { messages } }) };
  const checks = createChannelChecks({ openApi: openApi as never, now: () => 0, botId: () => bot });
  const facts: Fact[] = [];
  await checks['channel.check']({ ...effect, rung } as never, (fact) => facts.push(fact));
  expect(facts).toHaveLength(1);
  return facts[0]!;
}
const ok = (matches: readonly string[], isWhole = true): object => ({
  type: 'channel.checked',
  effectId: 'e1',
  class: 'ok',
  code: null,
  matches,
  isWhole,
});

describe('[core 22] what stands in a channel', () => {
  test('ours with these words are told, others and other words are not', async () => {
    const text = { id: 't', author: ours, content: ' a &lt; b and more ' };
    const card = {
      id: 'e',
      author: ours,
      content: '',
      embeds: [{ fields: [{ name: 'a < b' }, { name: 'and more' }] }],
    };
    const others = [
      { id: 'u', author: { id: 'u1' }, content: 'a < b and more' },
      { id: 'w', author: ours, content: 'a < b' },
      null,
      'x',
      {},
      { id: 7, author: ours, content: 'a < b and more' },
    ];
    expect(await check([text, card, ...others])).toEqual(ok(['t', 'e']));
    expect(asked.at(-1)).toEqual(['c3', { type: 'after', id: 'm', limit: '20' }]);
    expect(await check([text], { rung: 'text' })).toEqual(ok(['t']));
  });
  test('a full page may not be all', async () => {
    const page = Array.from({ length: 20 }, (_, i) => ({ id: `u${i}`, author: { id: 'u' }, content: 'x' }));
    expect(await check(page)).toEqual(ok([], false));
  });
  test.each([
    ['no permission', { code: 11253, message: 'x' }, { status: 401 }, { class: 'rejectedTarget', code: 11253 }],
    ['an outage', { code: 1, message: 'x' }, { status: 503 }, { class: 'transient' }],
    ['no list', { message: 'hello' }, {}, { class: 'transient', code: 'BAD_ANSWER' }],
    ['an unknown self', [], { bot: null }, { class: 'local', code: 'NO_BOT_ID' }],
  ])('%s is told as such', async (_what, body, more, expected) => {
    expect(await check(body, more)).toMatchObject({
      type: 'channel.checked',
      matches: [],
      isWhole: false,
      ...expected,
    });
  });
});
