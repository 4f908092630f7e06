import type { Effect, Log, Performers } from '../../actors/ports.js';
import { thrownOf } from '../../base/thrown.js';
import type { InboundMessage, Place, PlaceKind, RequestedReply, WorkStamp } from '../../machines/vocabulary/base.js';
import type { EffectOf } from '../../machines/vocabulary/effects.js';
import type { Fact } from '../../machines/vocabulary/facts/facts.js';
import type { Form } from '../../machines/vocabulary/replies/forms.js';
import type { Locale } from '../../machines/vocabulary/replies/words.js';
import { escapeText } from '../qq/wire/userText.js';
import { type BotModule, type Command, type HandlerContext, parseCommand } from './authorModule.js';
import { asAuthor, asOurselves, occasionNow } from './authorScope.js';
import type { BuiltInCommand } from './builtInCommands.js';
import type { ExternalCalls } from './externalCalls.js';
import { checkForm } from './replyForm.js';

/** Replies to one message. */
export const REPLIES_MAX = 100;

export interface HandlerTexts {
  readonly fallback: string;
  readonly helpHead: string;
  helpLine(name: string, description: string): string;
  readonly helpDescription: string;
  adminOnly(userId: string): string;
  /** What the author does about links that QQ refused. */
  linksRefused(domains: string): string;
}
export interface HandlerRunnerOptions {
  readonly module: BotModule;
  readonly texts: HandlerTexts;
  readonly admins: ReadonlySet<string>;
  readonly log: Log;
  /** Runs after what the event loop has at hand; replies of a handler that ends before need no record of their own. */
  readonly defer: (flush: () => void) => void;
  readonly locale: Locale;
  readonly builtIns: readonly BuiltInCommand[];
  readonly externals: ExternalCalls;
  /** Whether a feature is on. */
  readonly feature: (name: string) => boolean;
  readonly recall: (place: Place, messageId: string, options?: { readonly hideTip?: boolean }) => Promise<void>;
}
type Run = EffectOf<'handler.run'> & Effect;
type Post = (fact: Fact) => void;
type AuthorEffect = 'handler.run' | 'module.notify' | 'external.run' | 'external.refuse';
interface Task {
  readonly operator: boolean;
  run(ctx: HandlerContext): unknown;
}

/** Roles that may use admin commands: owner and admin. In private chats only those named in the configuration may. */
const ADMIN_ROLES: Readonly<Record<PlaceKind, readonly string[]>> = {
  guild: ['4', '2'],
  group: ['owner', 'admin'],
  direct: [],
  c2c: [],
};

/**
 * Runs the author's handlers: finds the command, gives it its context, and tells how it ended, always with exactly one
 * of `handler.completed` and `handler.failed`. A throw or nonsense in a handler never leaves it; how long it
 * may take is the chart's to say.
 */
export function createHandlerRunner(options: HandlerRunnerOptions): Performers<AuthorEffect> {
  const commands = commandsOf(options.module);
  return {
    ...options.externals.performers,
    'handler.run': (effect, post) => runHandler(options, effect, post, taskFor(options, commands, effect.message)),
    'module.notify': (effect) => notify(options, effect),
  };
}

function commandsOf(module: BotModule): ReadonlyMap<string, Command> {
  const commands = new Map<string, Command>();
  for (const command of module.commands ?? []) {
    for (const name of [command.name, ...(command.aliases ?? [])]) commands.set(name.toLowerCase(), command);
  }
  return commands;
}

/**
 * What kind of work a message is, told before it is journaled: the intake lets low work wait and limits built-in
 * commands, and a command's handler has the time that it asks for.
 */
export function createWorkOf(module: BotModule, builtIns: readonly BuiltInCommand[]): (content: string) => WorkStamp {
  const commands = commandsOf(module);
  const names = new Set(['help', ...builtIns.map(({ name }) => name)]);
  return (content) => {
    const line = parseCommand(content);
    if (!line) return ORDINARY;
    const command = commands.get(line.name);
    if (!command) return names.has(line.name) ? { work: 'command' } : ORDINARY;
    const { priority, timeoutMs } = command;
    return { ...(priority === 'low' ? { work: 'low' } : {}), ...(timeoutMs === undefined ? {} : { timeoutMs }) };
  };
}

const ORDINARY: WorkStamp = {};

function taskFor(options: HandlerRunnerOptions, commands: ReadonlyMap<string, Command>, message: InboundMessage): Task {
  const { module, texts } = options;
  const line = parseCommand(message.content);
  const command = line && commands.get(line.name);
  if (line && command) {
    if (command.admin && !isAdmin(options, message)) return says(texts.adminOnly(escapeText(message.author.id)));
    return { operator: false, run: (ctx) => command.run(ctx, line.args) };
  }
  if (line?.name === 'help') return says(helpText(options), true);
  const builtIn = line && options.builtIns.find(({ name }) => name === line.name);
  if (line && builtIn) {
    if (builtIn.admin && !isAdmin(options, message)) return says(texts.adminOnly(escapeText(message.author.id)), true);
    return { operator: true, run: (ctx) => builtIn.run(ctx, line.args) };
  }
  const handler = handlerFor(module, message);
  if (handler) return { operator: false, run: (ctx) => handler(ctx) };
  const isAddressed = message.mentionsBot || ['direct', 'c2c'].includes(message.place.kind);
  return isAddressed ? says(texts.fallback) : { operator: false, run: () => undefined };
}

function handlerFor(
  { onMessage, onGroupMessage, onButton }: BotModule,
  { place, pressed }: InboundMessage,
): BotModule['onMessage'] {
  if (pressed && onButton) return onButton;
  if (onGroupMessage && (place.kind === 'group' || place.kind === 'c2c')) return onGroupMessage;
  return onMessage;
}

function says(text: string, operator = false): Task {
  return { operator, run: () => text };
}

function helpText({ module, texts, builtIns }: HandlerRunnerOptions): string {
  const own = module.commands ?? [];
  const taken = commandsOf(module);
  const others = [...builtIns, { name: 'help', description: texts.helpDescription }].filter(
    ({ name }) => !taken.has(name),
  );
  return [
    texts.helpHead,
    ...[...own, ...others].map(({ name, description }) => texts.helpLine(name, description)),
  ].join('\n');
}

function isAdmin({ admins }: HandlerRunnerOptions, message: InboundMessage): boolean {
  if (admins.has(message.author.id)) return true;
  return message.author.roles.some((role) => ADMIN_ROLES[message.place.kind].includes(role));
}

async function runHandler(options: HandlerRunnerOptions, effect: Run, post: Post, task: Task): Promise<void> {
  const outbox = new Outbox(effect.id, post, options.defer);
  let externalCalls = 0;
  const ctx: HandlerContext = {
    message: effect.message,
    author: effect.message.author,
    isAdmin: isAdmin(options, effect.message),
    runId: effect.runId,
    attempt: effect.attempt,
    reply: async (form) => asOurselves(() => outbox.add(checkForm(form))),
    callExternal: (name, fn, callOptions) => {
      externalCalls += 1;
      const occasion = occasionNow();
      const authors = typeof fn === 'function' ? (signal: AbortSignal) => asAuthor(occasion, () => fn(signal)) : fn;
      return asOurselves(() => options.externals.call(effect.id, externalCalls - 1, post, name, authors, callOptions));
    },
    feature: options.feature,
    recall: (messageId, recallOptions) =>
      asOurselves(() => options.recall(effect.message.place, messageId, recallOptions)),
  };
  let result: unknown;
  try {
    const occasion = { message: effect.message.id, occasion: parseCommand(effect.message.content)?.name ?? null };
    result = await (task.operator ? task.run(ctx) : asAuthor(occasion, () => task.run(ctx)));
    if (typeof result === 'string') outbox.add(checkForm(result));
    else if (task.operator && result !== undefined) outbox.add(result as Form);
  } catch (error) {
    options.log.warn({ message: effect.message.id, error: thrownOf(error).text }, 'a handler threw');
    outbox.fail('threw', thrownOf(error).text);
    return;
  } finally {
    options.externals.forget(effect.id);
  }
  if (result !== undefined && typeof result !== 'string' && !task.operator) {
    options.log.warn(
      { message: effect.message.id, type: typeof result },
      'a handler returned neither nothing nor a text',
    );
    outbox.fail('nonsense', `returned a value of type ${result === null ? 'null' : typeof result}`);
    return;
  }
  outbox.complete(task.operator);
}

/** Replies of one run, in order. Those of a handler that ends at once travel with its end. */
class Outbox {
  private replies: RequestedReply[] = [];
  private next = 0;
  private ended = false;
  private flushing = false;

  constructor(
    private readonly effectId: string,
    private readonly post: Post,
    private readonly defer: (flush: () => void) => void,
  ) {}

  add(form: Form): void {
    if (this.ended) throw new Error('ctx.reply after the handler has ended; await what it does before it returns');
    if (this.next >= REPLIES_MAX) throw new RangeError(`more than ${REPLIES_MAX} replies to one message`);
    this.replies.push({ ordinal: this.next, form });
    this.next += 1;
    if (this.flushing) return;
    this.flushing = true;
    this.defer(() => this.flush());
  }
  complete(operator: boolean): void {
    this.ended = true;
    this.post({ type: 'handler.completed', effectId: this.effectId, replies: this.take(), operator });
  }
  fail(reason: 'threw' | 'nonsense', error: string): void {
    this.flush();
    this.ended = true;
    this.post({ type: 'handler.failed', effectId: this.effectId, reason, error });
  }
  private flush(): void {
    this.flushing = false;
    if (this.ended || this.replies.length === 0) return;
    this.post({ type: 'reply.requested', effectId: this.effectId, replies: this.take() });
  }
  private take(): readonly RequestedReply[] {
    const taken = this.replies;
    this.replies = [];
    return taken;
  }
}

async function notify(options: HandlerRunnerOptions, effect: EffectOf<'module.notify'>): Promise<void> {
  const { module, log } = options;
  const { message, reason } = effect;
  const asListener = <T>(run: () => T): T => asAuthor({ message: message ?? null, occasion: effect.event }, run);
  try {
    if (effect.event === 'ready') await asListener(() => module.onReady?.());
    else if (effect.event === 'error') await asListener(() => module.onError?.({ message, reason }));
    else if (effect.event === 'linksRefused') {
      const sentence = options.texts.linksRefused(reason ?? '');
      log.warn({ message, domains: reason }, sentence);
      await asListener(() => module.onError?.({ message, reason: sentence }));
    } else await asListener(() => module.onDeadLetter?.({ message, reason }));
  } catch (error) {
    log.warn({ event: effect.event, error: thrownOf(error).text }, "the author's listener threw");
  }
}
