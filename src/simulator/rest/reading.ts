import { stampOf } from '../kit/time.js';
import type { Platform } from '../platform.js';
import { userOf } from '../world/bots.js';
import type { Known } from '../world/messages.js';
import type { Channel, Guild, Member } from '../world/world.js';
import { type Exchange, type Outcome, refused, said } from './exchange.js';

/** Members, and guilds, in one answer. */
const LIST_MAX = 400;
const GUILDS_MAX = 100;
const MESSAGES_MAX = 20;

/** What bots can look up. Ids that were never named are unknown here: looking does not make them. */
export class Reading {
  constructor(private readonly platform: Platform) {}

  me({ bot }: Exchange): Outcome {
    return said({ ...userOf(bot), union_openid: '', union_user_account: '' });
  }
  guilds({ query }: Exchange): Outcome {
    const all = this.platform.world.guildList();
    const limit = limitOf(query.limit, GUILDS_MAX);
    const after = query.after ? all.findIndex(({ id }) => id === query.after) + 1 : 0;
    const before = query.before ? all.findIndex(({ id }) => id === query.before) : all.length;
    const from = query.before ? Math.max(0, before - limit) : after;
    return said(all.slice(from, Math.min(before, from + limit)).map((guild) => this.guildShown(guild)));
  }
  guild({ path }: Exchange): Outcome {
    const { world } = this.platform;
    const id = path.id ?? '';
    return world.hasGuild(id) ? said(this.guildShown(world.guild(id))) : refused(400, 10004, 'guild does not exist');
  }
  channels({ path }: Exchange): Outcome {
    const { world } = this.platform;
    const id = path.id ?? '';
    if (!world.hasGuild(id)) return refused(400, 10004, 'guild does not exist');
    return said(world.channelsOf(id).map(channelShown));
  }
  channel({ path }: Exchange): Outcome {
    const { world } = this.platform;
    const id = path.id ?? '';
    return world.hasChannel(id) ? said(channelShown(world.channel(id))) : refused(400, 10003, 'channel does not exist');
  }
  members({ path, query }: Exchange): Outcome {
    const { world } = this.platform;
    const id = path.id ?? '';
    if (!world.hasGuild(id)) return refused(400, 10004, 'guild does not exist');
    const all = [...world.membersOf(id)].sort((a, b) => (a.userId < b.userId ? -1 : 1));
    const after = query.after ?? '0';
    const rest = after === '0' ? all : all.filter(({ userId }) => userId > after);
    return said(rest.slice(0, limitOf(query.limit, LIST_MAX, 1)).map(memberShown));
  }
  member({ path }: Exchange): Outcome {
    const { world } = this.platform;
    const [id = '', user = ''] = [path.id, path.user];
    if (!world.hasMember(id, user)) return refused(400, 10001, 'member does not exist');
    return said(memberShown(world.member(id, user)));
  }
  message({ path }: Exchange): Outcome {
    const known = this.platform.messages.find(path.message ?? '');
    if (!known || known.recalled || known.channelId !== path.id) return refused(400, 50038, 'message does not exist');
    return said({ message: messageShown(known) });
  }
  /** Of a channel the newest, or those next to a message (`before`, `after`, `around`); oldest first. */
  messages({ path, query, bot }: Exchange): Outcome {
    const { channelHistory } = this.platform.options.policies;
    if (channelHistory === 'none' || (channelHistory === 'private' && !bot.isPrivate))
      return refused(401, 11253, 'no permission to read the messages of this channel');
    const { before, after, around } = query;
    const here = this.platform.messages.of(path.id ?? '').filter((known) => !known.recalled);
    const limit = limitOf(query.limit, MESSAGES_MAX);
    const anchor = here.findIndex(({ id }) => id === (before ?? after ?? around));
    let from = here.length - limit;
    if (before !== undefined) from = anchor - limit;
    else if (after !== undefined) from = anchor + 1;
    else if (around !== undefined) from = anchor - Math.floor(limit / 2);
    const end = before === undefined ? from + limit : anchor;
    return said(here.slice(Math.max(0, from), Math.max(0, end)).map(messageShown));
  }
  permissions(): Outcome {
    const apis = ['/channels/{channel_id}/messages', '/guilds/{guild_id}/members/{user_id}'];
    return said({
      apis: apis.map((path) => ({
        path,
        method: path.includes('members') ? 'GET' : 'POST',
        desc: path,
        auth_status: 1,
      })),
    });
  }

  private guildShown({ id, name, ownerId }: Guild): object {
    const count = this.platform.world.membersOf(id).length;
    return {
      id,
      name,
      icon: '',
      owner_id: ownerId,
      owner: false,
      joined_at: stampOf(0),
      member_count: count,
      max_members: 300,
      description: '',
    };
  }
}

function limitOf(text: string | undefined, most: number, otherwise = most): number {
  const limit = Number(text ?? otherwise);
  return Number.isInteger(limit) && limit > 0 ? Math.min(limit, most) : otherwise;
}

function messageShown({ id, channelId, guildId, content, author, at }: Known): object {
  return { id, channel_id: channelId, guild_id: guildId, content, author, timestamp: stampOf(at) };
}

export function channelShown({ id, guildId, name, type, subType, more }: Channel): object {
  return {
    id,
    guild_id: guildId,
    name,
    type,
    sub_type: subType,
    position: 1,
    parent_id: '0',
    owner_id: 'owner',
    private_type: 0,
    speak_permission: 1,
    application_id: '0',
    permissions: '7',
    ...more,
  };
}

export function memberShown({ userId, username, nick, roles, joinedAt, isBot }: Member): object {
  const user = { id: userId, username, avatar: '', bot: isBot, union_openid: '', union_user_account: '' };
  return { user, nick: nick || username, roles, joined_at: joinedAt };
}
