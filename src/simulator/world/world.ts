import { stampOf } from '../kit/time.js';

export interface Guild {
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
}
export interface Channel {
  readonly id: string;
  readonly guildId: string;
  readonly name: string;
  readonly type: number;
  readonly subType: number;
  /** Further fields as a bot gave them, under QQ's names. */
  readonly more: { readonly [field: string]: unknown };
}
export interface Member {
  readonly guildId: string;
  readonly userId: string;
  readonly username: string;
  readonly nick: string;
  readonly roles: readonly string[];
  readonly joinedAt: string;
  readonly isBot: boolean;
}
type Named<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** Guilds, channels and members each; the oldest are forgotten first. */
export const WORLD_MAX = 50_000;
/** The guild of channels that nobody has placed; a number, since clients compute their shard from it. */
export const HOME = '5000000000000000001';

/** An id as the platform gives them, always the same for the same text. */
export function idOf(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return String((hash % 9_000_000_000_000_000n) + 1_000_000_000_000_000n);
}
/** The channel of a direct-message session. */
export function directChannelOf(session: string): string {
  return idOf(`channel ${session}`);
}

/** Who and what there is: every id that is named comes into being. */
export class World {
  private readonly guilds = new Map<string, Guild>();
  private readonly channels = new Map<string, Channel>();
  private readonly members = new Map<string, Member>();
  /** Members by guild, for lists. */
  private readonly byGuild = new Map<string, Set<string>>();

  constructor(private readonly now: () => number) {}

  guild(id: string): Guild {
    return this.guilds.get(id) ?? this.putGuild({ id });
  }
  hasGuild(id: string): boolean {
    return this.guilds.has(id);
  }
  putGuild(guild: Pick<Guild, 'id'> & Named<Guild>): Guild {
    const full = { name: `guild ${guild.id}`, ownerId: 'owner', ...this.guilds.get(guild.id), ...named(guild) };
    return put(this.guilds, guild.id, full as Guild);
  }
  channel(id: string, guildId?: string): Channel {
    const known = this.channels.get(id);
    return known && (guildId === undefined || known.guildId === guildId) ? known : this.putChannel({ id, guildId });
  }
  hasChannel(id: string): boolean {
    return this.channels.has(id);
  }
  putChannel(channel: Pick<Channel, 'id'> & Named<Channel>): Channel {
    const full = {
      guildId: HOME,
      name: `channel ${channel.id}`,
      type: 0,
      subType: 0,
      more: {},
      ...this.channels.get(channel.id),
    };
    const made = { ...full, ...named(channel) } as Channel;
    this.guild(made.guildId);
    return put(this.channels, made.id, made);
  }
  removeChannel(id: string): Channel | undefined {
    const channel = this.channels.get(id);
    this.channels.delete(id);
    return channel;
  }
  member(guildId: string, userId: string): Member {
    return this.members.get(keyOf(guildId, userId)) ?? this.putMember({ guildId, userId });
  }
  hasMember(guildId: string, userId: string): boolean {
    return this.members.has(keyOf(guildId, userId));
  }
  putMember(member: Pick<Member, 'guildId' | 'userId'> & Named<Member>): Member {
    const { guildId, userId } = member;
    const key = keyOf(guildId, userId);
    const fresh = { username: userId, nick: '', roles: ['1'], joinedAt: stampOf(this.now()), isBot: false };
    const made = { ...fresh, ...this.members.get(key), ...named(member) } as Member;
    this.guild(guildId);
    const inGuild = this.byGuild.get(guildId) ?? new Set();
    if (inGuild.size < WORLD_MAX) this.byGuild.set(guildId, inGuild.add(userId));
    return put(this.members, key, made);
  }
  removeMember(guildId: string, userId: string): Member | undefined {
    const key = keyOf(guildId, userId);
    const member = this.members.get(key);
    this.members.delete(key);
    this.byGuild.get(guildId)?.delete(userId);
    return member;
  }
  guildList(): readonly Guild[] {
    return [...this.guilds.values()];
  }
  channelsOf(guildId: string): readonly Channel[] {
    return [...this.channels.values()].filter((channel) => channel.guildId === guildId);
  }
  membersOf(guildId: string): readonly Member[] {
    return [...(this.byGuild.get(guildId) ?? [])].flatMap((userId) => this.members.get(keyOf(guildId, userId)) ?? []);
  }
}

function keyOf(guildId: string, userId: string): string {
  return JSON.stringify([guildId, userId]);
}

function put<T>(map: Map<string, T>, key: string, value: T): T {
  map.set(key, value);
  if (map.size > WORLD_MAX) map.delete(map.keys().next().value as string);
  return value;
}

function named<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as Partial<T>;
}
