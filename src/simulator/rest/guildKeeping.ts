import type { Platform } from '../platform.js';
import type { Channel } from '../world/world.js';
import { type Body, type Exchange, NOTHING, type Outcome, refused, said } from './exchange.js';
import { channelShown, memberShown } from './reading.js';
import { Shelf } from './shelf.js';

interface Role {
  readonly id: string;
  readonly name: string;
  readonly color: number;
  readonly hoist: number;
}
/** Roles that every guild has; the numbers are QQ's. */
const ROLES: readonly Role[] = [
  ['4', '创建者'],
  ['2', '管理员'],
  ['5', '子频道管理员'],
  ['1', '普通成员'],
].map(([id, name]) => ({ id: id!, name: name!, color: 4_278_245_297, hoist: 1 }));
/** Numbers of the roles that bots make begin here. */
const FIRST_ROLE = 10_000_001;
const MEMBERS_MAX = 400;
/** What everyone may in a channel: see it, and speak. */
const PERMISSIONS = '5';

/** Channels, roles and permissions of guilds, as bots make and change them. */
export class GuildKeeping {
  private readonly roles = new Shelf<Role>();
  private readonly permissions = new Shelf<string>();
  private serial = 0;

  constructor(private readonly platform: Platform) {}

  createChannel({ path, body, bot }: Exchange): Outcome {
    const guildId = path.id ?? '';
    if (typeof body.name !== 'string' || body.name === '') return refused(400, 12002, 'name is missing');
    const id = String(1_000_000 + Math.floor(this.platform.random.next() * 1e9));
    return this.keepChannel('CHANNEL_CREATE', { id, guildId, more: { owner_id: bot.id } }, body);
  }
  changeChannel({ path, body }: Exchange): Outcome {
    const id = path.id ?? '';
    if (!this.platform.world.hasChannel(id)) return refused(400, 10003, 'channel does not exist');
    return this.keepChannel('CHANNEL_UPDATE', this.platform.world.channel(id), body);
  }
  deleteChannel({ path, bot }: Exchange): Outcome {
    const channel = this.platform.world.removeChannel(path.id ?? '');
    if (!channel) return refused(400, 10003, 'channel does not exist');
    this.publishChannel('CHANNEL_DELETE', channel, bot.id);
    return NOTHING;
  }

  listRoles({ path }: Exchange): Outcome {
    const id = path.id ?? '';
    const members = this.platform.world.membersOf(id);
    const roles = [...ROLES, ...this.roles.of(id)].map((role) => {
      const number = members.filter((member) => member.roles.includes(role.id)).length;
      return { ...role, number, member_limit: 50 };
    });
    return said({ guild_id: id, roles, role_num_limit: '30' });
  }
  createRole({ path, body }: Exchange): Outcome {
    const guild = path.id ?? '';
    this.serial += 1;
    const id = String(FIRST_ROLE + this.serial);
    const role = this.roles.put(guild, id, roleFrom(body, { id, name: `role ${id}`, color: 0, hoist: 0 }));
    return said({ role_id: id, role: { ...role, number: 0, member_limit: 50 } });
  }
  changeRole({ path, body }: Exchange): Outcome {
    const [guild = '', id = ''] = [path.id, path.role];
    const old = this.roles.find(guild, id) ?? ROLES.find((role) => role.id === id);
    if (!old) return refused(400, 12001, 'role does not exist');
    const role = this.roles.put(guild, id, roleFrom(body, old));
    return said({ guild_id: guild, role_id: id, role });
  }
  deleteRole({ path }: Exchange): Outcome {
    return this.roles.remove(path.id ?? '', path.role ?? '') ? NOTHING : refused(400, 12001, 'role does not exist');
  }
  membersOfRole({ path, query }: Exchange): Outcome {
    const from = Number(query.start_index ?? 0) || 0;
    const limit = Math.min(MEMBERS_MAX, Number(query.limit ?? 1) || 1);
    const all = this.platform.world.membersOf(path.id ?? '').filter(({ roles }) => roles.includes(path.role ?? ''));
    const next = from + limit < all.length ? String(from + limit) : '0';
    return said({ data: all.slice(from, from + limit).map(memberShown), next });
  }

  permissionsOf(subject: 'user' | 'role', { path }: Exchange): Outcome {
    const [id = '', who = ''] = [path.id, path[subject]];
    const permissions = this.permissions.find(`${subject} ${id}`, who) ?? PERMISSIONS;
    return said({ channel_id: id, [`${subject}_id`]: who, permissions });
  }
  /** `add` and `remove` are sums of bits, as text. */
  changePermissions(subject: 'user' | 'role', { path, body }: Exchange): Outcome {
    const [id = '', who = ''] = [path.id, path[subject]];
    const [add, remove] = [bitsOf(body.add), bitsOf(body.remove)];
    if (add === null || remove === null) return refused(400, 12002, 'add and remove are numbers as text');
    const owner = `${subject} ${id}`;
    const before = Number(this.permissions.find(owner, who) ?? PERMISSIONS);
    this.permissions.put(owner, who, String((before | add) & ~remove));
    return NOTHING;
  }

  messageSetting(): Outcome {
    return said({ disable_create_dm: false, disable_push_msg: false, channel_ids: [], channel_push_max_num: 20 });
  }

  private keepChannel(
    event: string,
    channel: Pick<Channel, 'id' | 'guildId'> & Partial<Channel>,
    { name, type, sub_type: subType, ...rest }: Body,
  ): Outcome {
    const { world } = this.platform;
    const kept = world.putChannel({
      ...channel,
      ...(typeof name === 'string' ? { name } : {}),
      ...(typeof type === 'number' ? { type } : {}),
      ...(typeof subType === 'number' ? { subType } : {}),
      more: { ...channel.more, ...rest },
    });
    this.publishChannel(event, kept, String(kept.more.owner_id ?? 'owner'));
    return said(channelShown(kept));
  }
  private publishChannel(event: string, { id, guildId, name, type, subType }: Channel, by: string): void {
    this.platform.publishEvent(event, { guild_id: guildId, id, name, type, sub_type: subType, op_user_id: by });
  }
}

/** Some clients send the fields as they are, the older interface puts them into `info`. */
function roleFrom(body: Body, old: Role): Role {
  const { name, color, hoist } = { ...body, ...((body.info as Body | undefined) ?? {}) } as Body;
  return {
    id: old.id,
    name: typeof name === 'string' ? name : old.name,
    color: typeof color === 'number' ? color : old.color,
    hoist: typeof hoist === 'number' ? hoist : old.hoist,
  };
}

function bitsOf(value: unknown): number | null {
  if (value === undefined || value === '') return 0;
  const bits = Number(value);
  return Number.isInteger(bits) && bits >= 0 && bits < 2 ** 31 ? bits : null;
}
