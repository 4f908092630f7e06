import { describe, expect, test } from '@jest/globals';
import { encodeFrame, encodeReply } from '../../../src/adapters/qq/wire/encode.js';

const form = { text: 'first line\n\nthird <b> & @everyone', embed: true };
const place = { kind: 'guild', guildId: 'g1', channelId: 'c1' } as const;
const reply = { place, form, msgId: 'm1', late: false } as const;
const fields = [{ name: 'first line' }, { name: '' }, { name: 'third <b> & @everyone' }];

describe('a reply', () => {
  test('as embed has a field for each line, description and colour', () => {
    expect(encodeReply({ ...reply, rung: 'embed' })).toEqual({
      msg_id: 'm1',
      embed: { title: 'Response', prompt: 'first line', fields, description: form.text, color: 0x3498db },
    });
  });
  test('as lean embed has neither description nor colour', () => {
    expect(encodeReply({ ...reply, rung: 'leanEmbed' })).toEqual({
      msg_id: 'm1',
      embed: { title: 'Response', prompt: 'first line', fields },
    });
  });
  test('as text is sent as it is', () => {
    expect(encodeReply({ ...reply, rung: 'text' })).toEqual({ msg_id: 'm1', content: form.text });
  });
  test.each(['embed', 'leanEmbed', 'text'] as const)('as %s never goes without msg_id', (rung) => {
    for (const late of [false, true]) expect(encodeReply({ ...reply, rung, late }).msg_id).toBe('m1');
  });
  test('that comes late says so, keeps its content and quotes its question', () => {
    expect(encodeReply({ ...reply, rung: 'text', late: true })).toEqual({
      msg_id: 'm1',
      content: `⚠️ recovery mode:\n${form.text}`,
      message_reference: { message_id: 'm1', ignore_get_message_error: true },
    });
    const { embed } = encodeReply({ ...reply, rung: 'embed', late: true });
    expect(embed).toMatchObject({ prompt: '⚠️ recovery mode:', description: `⚠️ recovery mode:\n${form.text}` });
    expect(embed?.fields).toEqual([{ name: '⚠️ recovery mode:' }, ...fields]);
  });
  test('splits lines of every kind', () => {
    const { embed } = encodeReply({ ...reply, form: { text: 'a\r\nb\rc\nd', embed: true }, rung: 'leanEmbed' });
    expect(embed?.fields.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
  });
});

describe('a frame', () => {
  const sent = (frame: Parameters<typeof encodeFrame>[0]) => JSON.parse(encodeFrame(frame, 't0ken'));
  test('heartbeats with the last s or null, without the token', () => {
    expect(sent({ op: 1, s: 7 })).toEqual({ op: 1, d: 7 });
    expect(sent({ op: 1, s: null })).toEqual({ op: 1, d: null });
  });
  test('identifies', () => {
    expect(sent({ op: 2, intents: 4097, shard: [0, 1] })).toMatchObject({
      op: 2,
      d: { token: 'QQBot t0ken', intents: 4097, shard: [0, 1] },
    });
  });
  test('resumes', () => {
    expect(sent({ op: 6, session: 'S', s: 9 })).toEqual({
      op: 6,
      d: { token: 'QQBot t0ken', session_id: 'S', seq: 9 },
    });
  });
});
