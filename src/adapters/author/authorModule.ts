import { nearest } from '../../base/nearest.js';
import type { Author, InboundMessage } from '../../machines/vocabulary/base.js';
import { EVENT_TYPES, type EventType } from '../../machines/vocabulary/facts/eventFacts.js';
import type { FactOf } from '../../machines/vocabulary/facts/facts.js';
import type { Button, Form } from '../../machines/vocabulary/replies/forms.js';
import type { ExternalCallOptions } from './externalCalls.js';

/**
 * What a handler may send. `text` is always there, and is what is left when QQ takes no better form; the best one that
 * QQ takes is sent: buttons and Markdown, then a card or an embed, then a picture, then the text. What a form cannot
 * carry is said in its text: buttons as a numbered list, a picture as its link.
 */
export type ReplyForm =
  | string
  | {
      readonly text: string;
      /** In a guild, the text as an embed; default true unless there is a picture. */
      readonly embed?: boolean;
      /** http or https, at most 2,048 characters. */
      readonly image?: string;
      /** Instead of `image`: path of a file on this machine, at most 10 MB, read when it is sent. */
      readonly imageFile?: string;
      /** Instead of the text where QQ permits Markdown; at most 20,000 characters. */
      readonly markdown?: string;
      /** One of QQ's card templates (23, 24, 37, or your own), filled in. */
      readonly ark?: Form['ark'];
      /**
       * 1 to 25; `command` is what pressing writes, by default the label. `quiet`: it is told to the bot alone (needs
       * INTERACTION).
       */
      readonly buttons?: readonly (Pick<Button, 'label'> & { readonly command?: string; readonly quiet?: boolean })[];
      /** Quote the message that this answers. */
      readonly quote?: boolean;
    };

/** What a handler is given. */
export interface HandlerContext {
  readonly message: InboundMessage;
  readonly author: Author;
  /** Whether the author may use commands marked `admin`. */
  readonly isAdmin: boolean;
  /** The same for every run of this handler for this message, in any process life. */
  readonly runId: string;
  /** 1 on the first run; higher when a process died in an earlier one. */
  readonly attempt: number;
  /**
   * Sends a reply. May be called several times; each is keyed (message, ordinal), so a handler that runs again after a
   * kill does not send twice what is already under way. Resolves when the reply is taken, not when it is delivered.
   * Throws TypeError for anything but text, and Error once the handler has ended.
   */
  reply(form: ReplyForm): Promise<void>;
  /**
   * Calls a foreign API under a breaker of its own, while the feature `externalApiCalls` is on. `fn` gets a signal that
   * is aborted when its time is over. Rejects with ExternalCallRefused (not called: feature off, breaker open),
   * ExternalCallTimeout, or what `fn` threw. A handler that runs again after a kill calls again.
   */
  callExternal<T>(name: string, fn: (signal: AbortSignal) => T | Promise<T>, options?: ExternalCallOptions): Promise<T>;
  /** Whether a feature is on now; a name that there is not is off. */
  feature(name: string): boolean;
  /**
   * Takes a message of this place back, by its id; in groups and c2c within 2 minutes, others' messages in private bots
   * only. Not journaled. Rejects with RecallRefused.
   */
  recall(messageId: string, options?: { readonly hideTip?: boolean }): Promise<void>;
}

/** Nothing, or a text as a short form of `ctx.reply`. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler without a return statement is the common one
export type HandlerResult = string | undefined | void | Promise<string | undefined | void>;

/** The longest reply window that there is: a private chat's. What a handler says after it goes nowhere. */
export const COMMAND_MS_MAX = 3_600_000;

export interface Command {
  /** Without the leading `!` or `/`; no white space. */
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One line for `!help`. */
  readonly description: string;
  /** Only for owners and admins of the guild and the users in KINTSUGI_ADMINS. */
  readonly admin?: boolean;
  readonly priority?: 'normal' | 'low';
  /** Time of its handler, a whole number of ms up to `COMMAND_MS_MAX`; default `handlers.timeoutMs`. */
  readonly timeoutMs?: number;
  /** May return a string as a short form of `ctx.reply`. */
  run(ctx: HandlerContext, args: readonly string[]): HandlerResult;
}

/** A bot, as its author writes it: `export const bot: BotModule = { … }`. Every part may be left out. */
export interface BotModule {
  readonly commands?: readonly Command[];
  /** Every message that is no known command. */
  readonly onMessage?: (ctx: HandlerContext) => HandlerResult;
  /** Messages of groups and of users outside guilds (c2c) that are no known command; default: `onMessage`. */
  readonly onGroupMessage?: (ctx: HandlerContext) => HandlerResult;
  /** Presses of `quiet` buttons that are no known command; default: `onMessage`. */
  readonly onButton?: (ctx: HandlerContext) => HandlerResult;
  /**
   * What else happens on the platform, by the fact's type. Each event is told once at most, after it is in the journal;
   * one that is told when the process dies is not told again.
   */
  readonly on?: { readonly [T in EventType]?: (event: FactOf<T>) => void | Promise<void> };
  /** A reply stands in the chat under this id. */
  readonly onDelivered?: (reply: Delivered) => void | Promise<void>;
  readonly onReady?: () => void | Promise<void>;
  readonly onError?: (error: {
    readonly message: string | null;
    readonly reason: string | null;
  }) => void | Promise<void>;
  readonly onDeadLetter?: (letter: {
    readonly message: string | null;
    readonly reason: string | null;
  }) => void | Promise<void>;
}

export interface Delivered {
  /** The message that was answered. */
  readonly message: string;
  readonly ordinal: number;
  readonly messageId: string;
}

/** The module cannot be used; the message names the part and the value. */
export class ModuleError extends Error {
  override readonly name = 'ModuleError';
}

const PARTS = [
  'commands',
  'on',
  'onMessage',
  'onGroupMessage',
  'onButton',
  'onReady',
  'onError',
  'onDeadLetter',
  'onDelivered',
] as const;

/** Checks what an author's file exports as `bot`. Throws ModuleError. */
export function checkModule(value: unknown, where: string): BotModule {
  const fail = (problem: string): never => {
    throw new ModuleError(`${where}: ${problem}`);
  };
  if (typeof value !== 'object' || value === null)
    return fail('it must export a const "bot", an object; see README, "A real bot"');
  for (const part of Object.keys(value)) {
    if (!PARTS.includes(part as (typeof PARTS)[number])) fail(`bot.${part} is not known; use ${PARTS.join(', ')}`);
  }
  const module = value as BotModule;
  checkEvents(module.on, fail);
  for (const part of PARTS.slice(2)) {
    if (module[part] !== undefined && typeof module[part] !== 'function') fail(`bot.${part} must be a function`);
  }
  if (module.commands !== undefined && !Array.isArray(module.commands)) fail('bot.commands must be an array');
  const taken = new Set<string>();
  for (const [i, command] of (module.commands ?? []).entries())
    checkCommand(command, `bot.commands[${i}]`, taken, fail);
  return module;
}

function checkEvents(on: unknown, fail: (problem: string) => never): void {
  if (on === undefined) return;
  if (typeof on !== 'object' || on === null) fail('bot.on must be an object of functions');
  for (const [type, listener] of Object.entries(on as object)) {
    if (!(EVENT_TYPES as readonly string[]).includes(type)) {
      const near = nearest(type, EVENT_TYPES);
      fail(
        `bot.on: there is no event "${type}"${near ? `; did you mean "${near}"?` : `; use ${EVENT_TYPES.join(', ')}`}`,
      );
    }
    if (typeof listener !== 'function') fail(`bot.on["${type}"] must be a function`);
  }
}

function checkCommand(command: Command, at: string, taken: Set<string>, fail: (problem: string) => never): void {
  if (typeof command !== 'object' || command === null) fail(`${at} must be an object`);
  if (typeof command.run !== 'function') fail(`${at}.run must be a function`);
  if (typeof command.description !== 'string' || command.description === '')
    fail(`${at}.description must be a text of one line`);
  for (const name of [command.name, ...(command.aliases ?? [])]) {
    if (typeof name !== 'string' || !/^[^\s!/]\S*$/u.test(name)) {
      fail(`${at}: the name ${JSON.stringify(name)} must be one word without a leading ! or /`);
    }
    const key = name.toLowerCase();
    if (taken.has(key)) fail(`${at}: the name "${name}" is used twice`);
    taken.add(key);
  }
  const { timeoutMs } = command;
  if (timeoutMs !== undefined && !(Number.isInteger(timeoutMs) && timeoutMs > 0 && timeoutMs <= COMMAND_MS_MAX)) {
    fail(
      `${at}.timeoutMs is ${typeof timeoutMs === 'number' ? timeoutMs : JSON.stringify(timeoutMs)}; it must be a whole number of ms from 1 to ${COMMAND_MS_MAX}, the longest time in which QQ takes a reply`,
    );
  }
}

/** A command line: `!name args…` or `/name args…` (QQ's panel sends the slash); null for anything else. */
export function parseCommand(content: string): { readonly name: string; readonly args: readonly string[] } | null {
  const [head, ...args] = content.trim().split(/\s+/u);
  if (!head || !/^[!/]\S/u.test(head)) return null;
  return { name: head.slice(1).toLowerCase(), args };
}
