import type { Random } from '../kit/random.js';

/** Intent bits that exist. */
export const KNOWN_INTENTS = maskOf([0, 1, 9, 10, 12, 18, 19, 23, 24, 25, 26, 27, 28, 29, 30]);
/** Bits that only private bots (私域) may use: GUILD_MESSAGES and FORUMS_EVENT. */
const PRIVATE_INTENTS = maskOf([9, 28]);

export function maskOf(bits: readonly number[]): number {
  return bits.reduce((mask, bit) => mask | (1 << bit), 0);
}

/** What a bot may do. Absent: the default of the simulator. */
export interface BotRequest {
  readonly appId: string;
  /** The only secret that logs in; absent: any. */
  readonly secret?: string | undefined;
  readonly username?: string | undefined;
  /** Private bots hear every message of a channel and may delete messages of others. */
  readonly isPrivate?: boolean | undefined;
  readonly permittedIntents?: number | undefined;
  /** Native Markdown and buttons. */
  readonly mayMarkdown?: boolean | undefined;
  readonly mayKeyboard?: boolean | undefined;
  /** `offline`: close 4914; `banned`: 4915 and code 11265. */
  readonly state?: 'online' | 'offline' | 'banned' | undefined;
  /** Where its events are pushed by HTTP instead of the gateway. */
  readonly webhookUrl?: string | null | undefined;
  /** Group messages that do not mention it. */
  readonly hearsGroups?: boolean | undefined;
}
export interface Bot {
  readonly appId: string;
  readonly id: string;
  readonly username: string;
  readonly avatar: string;
  readonly secret: string | null;
  readonly isPrivate: boolean;
  readonly permittedIntents: number;
  readonly mayMarkdown: boolean;
  readonly mayKeyboard: boolean;
  readonly state: 'online' | 'offline' | 'banned';
  readonly webhookUrl: string | null;
  readonly hearsGroups: boolean;
}
export interface BotDefaults {
  readonly isPrivate: boolean;
  readonly permittedIntents: number | null;
  readonly mayMarkdown: boolean;
  readonly mayKeyboard: boolean;
}

/** Bots of one platform. */
export const BOTS_MAX = 100;
/** The user id of the first bot; later ones count on. */
const FIRST_ID = 6_000_000_000_000_000_001n;
/** Told as 400 by the control API. */
export class TooManyBots extends RangeError {
  readonly statusCode = 400;
}

/** The bots that the platform knows. One that logs in unknown is made then. */
export class Bots {
  private readonly list = new Map<string, Bot>();
  /** Intents that were granted by name, which a later change of something else keeps. */
  private readonly granted = new Map<string, number>();

  constructor(
    private readonly defaults: BotDefaults,
    readonly random: Random,
  ) {}

  /** Makes a bot, or changes what is named. Throws TooManyBots. */
  put(request: BotRequest): Bot {
    const old = this.list.get(request.appId);
    if (!old && this.list.size >= BOTS_MAX) throw new TooManyBots(`there are ${BOTS_MAX} bots already`);
    const isPrivate = request.isPrivate ?? old?.isPrivate ?? this.defaults.isPrivate;
    const allowed = isPrivate ? KNOWN_INTENTS : KNOWN_INTENTS & ~PRIVATE_INTENTS;
    const granted = request.permittedIntents ?? this.granted.get(request.appId);
    if (granted !== undefined) this.granted.set(request.appId, granted);
    const bot: Bot = {
      appId: request.appId,
      id: old?.id ?? String(FIRST_ID + BigInt(this.list.size)),
      username: request.username ?? old?.username ?? (this.list.size === 0 ? 'kintsugi' : `bot-${this.list.size + 1}`),
      avatar: '',
      secret: request.secret ?? old?.secret ?? null,
      isPrivate,
      permittedIntents: granted ?? this.defaults.permittedIntents ?? allowed,
      mayMarkdown: request.mayMarkdown ?? old?.mayMarkdown ?? this.defaults.mayMarkdown,
      mayKeyboard: request.mayKeyboard ?? old?.mayKeyboard ?? this.defaults.mayKeyboard,
      state: request.state ?? old?.state ?? 'online',
      webhookUrl: request.webhookUrl === undefined ? (old?.webhookUrl ?? null) : request.webhookUrl,
      hearsGroups: request.hearsGroups ?? old?.hearsGroups ?? false,
    };
    this.list.set(bot.appId, bot);
    return bot;
  }
  /** The bot of this app id, made when it is new. Throws TooManyBots. */
  of(appId: string): Bot {
    return this.list.get(appId) ?? this.put({ appId });
  }
  find(appId: string): Bot | undefined {
    return this.list.get(appId);
  }
  all(): readonly Bot[] {
    return [...this.list.values()];
  }
  /** The bot that a message mentions unless it says which. */
  get first(): Bot {
    return this.list.values().next().value ?? NOBODY;
  }
}

/** Before any bot has logged in, the first one is already mentioned by the id that it will have. */
const NOBODY: Bot = {
  appId: '',
  id: String(FIRST_ID),
  username: 'kintsugi',
  avatar: '',
  secret: null,
  isPrivate: false,
  permittedIntents: 0,
  mayMarkdown: true,
  mayKeyboard: true,
  state: 'online',
  webhookUrl: null,
  hearsGroups: false,
};

/** A bot as user objects show it. */
export function userOf({ id, username, avatar }: Bot): { id: string; username: string; avatar: string; bot: true } {
  return { id, username, avatar, bot: true };
}
