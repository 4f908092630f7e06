import { z } from 'zod';
import type { EventFact, ReactionTarget } from '../../machines/vocabulary/eventFacts.js';
import { id } from './wire.js';

/**
 * Every event that is no message, by QQ's name. What an event is about must be there; what only adorns it may be missing or
 * mistyped, and is then left empty.
 */
type Payload = EventFact extends infer E ? (E extends EventFact ? Omit<E, 'socket' | 's' | 'eventId'> : never) : never;
type Reader = (d: unknown) => z.ZodSafeParseResult<Payload>;

const text = z.string().max(4_096).catch('').default('');
const number = z.number().nullable().catch(null).default(null);
const someone = id.nullable().catch(null).default(null);
const flag = z.boolean().catch(false).default(false);

function reader<S extends z.ZodType>(schema: S, build: (d: z.infer<S>) => Payload): Reader {
  const full = schema.transform((d) => build(d as z.infer<S>));
  return (d) => full.safeParse(d) as z.ZodSafeParseResult<Payload>;
}

const guildSchema = z.object({ id, name: text, owner_id: someone, member_count: number, op_user_id: someone });
const guild = (change: 'created' | 'updated' | 'deleted'): Reader =>
  reader(guildSchema, (d) => ({
    type: 'guild.changed',
    change,
    guild: { id: d.id, name: d.name, ownerId: d.owner_id },
    members: d.member_count,
    by: d.op_user_id,
  }));

const channelSchema = z.object({ id, guild_id: id, name: text, type: number, sub_type: number, op_user_id: someone });
const channel = (change: 'created' | 'updated' | 'deleted'): Reader =>
  reader(channelSchema, (d) => ({
    type: 'channel.changed',
    change,
    guildId: d.guild_id,
    channel: { id: d.id, name: d.name, kind: d.type, subKind: d.sub_type },
    by: d.op_user_id,
  }));

const memberSchema = z.object({
  guild_id: id,
  user: z.object({ id, username: text, bot: flag }),
  nick: text,
  roles: z.array(id).max(100).catch([]).default([]),
  op_user_id: someone,
});
const member = (change: 'added' | 'updated' | 'removed'): Reader =>
  reader(memberSchema, (d) => ({
    type: 'member.changed',
    change,
    guildId: d.guild_id,
    user: { id: d.user.id, username: d.user.username, bot: d.user.bot },
    nick: d.nick,
    roles: d.roles,
    by: d.op_user_id,
  }));

/** The wire says `ReactionTargetType_COMMNENT` (sic); the documents say 0 to 3. */
const TARGETS: Readonly<Record<string, ReactionTarget>> = {
  ReactionTargetType_MSG: 'message',
  ReactionTargetType_FEED: 'thread',
  ReactionTargetType_COMMNENT: 'comment',
  ReactionTargetType_COMMENT: 'comment',
  ReactionTargetType_REPLY: 'reply',
  0: 'message',
  1: 'thread',
  2: 'comment',
  3: 'reply',
};
const reactionSchema = z.object({
  guild_id: id,
  channel_id: id,
  user_id: id,
  emoji: z.object({ id, type: number }),
  target: z.object({ id, type: z.union([z.string(), z.number()]).catch('') }),
});
const reaction = (change: 'added' | 'removed'): Reader =>
  reader(reactionSchema, (d) => ({
    type: 'reaction.changed',
    change,
    guildId: d.guild_id,
    channelId: d.channel_id,
    userId: d.user_id,
    emoji: { id: d.emoji.id, kind: d.emoji.type },
    target: { id: d.target.id, kind: Object.hasOwn(TARGETS, d.target.type) ? TARGETS[d.target.type]! : 'unknown' },
  }));

const deleteSchema = z.object({
  message: z.object({
    id,
    guild_id: id,
    channel_id: id,
    author: z.object({ id }).nullable().catch(null).default(null),
  }),
  op_user: z.object({ id }).nullable().catch(null).default(null),
});
const deleted = (kind: 'guild' | 'direct'): Reader =>
  reader(deleteSchema, ({ message, op_user }) => ({
    type: 'message.deleted',
    kind,
    guildId: message.guild_id,
    channelId: message.channel_id,
    message: message.id,
    author: message.author?.id ?? null,
    by: op_user?.id ?? null,
  }));

const auditSchema = z.object({ audit_id: id, message_id: someone });
const passed = reader(auditSchema, (d) => ({ type: 'audit.passed', auditId: d.audit_id, message: d.message_id }));
const rejected = reader(auditSchema, (d) => ({ type: 'audit.rejected', auditId: d.audit_id }));

const groupSchema = z.object({ group_openid: id, op_member_openid: someone });
const group = (change: 'added' | 'removed' | 'closed' | 'opened'): Reader =>
  reader(groupSchema, (d) => ({
    type: 'contact.changed',
    change,
    kind: 'group',
    openid: d.group_openid,
    by: d.op_member_openid,
  }));
const friendSchema = z.object({ openid: id });
const friend = (change: 'added' | 'removed' | 'closed' | 'opened'): Reader =>
  reader(friendSchema, (d) => ({ type: 'contact.changed', change, kind: 'c2c', openid: d.openid, by: null }));

const groupMemberSchema = z.object({ group_openid: id, member_openid: id });
const groupMember = (change: 'added' | 'removed'): Reader =>
  reader(groupMemberSchema, (d) => ({
    type: 'groupMember.changed',
    change,
    openid: d.group_openid,
    member: d.member_openid,
  }));
/** Only seen in other clients: the user stands under one name or the other. */
const enteredSchema = z.union([z.object({ user_openid: id }), z.object({ openid: id })]);
const entered = reader(enteredSchema, (d) => ({
  type: 'chat.entered',
  openid: 'user_openid' in d ? d.user_openid : d.openid,
}));
const templates = z
  .array(z.object({ template_id: someone, custom_template_id: someone, op: number }))
  .max(100)
  .catch([])
  .default([]);
const subscriptionSchema = z.union([
  z.object({ group_openid: id, result: templates }),
  z.object({ openid: id, result: templates }),
]);
const subscription = reader(subscriptionSchema, (d) => ({
  type: 'subscription.changed',
  kind: 'group_openid' in d ? 'group' : 'c2c',
  openid: 'group_openid' in d ? d.group_openid : d.openid,
  templates: d.result.flatMap(({ custom_template_id: custom, template_id: template, op }) => {
    const name = custom ?? template;
    return name === null ? [] : [{ id: name, op }];
  }),
}));

const audioMemberSchema = z.object({ guild_id: id, channel_id: id, user_id: id, channel_type: number });
const audioMember = (change: 'entered' | 'left'): Reader =>
  reader(audioMemberSchema, (d) => ({
    type: 'audioMember.changed',
    change,
    guildId: d.guild_id,
    channelId: d.channel_id,
    userId: d.user_id,
    channelKind: d.channel_type,
  }));
const audioSchema = z.object({ guild_id: id, channel_id: id });
const audio = (change: 'started' | 'finished' | 'onMic' | 'offMic'): Reader =>
  reader(audioSchema, (d) => ({ type: 'audio.changed', change, guildId: d.guild_id, channelId: d.channel_id }));

type ForumPart = Extract<Payload, { type: 'forum.changed' }>['part'];
type ForumChange = Extract<Payload, { type: 'forum.changed' }>['change'];
const inner = z.record(z.string(), z.unknown()).catch({}).default({});
const forumSchema = z.looseObject({
  guild_id: id,
  channel_id: id,
  author_id: someone,
  thread_info: inner,
  post_info: inner,
  reply_info: inner,
});
function forum(part: ForumPart, change: ForumChange, isOpen: boolean): Reader {
  return reader(forumSchema, (d) => {
    const places = part === 'audit' ? [d, d, d] : [d.reply_info, d.post_info, d.thread_info];
    const names = { thread: ['thread_id'], post: ['post_id'], reply: ['reply_id'] };
    const wanted = part === 'audit' ? ['reply_id', 'post_id', 'thread_id'] : names[part];
    const found = wanted.flatMap((name) => places.map((place) => (place as Record<string, unknown>)[name]));
    return {
      type: 'forum.changed',
      part,
      change,
      isOpen,
      guildId: d.guild_id,
      channelId: d.channel_id,
      author: d.author_id,
      id: (found.find((value) => typeof value === 'string' && value !== '' && value.length <= 512) ?? null) as
        | string
        | null,
    };
  });
}
const forums = (prefix: string, isOpen: boolean): [string, Reader][] => [
  [`${prefix}THREAD_CREATE`, forum('thread', 'created', isOpen)],
  [`${prefix}THREAD_UPDATE`, forum('thread', 'updated', isOpen)],
  [`${prefix}THREAD_DELETE`, forum('thread', 'deleted', isOpen)],
  [`${prefix}POST_CREATE`, forum('post', 'created', isOpen)],
  [`${prefix}POST_DELETE`, forum('post', 'deleted', isOpen)],
  [`${prefix}REPLY_CREATE`, forum('reply', 'created', isOpen)],
  [`${prefix}REPLY_DELETE`, forum('reply', 'deleted', isOpen)],
];

export const EVENT_READERS: ReadonlyMap<string, Reader> = new Map([
  ['GUILD_CREATE', guild('created')],
  ['GUILD_UPDATE', guild('updated')],
  ['GUILD_DELETE', guild('deleted')],
  ['CHANNEL_CREATE', channel('created')],
  ['CHANNEL_UPDATE', channel('updated')],
  ['CHANNEL_DELETE', channel('deleted')],
  ['GUILD_MEMBER_ADD', member('added')],
  ['GUILD_MEMBER_UPDATE', member('updated')],
  ['GUILD_MEMBER_REMOVE', member('removed')],
  ['MESSAGE_REACTION_ADD', reaction('added')],
  ['MESSAGE_REACTION_REMOVE', reaction('removed')],
  ['MESSAGE_DELETE', deleted('guild')],
  ['PUBLIC_MESSAGE_DELETE', deleted('guild')],
  ['DIRECT_MESSAGE_DELETE', deleted('direct')],
  ['MESSAGE_AUDIT_PASS', passed],
  ['MESSAGE_AUDIT_REJECT', rejected],
  ['GROUP_ADD_ROBOT', group('added')],
  ['GROUP_DEL_ROBOT', group('removed')],
  ['GROUP_MSG_REJECT', group('closed')],
  ['GROUP_MSG_RECEIVE', group('opened')],
  ['FRIEND_ADD', friend('added')],
  ['FRIEND_DEL', friend('removed')],
  ['C2C_MSG_REJECT', friend('closed')],
  ['C2C_MSG_RECEIVE', friend('opened')],
  ['GROUP_MEMBER_ADD', groupMember('added')],
  ['GROUP_MEMBER_REMOVE', groupMember('removed')],
  ['ENTER_AIO', entered],
  ['SUBSCRIBE_MESSAGE_STATUS', subscription],
  ['AUDIO_OR_LIVE_CHANNEL_MEMBER_ENTER', audioMember('entered')],
  ['AUDIO_OR_LIVE_CHANNEL_MEMBER_EXIT', audioMember('left')],
  ['AUDIO_START', audio('started')],
  ['AUDIO_FINISH', audio('finished')],
  ['AUDIO_ON_MIC', audio('onMic')],
  ['AUDIO_OFF_MIC', audio('offMic')],
  ...forums('FORUM_', false),
  ...forums('OPEN_FORUM_', true),
  ['FORUM_PUBLISH_AUDIT_RESULT', forum('audit', 'ended', false)],
]);
