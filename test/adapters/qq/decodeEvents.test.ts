import { describe, expect, test } from '@jest/globals';
import { decode } from '../../../src/adapters/qq/wire/decode.js';
import { EVENT_READERS } from '../../../src/adapters/qq/wire/decodeEvents.js';
import { ATTACHMENTS_MAX } from '../../../src/adapters/qq/wire/decodeMessages.js';
import type { FactOf } from '../../../src/machines/vocabulary/facts/facts.js';

const context = { socket: 'f3.0', botId: '6000' };
const decoded = (t: string, d: unknown, more: object = {}) =>
  decode(JSON.stringify({ op: 0, s: 5, t, id: `${t}:1`, d, ...more }), context);
const head = (t: string) => ({ socket: 'f3.0', s: 5, eventId: `${t}:1` });

const guild = { id: 'g1', name: 'home', owner_id: 'u9', member_count: 17, op_user_id: 'u1', max_members: 300 };
const channel = { id: 'c1', guild_id: 'g1', name: 'hall', type: 0, sub_type: 1, op_user_id: 'u1' };
const member = {
  guild_id: 'g1',
  nick: 'neo',
  roles: ['1'],
  op_user_id: 'u2',
  user: { id: 'u1', username: 'n', bot: false },
};
const reaction = {
  guild_id: 'g1',
  channel_id: 'c1',
  user_id: 'u1',
  emoji: { id: '89', type: 1 },
  target: { id: 'm1', type: 'ReactionTargetType_MSG' },
};
const gone = { message: { id: 'm1', guild_id: 'g1', channel_id: 'c1', author: { id: 'u1' } }, op_user: { id: 'u2' } };
const audit = { audit_id: 'a1', channel_id: 'c1', guild_id: 'g1', message_id: 'm9' };
const voice = { guild_id: 'g1', channel_id: 'c1', user_id: 'u1', channel_type: 2 };
const forum = { guild_id: 'g1', channel_id: 'c1', author_id: 'u1' };

const changed = { guild: { id: 'g1', name: 'home', ownerId: 'u9' }, members: 17, by: 'u1' };
const inChannel = { guildId: 'g1', channel: { id: 'c1', name: 'hall', kind: 0, subKind: 1 }, by: 'u1' };
const ofMember = { guildId: 'g1', user: { id: 'u1', username: 'n', bot: false }, nick: 'neo', roles: ['1'], by: 'u2' };
const reacted = {
  guildId: 'g1',
  channelId: 'c1',
  userId: 'u1',
  emoji: { id: '89', kind: 1 },
  target: { id: 'm1', kind: 'message' },
};
const deleted = { guildId: 'g1', channelId: 'c1', message: 'm1', author: 'u1', by: 'u2' };
const at = { guildId: 'g1', channelId: 'c1' };
const inForum = { isOpen: false, ...at, author: 'u1' };

const rows: readonly (readonly [t: string, d: object, fact: object])[] = [
  ['GUILD_CREATE', guild, { type: 'guild.changed', change: 'created', ...changed }],
  ['GUILD_UPDATE', guild, { type: 'guild.changed', change: 'updated', ...changed }],
  ['GUILD_DELETE', guild, { type: 'guild.changed', change: 'deleted', ...changed }],
  ['CHANNEL_CREATE', channel, { type: 'channel.changed', change: 'created', ...inChannel }],
  ['CHANNEL_UPDATE', channel, { type: 'channel.changed', change: 'updated', ...inChannel }],
  ['CHANNEL_DELETE', channel, { type: 'channel.changed', change: 'deleted', ...inChannel }],
  ['GUILD_MEMBER_ADD', member, { type: 'member.changed', change: 'added', ...ofMember }],
  ['GUILD_MEMBER_UPDATE', member, { type: 'member.changed', change: 'updated', ...ofMember }],
  ['GUILD_MEMBER_REMOVE', member, { type: 'member.changed', change: 'removed', ...ofMember }],
  ['MESSAGE_REACTION_ADD', reaction, { type: 'reaction.changed', change: 'added', ...reacted }],
  ['MESSAGE_REACTION_REMOVE', reaction, { type: 'reaction.changed', change: 'removed', ...reacted }],
  ['MESSAGE_DELETE', gone, { type: 'message.deleted', kind: 'guild', ...deleted }],
  ['PUBLIC_MESSAGE_DELETE', gone, { type: 'message.deleted', kind: 'guild', ...deleted }],
  ['DIRECT_MESSAGE_DELETE', gone, { type: 'message.deleted', kind: 'direct', ...deleted }],
  ['MESSAGE_AUDIT_PASS', audit, { type: 'audit.passed', auditId: 'a1', message: 'm9' }],
  ['MESSAGE_AUDIT_REJECT', { ...audit, message_id: undefined }, { type: 'audit.rejected', auditId: 'a1' }],
  [
    'GROUP_ADD_ROBOT',
    { group_openid: 'G', op_member_openid: 'U', timestamp: 1 },
    { type: 'contact.changed', change: 'added', kind: 'group', openid: 'G', by: 'U' },
  ],
  [
    'GROUP_DEL_ROBOT',
    { group_openid: 'G', timestamp: 1 },
    { type: 'contact.changed', change: 'removed', kind: 'group', openid: 'G', by: null },
  ],
  [
    'GROUP_MSG_REJECT',
    { group_openid: 'G' },
    { type: 'contact.changed', change: 'closed', kind: 'group', openid: 'G', by: null },
  ],
  [
    'GROUP_MSG_RECEIVE',
    { group_openid: 'G' },
    { type: 'contact.changed', change: 'opened', kind: 'group', openid: 'G', by: null },
  ],
  [
    'FRIEND_ADD',
    { openid: 'U', timestamp: 1 },
    { type: 'contact.changed', change: 'added', kind: 'c2c', openid: 'U', by: null },
  ],
  ['FRIEND_DEL', { openid: 'U' }, { type: 'contact.changed', change: 'removed', kind: 'c2c', openid: 'U', by: null }],
  [
    'C2C_MSG_REJECT',
    { openid: 'U' },
    { type: 'contact.changed', change: 'closed', kind: 'c2c', openid: 'U', by: null },
  ],
  [
    'C2C_MSG_RECEIVE',
    { openid: 'U' },
    { type: 'contact.changed', change: 'opened', kind: 'c2c', openid: 'U', by: null },
  ],
  [
    'GROUP_MEMBER_ADD',
    { group_openid: 'G', member_openid: 'M', timestamp: 1 },
    { type: 'groupMember.changed', change: 'added', openid: 'G', member: 'M' },
  ],
  [
    'GROUP_MEMBER_REMOVE',
    { group_openid: 'G', member_openid: 'M', timestamp: 1 },
    { type: 'groupMember.changed', change: 'removed', openid: 'G', member: 'M' },
  ],
  ['ENTER_AIO', { user_openid: 'U', from_source: 'search' }, { type: 'chat.entered', openid: 'U' }],
  [
    'SUBSCRIBE_MESSAGE_STATUS',
    {
      openid: 'U',
      result: [{ template_id: 7, custom_template_id: 'T1', op: 1 }, { template_id: 8, op: 2 }, { op: 1 }],
    },
    {
      type: 'subscription.changed',
      kind: 'c2c',
      openid: 'U',
      templates: [
        { id: 'T1', op: 1 },
        { id: '8', op: 2 },
      ],
    },
  ],
  [
    'AUDIO_OR_LIVE_CHANNEL_MEMBER_ENTER',
    voice,
    { type: 'audioMember.changed', change: 'entered', ...at, userId: 'u1', channelKind: 2 },
  ],
  [
    'AUDIO_OR_LIVE_CHANNEL_MEMBER_EXIT',
    voice,
    { type: 'audioMember.changed', change: 'left', ...at, userId: 'u1', channelKind: 2 },
  ],
  [
    'AUDIO_START',
    { ...at, guild_id: 'g1', channel_id: 'c1', audio_url: 'x' },
    { type: 'audio.changed', change: 'started', ...at },
  ],
  ['AUDIO_FINISH', { guild_id: 'g1', channel_id: 'c1' }, { type: 'audio.changed', change: 'finished', ...at }],
  ['AUDIO_ON_MIC', { guild_id: 'g1', channel_id: 'c1' }, { type: 'audio.changed', change: 'onMic', ...at }],
  ['AUDIO_OFF_MIC', { guild_id: 'g1', channel_id: 'c1' }, { type: 'audio.changed', change: 'offMic', ...at }],
  [
    'FORUM_THREAD_CREATE',
    { ...forum, thread_info: { thread_id: 't' } },
    { type: 'forum.changed', part: 'thread', change: 'created', ...inForum, id: 't' },
  ],
  [
    'FORUM_THREAD_UPDATE',
    { ...forum, thread_info: { thread_id: 't' } },
    { type: 'forum.changed', part: 'thread', change: 'updated', ...inForum, id: 't' },
  ],
  [
    'FORUM_THREAD_DELETE',
    { ...forum, thread_info: {} },
    { type: 'forum.changed', part: 'thread', change: 'deleted', ...inForum, id: null },
  ],
  [
    'FORUM_POST_CREATE',
    { ...forum, post_info: { thread_id: 't', post_id: 'p' } },
    { type: 'forum.changed', part: 'post', change: 'created', ...inForum, id: 'p' },
  ],
  ['FORUM_POST_DELETE', forum, { type: 'forum.changed', part: 'post', change: 'deleted', ...inForum, id: null }],
  [
    'FORUM_REPLY_CREATE',
    { ...forum, reply_info: { thread_id: 't', post_id: 'p', reply_id: 'r' } },
    { type: 'forum.changed', part: 'reply', change: 'created', ...inForum, id: 'r' },
  ],
  ['FORUM_REPLY_DELETE', forum, { type: 'forum.changed', part: 'reply', change: 'deleted', ...inForum, id: null }],
  [
    'FORUM_PUBLISH_AUDIT_RESULT',
    { ...forum, type: 1, result: 0, thread_id: 't' },
    { type: 'forum.changed', part: 'audit', change: 'ended', ...inForum, id: 't' },
  ],
  [
    'OPEN_FORUM_THREAD_CREATE',
    forum,
    { type: 'forum.changed', part: 'thread', change: 'created', ...inForum, isOpen: true, id: null },
  ],
  [
    'OPEN_FORUM_THREAD_UPDATE',
    forum,
    { type: 'forum.changed', part: 'thread', change: 'updated', ...inForum, isOpen: true, id: null },
  ],
  [
    'OPEN_FORUM_THREAD_DELETE',
    forum,
    { type: 'forum.changed', part: 'thread', change: 'deleted', ...inForum, isOpen: true, id: null },
  ],
  [
    'OPEN_FORUM_POST_CREATE',
    forum,
    { type: 'forum.changed', part: 'post', change: 'created', ...inForum, isOpen: true, id: null },
  ],
  [
    'OPEN_FORUM_POST_DELETE',
    forum,
    { type: 'forum.changed', part: 'post', change: 'deleted', ...inForum, isOpen: true, id: null },
  ],
  [
    'OPEN_FORUM_REPLY_CREATE',
    forum,
    { type: 'forum.changed', part: 'reply', change: 'created', ...inForum, isOpen: true, id: null },
  ],
  [
    'OPEN_FORUM_REPLY_DELETE',
    forum,
    { type: 'forum.changed', part: 'reply', change: 'deleted', ...inForum, isOpen: true, id: null },
  ],
];

describe('events', () => {
  test.each(rows)('%s', (t, d, fact) => {
    expect(decoded(t, d)).toEqual({ ...head(t), ...fact });
  });
  test('all of them have a row here', () => {
    expect(rows.map(([t]) => t).sort()).toEqual([...EVENT_READERS.keys()].sort());
  });
  test.each([
    ['ReactionTargetType_FEED', 'thread'],
    ['ReactionTargetType_COMMNENT', 'comment'],
    ['ReactionTargetType_REPLY', 'reply'],
    [0, 'message'],
    [3, 'reply'],
    ['__proto__', 'unknown'],
    [{}, 'unknown'],
  ])('MESSAGE_REACTION_ADD: a target of type %j is a %s', (type, kind) => {
    expect(decoded('MESSAGE_REACTION_ADD', { ...reaction, target: { id: 'm1', type } })).toMatchObject({
      target: { kind },
    });
  });
  test('what only adorns an event may be missing or mistyped', () => {
    expect(decoded('GUILD_CREATE', { id: 'g1', name: 7, member_count: 'many', owner_id: {} })).toMatchObject({
      guild: { id: 'g1', name: '', ownerId: null },
      members: null,
    });
  });
  test('ENTER_AIO and SUBSCRIBE_MESSAGE_STATUS: under either name, of a group too', () => {
    expect(decoded('ENTER_AIO', { openid: 'U' })).toMatchObject({ type: 'chat.entered', openid: 'U' });
    expect(decoded('ENTER_AIO', { from_source: 'x' })).toMatchObject({ type: 'frame.rejected' });
    expect(decoded('SUBSCRIBE_MESSAGE_STATUS', { group_openid: 'G' })).toMatchObject({
      kind: 'group',
      openid: 'G',
      templates: [],
    });
  });
  test('what an event is about may not', () => {
    expect(decoded('CHANNEL_CREATE', { ...channel, guild_id: null })).toMatchObject({
      type: 'frame.rejected',
      s: 5,
      reason: 'CHANNEL_CREATE: guild_id is not string',
    });
  });
  test('ids that came as numbers keep their digits', () => {
    const raw =
      '{"op":0,"s":5,"t":"FORUM_THREAD_CREATE","id":"x","d":{"guild_id":47129941624960823,"channel_id":1661124,"author_id": 144115218182563109}}';
    expect(decode(raw, context)).toMatchObject({
      guildId: '47129941624960823',
      channelId: '1661124',
      author: '144115218182563109',
    });
  });
});

describe('messages of groups and c2c', () => {
  const scene = { source: 'default', ext: ['ref_msg_idx=REFIDX_b==', 'msg_idx=REFIDX_a==', 'auth_token=x'] };
  const group = {
    id: 'ROBOT1.0_abc!',
    author: { id: 'A1', member_openid: 'A1', member_role: 'admin', username: 'xiaoming', bot: false },
    content: ' /weather &amp; more ',
    group_openid: 'B1',
    message_scene: scene,
    attachments: [
      { content_type: 'image/png', filename: 'a.png', height: 1, width: 1, size: 70, url: 'gchat.qpic.cn/a.png' },
      { url: 5 },
    ],
  };
  test('GROUP_AT_MESSAGE_CREATE', () => {
    expect(decoded('GROUP_AT_MESSAGE_CREATE', group)).toEqual({
      type: 'message.received',
      ...head('GROUP_AT_MESSAGE_CREATE'),
      message: {
        id: 'ROBOT1.0_abc!',
        place: { kind: 'group', guildId: '', channelId: 'B1' },
        author: { id: 'A1', username: 'xiaoming', bot: false, roles: ['admin'] },
        content: '/weather & more',
        mentionsBot: true,
        attachments: [{ url: 'https://gchat.qpic.cn/a.png', contentType: 'image/png', name: 'a.png', bytes: 70 }],
        quotes: 'REFIDX_b==',
        index: 'REFIDX_a==',
      },
    });
  });
  test('[limit attachments] further files are left out', () => {
    const attachments = Array.from({ length: ATTACHMENTS_MAX + 1 }, (_, i) => ({ url: `https://a/${i}` }));
    const { message } = decoded('GROUP_AT_MESSAGE_CREATE', { ...group, attachments }) as FactOf<'message.received'>;
    expect(message.attachments).toHaveLength(ATTACHMENTS_MAX);
    expect(message.attachments?.[7]?.url).toBe('https://a/7');
  });
  test('GROUP_MESSAGE_CREATE is overheard', () => {
    expect(decoded('GROUP_MESSAGE_CREATE', group)).toMatchObject({ message: { mentionsBot: false } });
  });
  test('C2C_MESSAGE_CREATE', () => {
    const author = { id: 'U1', user_openid: 'U1', union_openid: '' };
    expect(
      decoded('C2C_MESSAGE_CREATE', {
        id: 'm',
        author,
        content: 'hi',
        timestamp: '2023-11-06 13:37:18 +0800 CST m=+0.5',
      }),
    ).toMatchObject({
      message: {
        place: { kind: 'c2c', guildId: '', channelId: 'U1' },
        author: { id: 'U1', roles: [] },
        content: 'hi',
        mentionsBot: false,
      },
    });
  });
  test('pushed by webhook they have no s; over the socket they need one', () => {
    const frame = JSON.stringify({
      op: 0,
      t: 'C2C_MESSAGE_CREATE',
      id: 'e',
      d: { id: 'm', author: { user_openid: 'U' }, content: 'x' },
    });
    expect(decode(frame, { ...context, isWebhook: true })).toMatchObject({ type: 'message.received', s: null });
    expect(decode(frame, context)).toMatchObject({
      type: 'frame.rejected',
      reason: 'C2C_MESSAGE_CREATE: s is missing',
    });
  });
});

describe('interactions', () => {
  const press = {
    id: 'i1',
    application_id: '1',
    type: 11,
    version: 1,
    data: { type: 11, resolved: { button_id: '1', button_data: '/sign ' } },
  };
  test.each([
    [
      'group',
      { scene: 'group', chat_type: 1, group_openid: 'G', group_member_openid: 'A' },
      { kind: 'group', guildId: '', channelId: 'G' },
      'A',
    ],
    ['c2c', { scene: 'c2c', chat_type: 2, user_openid: 'U' }, { kind: 'c2c', guildId: '', channelId: 'U' }, 'U'],
  ])('a press in a %s is what the button says', (_, more, place, author) => {
    expect(decoded('INTERACTION_CREATE', { ...press, ...more })).toMatchObject({
      type: 'message.received',
      message: {
        id: 'i1',
        place,
        author: { id: author },
        content: '/sign',
        pressed: true,
        event: 'INTERACTION_CREATE:1',
      },
    });
  });
  test('a press in a guild names its presser among what it resolves', () => {
    const d = {
      ...press,
      scene: 'guild',
      chat_type: 0,
      guild_id: 'g',
      channel_id: 'c',
      data: { resolved: { button_data: 'x', user_id: 'u', message_id: 'm' } },
    };
    expect(decoded('INTERACTION_CREATE', d)).toMatchObject({
      message: { place: { kind: 'guild', guildId: 'g', channelId: 'c' }, author: { id: 'u' } },
    });
  });
  test.each([
    ['feedback', { ...press, type: 13, scene: 'c2c', user_openid: 'U' }],
    ['a button without data', { ...press, scene: 'c2c', user_openid: 'U', data: { resolved: {} } }],
    ['a press from nowhere', { ...press, scene: 'group' }],
  ])('%s says nothing, but is to be acknowledged', (_, d) => {
    expect(decoded('INTERACTION_CREATE', d)).toEqual({
      type: 'interaction.created',
      ...head('INTERACTION_CREATE'),
      interaction: 'i1',
      kind: (d as { type: number }).type,
    });
  });
});
