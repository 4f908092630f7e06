import type { Random } from '../kit/random.js';
import { stampOf } from '../kit/time.js';
import { type Bot, userOf } from '../world/bots.js';
import type { PlaceKind } from '../world/messages.js';
import type { PlatformEvent } from '../world/sessions.js';
import { directChannelOf, HOME, type World } from '../world/world.js';

/** What a user writes, as the control API takes it. */
export interface UserMessage {
  readonly kind: PlaceKind;
  /** The channel; for `direct` the session; for `group` and `c2c` the openid. */
  readonly channelId: string;
  readonly content: string;
  readonly author?:
    | {
        readonly id?: string | undefined;
        readonly username?: string | undefined;
        readonly roles?: readonly string[] | undefined;
        readonly bot?: boolean | undefined;
        readonly memberRole?: string | undefined;
      }
    | undefined;
  readonly mention?: boolean | undefined;
  /** Posting the same event id again delivers the same message again. */
  readonly eventId?: string | undefined;
  readonly repeat?: number | undefined;
  readonly guildId?: string | undefined;
  readonly attachments?: readonly object[] | undefined;
  /** Id of the message that it quotes. */
  readonly reference?: string | undefined;
}
export interface Written {
  readonly id: string;
  readonly serial: number;
  readonly at: number;
}

const BIT = { guildMessages: 1 << 9, direct: 1 << 12, group: 1 << 25, mention: 1 << 30 } as const;
const ROLES: readonly string[] = ['owner', 'admin', 'member'];

/** A message's id of the kind that its place gives. */
export function messageIdFor(kind: PlaceKind, random: Random): string {
  return kind === 'guild' || kind === 'direct' ? `08${random.hex(46)}` : `ROBOT1.0_${random.token(43)}!`;
}

/**
 * The events by which bots hear of it: one, or for a bot that hears everything and is mentioned two of the same
 * message.
 */
export function eventsOf(
  message: UserMessage,
  written: Written,
  world: World,
  random: Random,
): readonly PlatformEvent[] {
  const { kind, mention = true, eventId } = message;
  const make = (
    t: string,
    intent: number,
    d: PlatformEvent['d'],
    more: Partial<PlatformEvent> = {},
  ): PlatformEvent => ({
    id: eventId ?? `${t}:${kind === 'group' || kind === 'c2c' ? random.base36(63) : random.uuid()}`,
    t,
    intent,
    d,
    guildId: null,
    ...more,
  });
  if (kind === 'direct') return [make('DIRECT_MESSAGE_CREATE', BIT.direct, directMessage(message, written))];
  if (kind === 'c2c') return [make('C2C_MESSAGE_CREATE', BIT.group, openMessage(message, written, random))];
  if (kind === 'group') {
    const d = openMessage(message, written, random);
    const overheard = make('GROUP_MESSAGE_CREATE', BIT.group, d, { wanted: (bot) => bot.hearsGroups });
    return mention ? [make('GROUP_AT_MESSAGE_CREATE', BIT.group, d), overheard] : [overheard];
  }
  const guildId = message.guildId ?? world.channel(message.channelId).guildId;
  const plain = guildMessage(message, written, world, guildId);
  if (!mention) return [make('MESSAGE_CREATE', BIT.guildMessages, plain, { guildId })];
  const mentioned = mentioning(plain);
  return [
    make('MESSAGE_CREATE', BIT.guildMessages, mentioned, { guildId }),
    make('AT_MESSAGE_CREATE', BIT.mention, mentioned, { guildId }),
  ];
}

/** The mention is of whichever bot hears it. */
function mentioning(plain: { readonly content?: string }): (bot: Bot) => object {
  return (bot) => ({ ...plain, content: `<@!${bot.id}> ${plain.content ?? ''}`, mentions: [userOf(bot)] });
}

function authorOf({ author = {} }: UserMessage) {
  const { id = 'u1', username = id, roles = [], bot = false } = author;
  return { id, username, roles, bot };
}

function common(message: UserMessage, { id, serial, at }: Written) {
  const { content, attachments, reference } = message;
  return {
    id,
    ...(content === '' && attachments ? {} : { content: escapeText(content) }),
    seq: serial,
    seq_in_channel: String(serial),
    timestamp: stampOf(at),
    ...(attachments ? { attachments } : {}),
    ...(reference === undefined ? {} : { message_reference: { message_id: reference } }),
  };
}

function guildMessage(message: UserMessage, written: Written, world: World, guildId: string): { content?: string } {
  const { id, username, roles, bot } = authorOf(message);
  const { joinedAt, nick } = world.member(guildId, id);
  return {
    ...common(message, written),
    author: { avatar: '', bot, id, username },
    channel_id: message.channelId,
    guild_id: guildId,
    member: { joined_at: joinedAt, nick: nick || username, roles },
  } as { content?: string };
}

/** The author has no `bot` key, unless it is one. */
function directMessage(message: UserMessage, written: Written): object {
  const { id, username, bot } = authorOf(message);
  return {
    ...common(message, written),
    author: { avatar: '', ...(bot ? { bot } : {}), id, username },
    channel_id: directChannelOf(message.channelId),
    direct_message: true,
    guild_id: message.channelId,
    src_guild_id: message.guildId ?? HOME,
    member: { joined_at: stampOf(written.at) },
  };
}

/** Groups and c2c: no numbers, a blank where the mention was, quotes by index. */
function openMessage(message: UserMessage, { id, at }: Written, random: Random): object {
  const { kind, content, attachments, reference, channelId } = message;
  const author = authorOf(message);
  const index = `REFIDX_${random.token(15)}==`;
  const ext = [...(reference === undefined ? [] : [`ref_msg_idx=${reference}`]), `msg_idx=${index}`];
  const shared = {
    id,
    ...(content === '' && attachments ? {} : { content: kind === 'group' ? ` ${content}` : content }),
    timestamp: stampOf(at),
    message_scene: { source: 'default', ext },
    message_type: reference === undefined ? 0 : 103,
    ...(attachments ? { attachments } : {}),
  };
  if (kind === 'c2c') {
    const user = {
      id: channelId,
      user_openid: channelId,
      union_openid: '',
      username: author.username,
      bot: author.bot,
    };
    return { ...shared, author: user };
  }
  const role = message.author?.memberRole ?? author.roles.find((one) => ROLES.includes(one)) ?? 'member';
  return {
    ...shared,
    author: {
      id: author.id,
      member_openid: author.id,
      union_openid: '',
      username: author.username,
      bot: author.bot,
      member_role: role,
    },
    group_id: channelId,
    group_openid: channelId,
  };
}

export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
