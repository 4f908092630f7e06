import { describe, expect, test } from '@jest/globals';
import { decode } from '../../../src/adapters/qq/wire/decode.js';
import { MENTIONS_MAX } from '../../../src/adapters/qq/wire/decodeMessages.js';
import type { FactOf } from '../../../src/machines/vocabulary/facts/facts.js';

const BOT = '6000';
const context = { socket: 'f3.0', botId: BOT as string | null };
const decoded = (frame: unknown, botId: string | null = BOT) => decode(JSON.stringify(frame), { ...context, botId });

const guild = {
  author: { avatar: 'https://a', bot: false, id: '7001', username: 'user-1' },
  channel_id: '1109',
  content: '<@!6000> /关注  23210308',
  guild_id: '5001',
  id: '08e7',
  member: { joined_at: '2021-12-13T16:26:02+08:00', nick: 'user-1', roles: ['2', '11522093'] },
  mentions: [{ bot: true, id: '6000', username: 'bot-1' }],
  seq: 14548,
  seq_in_channel: '14548',
};
const direct = {
  author: { avatar: '...', id: '7003', username: 'user-3' },
  channel_id: '3334',
  content: 'just reply me `ok`',
  direct_message: true,
  guild_id: '3398',
  id: '08ca',
  member: { joined_at: '2023-03-13T19:40:31+08:00' },
};
const event = (t: string, d: unknown, s: unknown = 5) => ({ op: 0, s, t, id: `${t}:1`, d });
const received = (d: object, t = 'AT_MESSAGE_CREATE', botId: string | null = BOT) =>
  (decoded(event(t, d), botId) as FactOf<'message.received'>).message;

describe('frames of the protocol', () => {
  test.each<[unknown, object]>([
    [
      { op: 10, d: { heartbeat_interval: 41250 } },
      { type: 'hello.received', heartbeatMs: 41250 },
    ],
    [{ op: 11 }, { type: 'heartbeat.acknowledged' }],
    [{ op: 1, d: 3 }, { type: 'heartbeat.requested' }],
    [{ op: 7 }, { type: 'reconnect.requested' }],
    [{ op: 9, d: false }, { type: 'session.invalidated' }],
    [
      event('READY', { version: 1, session_id: 'S', user: { id: '6000', username: 'b', bot: true }, shard: [0, 0] }, 1),
      { type: 'session.started', s: 1, session: 'S', user: { id: '6000', username: 'b' } },
    ],
    [event('RESUMED', '', 2002), { type: 'session.resumed', s: 2002 }],
    [
      event('SOMETHING_NEW', { id: 'g' }),
      { type: 'event.unrecognised', s: 5, name: 'SOMETHING_NEW', eventId: 'SOMETHING_NEW:1' },
    ],
    [
      { op: 0, t: 'X'.repeat(99), d: 1 },
      { type: 'event.unrecognised', s: null, name: 'X'.repeat(64), eventId: null },
    ],
  ])('%j', (frame, expected) => {
    expect(decoded(frame)).toEqual({ socket: 'f3.0', ...expected });
  });
});

describe('messages', () => {
  test('of a sub-channel', () => {
    expect(decode(Buffer.from(JSON.stringify(event('AT_MESSAGE_CREATE', guild, 152))), context)).toEqual({
      type: 'message.received',
      socket: 'f3.0',
      s: 152,
      eventId: 'AT_MESSAGE_CREATE:1',
      message: {
        id: '08e7',
        place: { kind: 'guild', guildId: '5001', channelId: '1109' },
        author: { id: '7001', username: 'user-1', bot: false, roles: ['2', '11522093'] },
        content: '/关注  23210308',
        mentionsBot: true,
      },
    });
  });
  test('of a direct session: no bot key, no roles, no mentions', () => {
    expect(received(direct, 'DIRECT_MESSAGE_CREATE')).toEqual({
      id: '08ca',
      place: { kind: 'direct', guildId: '3398', channelId: '3334' },
      author: { id: '7003', username: 'user-3', bot: false, roles: [] },
      content: 'just reply me `ok`',
      mentionsBot: false,
    });
  });
  test('of attachments alone have an empty content', () => {
    const { content: _, ...rest } = direct;
    expect(received({ ...rest, attachments: [{ url: 'gchat.qpic.cn/x' }] }, 'DIRECT_MESSAGE_CREATE').content).toBe('');
  });
  test('of a bot are marked as such', () => {
    expect(received({ ...guild, author: { id: '9', bot: true } }).author).toEqual({
      id: '9',
      username: '',
      bot: true,
      roles: ['2', '11522093'],
    });
  });
  test('with ids as numbers are read while no digit is lost', () => {
    const numeric = { ...guild, id: 8, guild_id: 5001, author: { id: 7001 }, member: { roles: [2] } };
    expect(received({ ...numeric, mentions: [{ id: 6000, bot: true }] }, 'MESSAGE_CREATE', null)).toEqual({
      id: '8',
      place: { kind: 'guild', guildId: '5001', channelId: '1109' },
      author: { id: '7001', username: '', bot: false, roles: ['2'] },
      content: '/关注  23210308',
      mentionsBot: true,
    });
  });
  test.each([5, {}, [], true])('are not lost for a name that is none: %j', (username) => {
    const message = { ...guild, author: { id: '7001', username } };
    expect(received(message)).toMatchObject({ author: { id: '7001', username: '' } });
    const user = { id: '6000', username };
    expect(decode(JSON.stringify(event('READY', { session_id: 'S', user }, 1)), context)).toMatchObject({
      type: 'session.started',
      user: { id: '6000', username: '' },
    });
  });
  test('with a number for an id keep all its digits', () => {
    const raw = JSON.stringify(event('MESSAGE_CREATE', { ...guild, id: 8, content: '1234567890123456789, {"a": 1}' }));
    expect(decode(raw.replace('"id":8', '"id":5000000000000000001'), context)).toMatchObject({
      message: { id: '5000000000000000001', content: '1234567890123456789, {"a": 1}' },
    });
  });
  test('tell whom else they mention, each once, and nobody whom a user only typed', () => {
    const content = '<@!6000> <@!71> &lt;@!72&gt; <@73> <@!71> @everyone <#5> <emoji:4>';
    expect(received({ ...guild, content })).toMatchObject({
      content: '<@!71> <@!72> <@73> <@!71> @everyone <#5> <emoji:4>',
      mentions: ['71', '73'],
    });
    expect(received({ ...guild, content: '<@!6000> x' })).not.toHaveProperty('mentions');
  });
  test('[limit mentions] of more, the first are told', () => {
    const content = Array.from({ length: MENTIONS_MAX + 1 }, (_, i) => `<@${i + 1}>`).join('');
    expect(received({ ...guild, content }).mentions).toHaveLength(MENTIONS_MAX);
  });
  test('that quote the bot mention it without a tag', () => {
    expect(received({ ...guild, content: 'so', mentions: null })).toMatchObject({ content: 'so', mentionsBot: true });
  });
  test('overheard mention the bot only when they do', () => {
    expect(received(guild, 'MESSAGE_CREATE').mentionsBot).toBe(true);
    expect(received({ ...guild, content: '<@!6000> x', mentions: [] }, 'MESSAGE_CREATE').mentionsBot).toBe(true);
    expect(received({ ...guild, content: 'x', mentions: [] }, 'MESSAGE_CREATE').mentionsBot).toBe(false);
  });
});

describe('content', () => {
  test.each([
    ['<@!6000>\u00a0!ping', '!ping'],
    ['<@6000> !ping', '!ping'],
    ['hello <@!6000> world', 'hello world'],
    ['hello\u00a0<@!6000>\u00a0world', 'hello world'],
    ['hello <@!6000>', 'hello'],
    ['<@!6000> ask <@!7002> too', 'ask <@!7002> too'],
    ['<@!6000> <@!6000> twice', 'twice'],
    ['<@!6000>', ''],
    ['<@!6000>\nline', 'line'],
    ['<@!60001> other', '<@!60001> other'],
    ['<@!6000> a &lt;b&gt; &amp; c', 'a <b> & c'],
    ['<@!6000> &lt;@!6000&gt;', '<@!6000>'],
    ['<@!6000> &amp;lt;', '&lt;'],
    ['@everyone <#12> <emoji:4>', '@everyone <#12> <emoji:4>'],
  ])('%j is read as %j', (content, expected) => {
    expect(received({ ...guild, content }).content).toBe(expected);
  });

  describe('while the own id is unknown', () => {
    const other = { bot: true, id: '6001' };
    test('the only bot mentioned is taken for it', () => {
      expect(received({ ...guild, content: 'a <@!6000> b' }, 'AT_MESSAGE_CREATE', null).content).toBe('a b');
    });
    test('of several bots the one at the start is', () => {
      const two = { ...guild, mentions: [other, ...guild.mentions], content: '<@!6000> <@!6001> b' };
      expect(received(two, 'MESSAGE_CREATE', null)).toMatchObject({ content: '<@!6001> b', mentionsBot: true });
    });
    test('none of several bots is when it starts with none', () => {
      const two = { ...guild, mentions: [other, ...guild.mentions], content: 'b <@!6001> <@!6000>' };
      expect(received(two, 'AT_MESSAGE_CREATE', null).content).toBe('b <@!6001> <@!6000>');
    });
    test('a person is never', () => {
      const person = { ...guild, mentions: [{ id: '7002', bot: false }], content: '<@!7002> hi' };
      expect(received(person, 'MESSAGE_CREATE', null)).toMatchObject({ content: '<@!7002> hi', mentionsBot: false });
    });
  });
});

describe('frames that are not allowed', () => {
  const without = (key: keyof typeof guild) => {
    const { [key]: _, ...rest } = guild;
    return rest;
  };
  test.each<[string, string, number | null, RegExp]>([
    ['no JSON', 'not json', null, /^not JSON$/],
    ['nothing', '', null, /^not JSON$/],
    ['half a frame', '{"op":0,"s":7', null, /^not JSON$/],
    ['a number', '7', null, /^frame: /],
    ['null', 'null', null, /^frame: /],
    ['a list', '[]', null, /^frame: /],
    ['op as text', '{"op":"0","s":7}', 7, /^frame: op is not/],
    ['no op', '{"s":7}', 7, /^frame: op is not/],
    ['s as text', '{"op":11,"s":"7"}', null, /^frame: s is/],
    ['an unknown op', '{"op":99,"s":7}', 7, /^op 99 is unknown$/],
    ['HELLO without interval', '{"op":10,"d":{}}', null, /^HELLO: heartbeat_interval is not number$/],
    ['HELLO with a negative interval', '{"op":10,"d":{"heartbeat_interval":-1}}', null, /^HELLO: heartbeat_interval/],
    [
      'HELLO with an endless interval',
      '{"op":10,"d":{"heartbeat_interval":1e999}}',
      null,
      /^HELLO: heartbeat_interval/,
    ],
    ['a dispatch without t', '{"op":0,"s":7,"d":{}}', 7, /^dispatch without t$/],
    [
      'READY without session',
      JSON.stringify(event('READY', { user: { id: '1' } })),
      5,
      /^READY: session_id is not string$/,
    ],
    [
      'a message without author',
      JSON.stringify(event('MESSAGE_CREATE', without('author'))),
      5,
      /^MESSAGE_CREATE: author is not object$/,
    ],
    [
      'a message without content',
      JSON.stringify(event('MESSAGE_CREATE', without('content'))),
      5,
      /^MESSAGE_CREATE: content is missing/,
    ],
    ['a message without id', JSON.stringify(event('MESSAGE_CREATE', without('id'))), 5, /: id is not string$/],
    [
      'a message with content as list',
      JSON.stringify(event('MESSAGE_CREATE', { ...guild, content: ['geheim'] })),
      5,
      /: content is not string$/,
    ],
    [
      'a message with roles as text',
      JSON.stringify(event('MESSAGE_CREATE', { ...guild, member: { roles: '4' } })),
      5,
      /: member\.roles is not array$/,
    ],
    ['a message without s', JSON.stringify({ op: 0, t: 'MESSAGE_CREATE', d: guild }), null, /: s is missing$/],
    [
      'a message without d',
      JSON.stringify({ op: 0, s: 5, t: 'MESSAGE_CREATE' }),
      5,
      /^MESSAGE_CREATE: d is not object$/,
    ],
  ])('%s', (_, raw, s, reason) => {
    expect(decode(raw, context)).toEqual({
      type: 'frame.rejected',
      socket: 'f3.0',
      s,
      reason: expect.stringMatching(reason),
      bytes: Buffer.byteLength(raw),
    });
  });
  test('never quote what a user wrote', () => {
    const secretive = { ...guild, content: { geheim: 1 }, author: 'geheim', mentions: 'geheim' };
    expect(JSON.stringify(decoded(event('MESSAGE_CREATE', secretive)))).not.toContain('geheim');
  });
  test('nested beyond all measure do not throw', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    expect(decode(deep, context).type).toBe('frame.rejected');
  });
});

test('never throws, whatever one byte of a frame becomes', () => {
  const raw = Buffer.from(JSON.stringify(event('AT_MESSAGE_CREATE', guild)));
  for (let at = 0; at < raw.length; at += 1) {
    for (const byte of [0x00, 0x22, 0x7b, 0xff]) {
      const broken = Buffer.from(raw);
      broken[at] = byte;
      expect(['message.received', 'frame.rejected', 'event.unrecognised']).toContain(decode(broken, context).type);
    }
  }
});
