import { z } from 'zod';
import type { EventFact, ReactionTarget } from '../../../machines/vocabulary/facts/eventFacts.js';
import { id } from './fields.js';

/**
 * Every event that is no message, by QQ's name. What an event is about must be there; what only adorns it may be
 * missing or mistyped, and is then left empty.
 */
type Payload = EventFact extends infer E ? (E extends EventFact ? Omit<E, 'socket' | 's' | 'eventId'> : never) : never;
interface Reader {
  readonly type: Payload['type'];
  readonly read: (d: unknown) => z.ZodSafeParseResult<Payload>;
}

const text = z.string().max(4_096).catch('').default('');
const number = z.number().nullable().catch(null).default(null);
const someone = id.nullable().catch(null).default(null);
const flag = z.boolean().catch(false).default(false);

type Rest<T> = Payload extends infer P ? (P extends { readonly type: T } ? Omit<P, 'type'> : never) : never;
function reader<T extends Payload['type'], S extends z.ZodType>(
  type: T,
  schema: S,
  build: (d: z.infer<S>) => Rest<T>,
): Reader {
  const full = schema.transform((d) => ({ type, ...build(d as z.infer<S>) }));
  return { type, read: (d) => full.safeParse(d) as z.ZodSafeParseResult<Payload> };
}

const guildSchema = z.object({ id, name: text, owner_id: someone, member_count: number, op_user_id: someone });
const guild = (change: 'created' | 'updated' | 'deleted'): Reader =>
  reader('guild.changed', guildSchema, (d) => ({
    change,
    guild: { id: d.id, name: d.name, ownerId: d.owner_id },
    members: d.member_count,
    by: d.op_user_id,
  }));

const channelSchema = z.object({ id, guild_id: id, name: text, type: number, sub_type: number, op_user_id: someone });
const channel = (change: 'created' | 'updated' | 'deleted'): Reader =>
  reader('channel.changed', channelSchema, (d) => ({
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
  reader('member.changed', memberSchema, (d) => ({
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
  reader('reaction.changed', reactionSchema, (d) => ({
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
  reader('message.deleted', deleteSchema, ({ message, op_user }) => ({
    kind,
    guildId: message.guild_id,
    channelId: message.channel_id,
    message: message.id,
    author: message.author?.id ?? null,
    by: op_user?.id ?? null,
  }));

const auditSchema = z.object({ audit_id: id, message_id: someone });
const passed = reader('audit.passed', auditSchema, (d) => ({ auditId: d.audit_id, message: d.message_id }));
const rejected = reader('audit.rejected', auditSchema, (d) => ({ auditId: d.audit_id }));

const groupSchema = z.object({ group_openid: id, op_member_openid: someone });
const group = (change: 'added' | 'removed' | 'closed' | 'opened'): Reader =>
  reader('contact.changed', groupSchema, (d) => ({
    change,
    kind: 'group',
    openid: d.group_openid,
    by: d.op_member_openid,
  }));
const friendSchema = z.object({ openid: id });
const friend = (change: 'added' | 'removed' | 'closed' | 'opened'): Reader =>
  reader('contact.changed', friendSchema, (d) => ({ change, kind: 'c2c', openid: d.openid, by: null }));

const groupMemberSchema = z.object({ group_openid: id, member_openid: id });
const groupMember = (change: 'added' | 'removed'): Reader =>
  reader('groupMember.changed', groupMemberSchema, (d) => ({
    change,
    openid: d.group_openid,
    member: d.member_openid,
  }));
/** Only seen in other clients: the user stands under one name or the other. */
const enteredSchema = z.union([z.object({ user_openid: id }), z.object({ openid: id })]);
const entered = reader('chat.entered', enteredSchema, (d) => ({
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
const subscription = reader('subscription.changed', subscriptionSchema, (d) => ({
  kind: 'group_openid' in d ? 'group' : 'c2c',
  openid: 'group_openid' in d ? d.group_openid : d.openid,
  templates: d.result.flatMap(({ custom_template_id: custom, template_id: template, op }) => {
    const name = custom ?? template;
    return name === null ? [] : [{ id: name, op }];
  }),
}));

const audioMemberSchema = z.object({ guild_id: id, channel_id: id, user_id: id, channel_type: number });
const audioMember = (change: 'entered' | 'left'): Reader =>
  reader('audioMember.changed', audioMemberSchema, (d) => ({
    change,
    guildId: d.guild_id,
    channelId: d.channel_id,
    userId: d.user_id,
    channelKind: d.channel_type,
  }));
const audioSchema = z.object({ guild_id: id, channel_id: id });
const audio = (change: 'started' | 'finished' | 'onMic' | 'offMic'): Reader =>
  reader('audio.changed', audioSchema, (d) => ({ change, guildId: d.guild_id, channelId: d.channel_id }));

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
  return reader('forum.changed', forumSchema, (d) => {
    const places = part === 'audit' ? [d, d, d] : [d.reply_info, d.post_info, d.thread_info];
    const names = { thread: ['thread_id'], post: ['post_id'], reply: ['reply_id'] };
    const wanted = part === 'audit' ? ['reply_id', 'post_id', 'thread_id'] : names[part];
    const found = wanted.flatMap((name) => places.map((place) => (place as Record<string, unknown>)[name]));
    return {
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
/** One event of QQ: its name, the intent under which it is sent, and what is built of it. */
export interface EventRow extends Reader {
  readonly name: string;
  /** Asked for when a handler wants to hear of it; null: the default intents have it, or only private bots may ask. */
  readonly intent: string | null;
}
const row = (name: string, intent: string | null, made: Reader): EventRow => ({ name, intent, ...made });

const forums = (prefix: string, intent: string | null): EventRow[] => [
  row(`${prefix}THREAD_CREATE`, intent, forum('thread', 'created', intent !== null)),
  row(`${prefix}THREAD_UPDATE`, intent, forum('thread', 'updated', intent !== null)),
  row(`${prefix}THREAD_DELETE`, intent, forum('thread', 'deleted', intent !== null)),
  row(`${prefix}POST_CREATE`, intent, forum('post', 'created', intent !== null)),
  row(`${prefix}POST_DELETE`, intent, forum('post', 'deleted', intent !== null)),
  row(`${prefix}REPLY_CREATE`, intent, forum('reply', 'created', intent !== null)),
  row(`${prefix}REPLY_DELETE`, intent, forum('reply', 'deleted', intent !== null)),
];

/** An event of QQ is added here, by one row. */
export const EVENT_ROWS: readonly EventRow[] = [
  row('GUILD_CREATE', 'GUILDS', guild('created')),
  row('GUILD_UPDATE', 'GUILDS', guild('updated')),
  row('GUILD_DELETE', 'GUILDS', guild('deleted')),
  row('CHANNEL_CREATE', 'GUILDS', channel('created')),
  row('CHANNEL_UPDATE', 'GUILDS', channel('updated')),
  row('CHANNEL_DELETE', 'GUILDS', channel('deleted')),
  row('GUILD_MEMBER_ADD', 'GUILD_MEMBERS', member('added')),
  row('GUILD_MEMBER_UPDATE', 'GUILD_MEMBERS', member('updated')),
  row('GUILD_MEMBER_REMOVE', 'GUILD_MEMBERS', member('removed')),
  row('MESSAGE_REACTION_ADD', 'GUILD_MESSAGE_REACTIONS', reaction('added')),
  row('MESSAGE_REACTION_REMOVE', 'GUILD_MESSAGE_REACTIONS', reaction('removed')),
  row('MESSAGE_DELETE', null, deleted('guild')),
  row('PUBLIC_MESSAGE_DELETE', null, deleted('guild')),
  row('DIRECT_MESSAGE_DELETE', null, deleted('direct')),
  row('MESSAGE_AUDIT_PASS', 'MESSAGE_AUDIT', passed),
  row('MESSAGE_AUDIT_REJECT', 'MESSAGE_AUDIT', rejected),
  row('GROUP_ADD_ROBOT', 'GROUP_AND_C2C_EVENT', group('added')),
  row('GROUP_DEL_ROBOT', 'GROUP_AND_C2C_EVENT', group('removed')),
  row('GROUP_MSG_REJECT', 'GROUP_AND_C2C_EVENT', group('closed')),
  row('GROUP_MSG_RECEIVE', 'GROUP_AND_C2C_EVENT', group('opened')),
  row('FRIEND_ADD', 'GROUP_AND_C2C_EVENT', friend('added')),
  row('FRIEND_DEL', 'GROUP_AND_C2C_EVENT', friend('removed')),
  row('C2C_MSG_REJECT', 'GROUP_AND_C2C_EVENT', friend('closed')),
  row('C2C_MSG_RECEIVE', 'GROUP_AND_C2C_EVENT', friend('opened')),
  row('GROUP_MEMBER_ADD', 'GROUP_MEMBERS', groupMember('added')),
  row('GROUP_MEMBER_REMOVE', 'GROUP_MEMBERS', groupMember('removed')),
  row('ENTER_AIO', 'ENTER_AIO', entered),
  row('SUBSCRIBE_MESSAGE_STATUS', 'GROUP_AND_C2C_EVENT', subscription),
  row('AUDIO_OR_LIVE_CHANNEL_MEMBER_ENTER', 'AUDIO_OR_LIVE_CHANNEL_MEMBER', audioMember('entered')),
  row('AUDIO_OR_LIVE_CHANNEL_MEMBER_EXIT', 'AUDIO_OR_LIVE_CHANNEL_MEMBER', audioMember('left')),
  row('AUDIO_START', 'AUDIO_ACTION', audio('started')),
  row('AUDIO_FINISH', 'AUDIO_ACTION', audio('finished')),
  row('AUDIO_ON_MIC', 'AUDIO_ACTION', audio('onMic')),
  row('AUDIO_OFF_MIC', 'AUDIO_ACTION', audio('offMic')),
  ...forums('FORUM_', null),
  ...forums('OPEN_FORUM_', 'OPEN_FORUMS_EVENT'),
  row('FORUM_PUBLISH_AUDIT_RESULT', null, forum('audit', 'ended', false)),
];
export const EVENT_READERS: ReadonlyMap<string, EventRow['read']> = new Map(
  EVENT_ROWS.map(({ name, read }) => [name, read]),
);
