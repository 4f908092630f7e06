import type { z } from 'zod';
import type { Attachment, InboundMessage, Place } from '../../../machines/vocabulary/base.js';
import {
  attachmentSchema,
  c2cMessageSchema,
  groupMessageSchema,
  interactionSchema,
  messageSchema,
  type WireC2CMessage,
  type WireGroupMessage,
  type WireInteraction,
  type WireMessage,
} from './fields.js';
import { mentionsIn, stripMentions, unescapeEntities } from './userText.js';

/** Files of one message that are told. */
export const ATTACHMENTS_MAX = 20;
/** Users mentioned in one message that are told. */
export const MENTIONS_MAX = 100;
/** Interactions that carry a text: a button's callback, an entry of the c2c menu. */
const TELLING = [11, 12];

export interface MessageSource {
  /** QQ's name of the event. */
  readonly t: string;
  readonly eventId: string | null;
  /** The bot's own user id, as far as it is known. */
  readonly botId: string | null;
}
/** The message; an interaction that is none; or what is wrong with it. */
export type ReadMessage =
  | { readonly message: InboundMessage }
  | { readonly interaction: string; readonly kind: number | null }
  | { readonly error: z.ZodError };

/** The message in `d`, or null when this event is none. */
export function readMessage(d: unknown, source: MessageSource): ReadMessage | null {
  switch (source.t) {
    case 'AT_MESSAGE_CREATE':
    case 'MESSAGE_CREATE':
    case 'DIRECT_MESSAGE_CREATE':
      return read(messageSchema, d, (wire) => fromGuild(wire, source));
    case 'GROUP_AT_MESSAGE_CREATE':
    case 'GROUP_MESSAGE_CREATE':
      return read(groupMessageSchema, d, (wire) => fromGroup(wire, source));
    case 'C2C_MESSAGE_CREATE':
      return read(c2cMessageSchema, d, (wire) => fromC2C(wire));
    case 'INTERACTION_CREATE': {
      const wire = interactionSchema.safeParse(d);
      if (!wire.success) return { error: wire.error };
      const message = fromInteraction(wire.data, source);
      return message ? { message } : { interaction: wire.data.id, kind: wire.data.type ?? null };
    }
    default:
      return null;
  }
}

function read<S extends z.ZodType>(schema: S, d: unknown, build: (wire: z.infer<S>) => InboundMessage): ReadMessage {
  const wire = schema.safeParse(d);
  return wire.success ? { message: build(wire.data) } : { error: wire.error };
}

function fromGuild(wire: WireMessage, { t, botId }: MessageSource): InboundMessage {
  const { content, mentionsBot, mentions } = readContent(wire, botId);
  const kind = t === 'DIRECT_MESSAGE_CREATE' ? 'direct' : 'guild';
  const quotes = wire.message_reference?.message_id;
  return {
    id: wire.id,
    place: { kind, guildId: wire.guild_id, channelId: wire.channel_id },
    author: {
      id: wire.author.id,
      username: wire.author.username ?? '',
      bot: wire.author.bot ?? false,
      roles: wire.member?.roles ?? [],
    },
    content,
    mentionsBot: mentionsBot || t === 'AT_MESSAGE_CREATE',
    ...mentions,
    ...filesOf(wire.attachments),
    ...(quotes === undefined ? {} : { quotes }),
  };
}

/** The platform has taken the bot's mention out of `content`; a blank stays in front. */
function fromGroup(wire: WireGroupMessage, { t, botId }: MessageSource): InboundMessage {
  const { member_openid, member_role, username, bot } = wire.author;
  return {
    ...commonOf(wire, botId),
    place: { kind: 'group', guildId: '', channelId: wire.group_openid },
    author: {
      id: member_openid,
      username: username ?? '',
      bot: bot ?? false,
      roles: member_role ? [member_role] : [],
    },
    mentionsBot: t === 'GROUP_AT_MESSAGE_CREATE',
  };
}

function fromC2C(wire: WireC2CMessage): InboundMessage {
  const { user_openid, username, bot } = wire.author;
  return {
    ...commonOf(wire, null),
    place: { kind: 'c2c', guildId: '', channelId: user_openid },
    author: { id: user_openid, username: username ?? '', bot: bot ?? false, roles: [] },
    mentionsBot: false,
  };
}

function commonOf(
  wire: Pick<WireC2CMessage, 'id' | 'content' | 'attachments' | 'message_scene'>,
  botId: string | null,
): Omit<InboundMessage, 'place' | 'author' | 'mentionsBot'> {
  const text = wire.content ?? '';
  const index = extension(wire, 'msg_idx');
  const quotes = extension(wire, 'ref_msg_idx');
  return {
    id: wire.id,
    content: unescapeEntities(botId === null ? text : stripMentions(text, [botId])).trim(),
    ...othersIn(text, botId),
    ...filesOf(wire.attachments),
    ...(quotes === null ? {} : { quotes }),
    ...(index === null ? {} : { index }),
  };
}

/** `message_scene.ext` is a list of `key=value`; values may hold `=`. */
function extension({ message_scene: scene }: Pick<WireC2CMessage, 'message_scene'>, key: string): string | null {
  const entry = scene?.ext?.find((candidate) => candidate.startsWith(`${key}=`));
  const value = entry?.slice(key.length + 1) ?? '';
  return value === '' || value.length > 512 ? null : value;
}

/**
 * A press of a button is what the button says, written by whoever pressed it. Null: it says nothing, or nobody knows
 * where.
 */
function fromInteraction(wire: WireInteraction, { eventId }: MessageSource): InboundMessage | null {
  const { resolved } = wire.data ?? {};
  const content = resolved?.button_data ?? resolved?.feature_id ?? null;
  const from = placeOf(wire);
  if (!TELLING.includes(wire.type ?? 0) || content === null || eventId === null || from === null) return null;
  return {
    id: wire.id,
    place: from.place,
    author: { id: from.author, username: '', bot: false, roles: [] },
    content: content.trim(),
    mentionsBot: true,
    pressed: true,
    event: eventId,
  };
}

function placeOf(wire: WireInteraction): { place: Place; author: string } | null {
  const { guild_id, channel_id, group_openid, group_member_openid, user_openid } = wire;
  const user = wire.data?.resolved?.user_id ?? null;
  if (wire.scene === 'group' || wire.chat_type === 1) {
    const author = group_member_openid ?? user;
    if (!group_openid || !author) return null;
    return { place: { kind: 'group', guildId: '', channelId: group_openid }, author };
  }
  if (wire.scene === 'c2c' || wire.chat_type === 2) {
    const author = user_openid ?? user;
    return author ? { place: { kind: 'c2c', guildId: '', channelId: author }, author } : null;
  }
  if (!guild_id || !channel_id || !user) return null;
  return { place: { kind: 'guild', guildId: guild_id, channelId: channel_id }, author: user };
}

/** Guild addresses come without a scheme. A file that cannot be read is left out, not its message. */
function filesOf(wire: readonly unknown[] | null | undefined): { attachments?: readonly Attachment[] } {
  const attachments = (wire ?? []).slice(0, ATTACHMENTS_MAX).flatMap((one) => {
    const file = attachmentSchema.safeParse(one);
    if (!file.success) return [];
    const { url, content_type: contentType, filename: name, size: bytes } = file.data;
    return [{ url: /^[a-z][a-z\d+.-]*:\/\//i.test(url) ? url : `https://${url}`, contentType, name, bytes }];
  });
  return attachments.length > 0 ? { attachments } : {};
}

/** Without the bot's id: the only bot mentioned is taken for it, or of several the one that the message starts with. */
function readContent(
  wire: WireMessage,
  botId: string | null,
): { content: string; mentionsBot: boolean; mentions: Pick<InboundMessage, 'mentions'> } {
  const text = wire.content ?? '';
  const mentioned = wire.mentions ?? [];
  const bots = [...new Set(mentioned.filter(({ bot }) => bot).map(({ id }) => id))];
  const own = botId ?? (bots.length > 1 ? bots.find((id) => startsWithMention(text, id)) : bots[0]) ?? null;
  const mentions = othersIn(text, own);
  if (own === null) return { content: unescapeEntities(text).trim(), mentionsBot: bots.length > 0, mentions };
  const isTagged = text.includes(`<@!${own}>`) || text.includes(`<@${own}>`);
  return {
    content: unescapeEntities(stripMentions(text, [own])).trim(),
    mentionsBot: isTagged || mentioned.some(({ id }) => id === own),
    mentions,
  };
}

function othersIn(text: string, own: string | null): Pick<InboundMessage, 'mentions'> {
  const mentions = mentionsIn(text).filter((id) => id !== own);
  return mentions.length > 0 ? { mentions: mentions.slice(0, MENTIONS_MAX) } : {};
}

function startsWithMention(text: string, id: string): boolean {
  const head = text.trimStart();
  return head.startsWith(`<@!${id}>`) || head.startsWith(`<@${id}>`);
}
