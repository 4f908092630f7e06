import type { Random } from '../kit/random.js';
import { HOME } from '../world/world.js';

type Body = { readonly [field: string]: unknown };
/** What the bodies are made from: the seed's ids and the platform's time. */
export interface BodySource {
  readonly random: Random;
  readonly now: () => number;
}
type Make = (given: Body, source: BodySource) => Body;

/** Ids that stand in every default; a test gives its own by `d`. */
export const DEFAULTS = {
  guild: HOME,
  channel: 'c1',
  user: 'u1',
  group: 'group-1',
  openid: 'user-1',
} as const;

const { guild, channel, user, group, openid } = DEFAULTS;
const at = ({ now }: BodySource): string => `${new Date(now() + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00`;
const seconds = ({ now }: BodySource): number => Math.floor(now() / 1_000);
const messageId = ({ random }: BodySource): string => `08${random.hex(46)}`;

const guildBody: Make = (_given, source) => ({
  description: '',
  icon: '',
  id: guild,
  joined_at: at(source),
  max_members: 300,
  member_count: 17,
  name: 'A guild',
  op_user_id: user,
  owner_id: user,
});
const channelBody: Make = () => ({
  guild_id: guild,
  id: channel,
  name: 'A channel',
  op_user_id: user,
  owner_id: user,
  sub_type: 0,
  type: 0,
});
const memberBody: Make = (_given, source) => ({
  guild_id: guild,
  joined_at: at(source),
  nick: '',
  op_user_id: user,
  roles: ['1'],
  user: { avatar: '', bot: false, id: user, username: user },
});
const reactionBody: Make = (_given, source) => ({
  channel_id: channel,
  emoji: { id: '4', type: 1 },
  guild_id: guild,
  target: { id: messageId(source), type: 'ReactionTargetType_MSG' },
  user_id: user,
});
const auditBody: Make = (_given, source) => ({
  audit_id: source.random.uuid(),
  audit_time: at(source),
  channel_id: channel,
  create_time: at(source),
  guild_id: guild,
  seq_in_channel: '1',
});
const auditPassBody: Make = (given, source) => ({
  ...auditBody(given, source),
  message_id: `10${source.random.hex(46)}`,
});
const deleteBody: Make = (_given, source) => ({
  message: {
    author: { bot: false, id: user, username: user },
    channel_id: channel,
    guild_id: guild,
    id: messageId(source),
  },
  op_user: { id: user },
});
const directDeleteBody: Make = (given, source) => {
  const { message } = deleteBody(given, source) as { message: Body };
  return {
    message: { ...message, direct_message: true, src_guild_id: guild },
    op_user: { id: user },
  };
};
const groupBody: Make = (_given, source) => ({
  group_openid: group,
  op_member_openid: openid,
  timestamp: seconds(source),
});
const groupMemberBody: Make = (given, source) => ({ ...groupBody(given, source), member_openid: openid });
const enteredBody: Make = () => ({ user_openid: openid, from_source: '' });
const subscriptionBody: Make = (_given, source) => {
  const at = seconds(source);
  const result = { template_id: 1, custom_template_id: '102000000_1', op: 1, subscribe_id: '1' };
  return { openid, result: [{ ...result, subscribe_ts: at, update_ts: at }] };
};
const friendBody: Make = (_given, source) => ({ openid, timestamp: seconds(source) });
const liveBody: Make = () => ({ guild_id: guild, channel_id: channel, channel_type: 2, user_id: user });
const audioBody: Make = () => ({ guild_id: guild, channel_id: channel });
const forumBody: Make = () => ({ guild_id: guild, channel_id: channel, author_id: user });
const said = [{ type: 1, text_info: { text: 'hello' } }];
const threadBody: Make = (given, source) => ({
  ...forumBody(given, source),
  thread_info: { thread_id: 'B_1', title: said, content: said, date_time: at(source) },
});
const postBody: Make = (given, source) => ({
  ...forumBody(given, source),
  post_info: { thread_id: 'B_1', post_id: 'c_1', content: said, date_time: at(source) },
});
const replyBody: Make = (given, source) => ({
  ...forumBody(given, source),
  reply_info: { thread_id: 'B_1', post_id: 'c_1', reply_id: 'r_1', content: said, date_time: at(source) },
});
const publishedBody: Make = (given, source) => ({
  ...forumBody(given, source),
  type: 1,
  result: 0,
  err_msg: '',
  thread_id: 'B_1',
  post_id: '',
  reply_id: '',
});

/** A pressed button; `scene` in `d` says where: guild (default), group or c2c. */
const interactionBody: Make = ({ scene = 'guild' }, source) => {
  const resolved = { button_id: '1', button_data: '/x' };
  const common = { id: source.random.uuid(), application_id: '102000000', type: 11, timestamp: at(source), version: 1 };
  if (scene === 'group')
    return {
      ...common,
      scene,
      chat_type: 1,
      group_openid: group,
      group_member_openid: openid,
      data: { type: 11, resolved },
    };
  if (scene === 'c2c') return { ...common, scene, chat_type: 2, user_openid: openid, data: { type: 11, resolved } };
  return {
    ...common,
    scene: 'guild',
    chat_type: 0,
    guild_id: guild,
    channel_id: channel,
    data: { type: 11, resolved: { ...resolved, user_id: user, message_id: messageId(source) } },
  };
};

const each = (names: readonly string[], make: Make): [string, Make][] => names.map((name) => [name, make]);
const MAKERS = new Map<string, Make>([
  ...each(['GUILD_CREATE', 'GUILD_UPDATE', 'GUILD_DELETE'], guildBody),
  ...each(['CHANNEL_CREATE', 'CHANNEL_UPDATE', 'CHANNEL_DELETE'], channelBody),
  ...each(['GUILD_MEMBER_ADD', 'GUILD_MEMBER_UPDATE', 'GUILD_MEMBER_REMOVE'], memberBody),
  ...each(['MESSAGE_REACTION_ADD', 'MESSAGE_REACTION_REMOVE'], reactionBody),
  ...each(['MESSAGE_AUDIT_PASS'], auditPassBody),
  ...each(['MESSAGE_AUDIT_REJECT'], auditBody),
  ...each(['MESSAGE_DELETE', 'PUBLIC_MESSAGE_DELETE'], deleteBody),
  ...each(['DIRECT_MESSAGE_DELETE'], directDeleteBody),
  ...each(['INTERACTION_CREATE'], interactionBody),
  ...each(['GROUP_ADD_ROBOT', 'GROUP_DEL_ROBOT', 'GROUP_MSG_REJECT', 'GROUP_MSG_RECEIVE'], groupBody),
  ...each(['GROUP_MEMBER_ADD', 'GROUP_MEMBER_REMOVE'], groupMemberBody),
  ...each(['FRIEND_ADD', 'FRIEND_DEL', 'C2C_MSG_REJECT', 'C2C_MSG_RECEIVE'], friendBody),
  ...each(['ENTER_AIO'], enteredBody),
  ...each(['SUBSCRIBE_MESSAGE_STATUS'], subscriptionBody),
  ...each(['AUDIO_OR_LIVE_CHANNEL_MEMBER_ENTER', 'AUDIO_OR_LIVE_CHANNEL_MEMBER_EXIT'], liveBody),
  ...each(['AUDIO_START', 'AUDIO_FINISH', 'AUDIO_ON_MIC', 'AUDIO_OFF_MIC'], audioBody),
  ...each(['FORUM_THREAD_CREATE', 'FORUM_THREAD_UPDATE', 'FORUM_THREAD_DELETE'], threadBody),
  ...each(['FORUM_POST_CREATE', 'FORUM_POST_DELETE'], postBody),
  ...each(['FORUM_REPLY_CREATE', 'FORUM_REPLY_DELETE'], replyBody),
  ...each(['FORUM_PUBLISH_AUDIT_RESULT'], publishedBody),
  ...each(
    [
      'OPEN_FORUM_THREAD_CREATE',
      'OPEN_FORUM_THREAD_UPDATE',
      'OPEN_FORUM_THREAD_DELETE',
      'OPEN_FORUM_POST_CREATE',
      'OPEN_FORUM_POST_DELETE',
      'OPEN_FORUM_REPLY_CREATE',
      'OPEN_FORUM_REPLY_DELETE',
    ],
    forumBody,
  ),
]);
/** Events that have a default body. */
export const EVENT_NAMES: readonly string[] = [...MAKERS.keys()];

/** The body of an event: its defaults, replaced field by field by what is given; null: the event has no defaults. */
export function eventBody(event: string, given: Body, source: BodySource): Body | null {
  const make = MAKERS.get(event);
  return make ? { ...make(given, source), ...given } : null;
}
