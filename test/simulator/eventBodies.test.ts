import { expect, test } from '@jest/globals';
import { EVENT_NAMES, eventBody } from '../../src/simulator/events/eventBodies.js';
import { Random } from '../../src/simulator/kit/random.js';

const source = () => ({ random: new Random(1), now: () => 1_700_000_000_000 });

test.each<[string, object, readonly string[]]>([
  ['GUILD_UPDATE', {}, ['id', 'name', 'owner_id', 'joined_at', 'op_user_id', 'max_members', 'member_count']],
  ['CHANNEL_DELETE', {}, ['id', 'guild_id', 'name', 'type', 'sub_type', 'owner_id', 'op_user_id']],
  ['GUILD_MEMBER_ADD', {}, ['guild_id', 'joined_at', 'nick', 'op_user_id', 'roles', 'user']],
  ['MESSAGE_REACTION_REMOVE', {}, ['channel_id', 'guild_id', 'emoji', 'target', 'user_id']],
  ['MESSAGE_AUDIT_PASS', {}, ['audit_id', 'audit_time', 'create_time', 'channel_id', 'guild_id', 'message_id']],
  ['PUBLIC_MESSAGE_DELETE', {}, ['message', 'op_user']],
  ['INTERACTION_CREATE', {}, ['id', 'application_id', 'type', 'scene', 'chat_type', 'guild_id', 'channel_id', 'data']],
  ['INTERACTION_CREATE', { scene: 'group' }, ['group_openid', 'group_member_openid']],
  ['INTERACTION_CREATE', { scene: 'c2c' }, ['user_openid']],
  ['GROUP_ADD_ROBOT', {}, ['group_openid', 'op_member_openid', 'timestamp']],
  ['FRIEND_ADD', {}, ['openid', 'timestamp']],
  ['AUDIO_OR_LIVE_CHANNEL_MEMBER_ENTER', {}, ['guild_id', 'channel_id', 'channel_type', 'user_id']],
  ['FORUM_THREAD_CREATE', {}, ['guild_id', 'channel_id', 'author_id', 'thread_info']],
  ['OPEN_FORUM_POST_CREATE', {}, ['guild_id', 'channel_id', 'author_id']],
])('%s %j has its fields', (event, given, fields) => {
  expect(Object.keys(eventBody(event, given as Record<string, unknown>, source())!)).toEqual(
    expect.arrayContaining([...fields]),
  );
});
test('only a passed audit has a message', () => {
  expect(eventBody('MESSAGE_AUDIT_REJECT', {}, source())).not.toHaveProperty('message_id');
});
test('what is given replaces the default', () => {
  expect(eventBody('FRIEND_ADD', { openid: 'x', extra: 1 }, source())).toEqual({
    openid: 'x',
    extra: 1,
    timestamp: 1_700_000_000,
  });
});
test('the same seed makes the same body, and every event that has a body has one', () => {
  for (const event of EVENT_NAMES) expect(eventBody(event, {}, source())).toEqual(eventBody(event, {}, source()));
  expect(eventBody('NO_SUCH_EVENT', {}, source())).toBeNull();
});
