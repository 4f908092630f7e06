import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock, Log } from '../../actors/ports.js';
import { exitCodes } from '../../base/exitCodes.js';
import { thrownOf } from '../../base/thrown.js';
import type { Fact } from '../../machines/vocabulary/facts/facts.js';
import { refOf } from '../../machines/vocabulary/replies/words.js';
import { createRedaction } from '../process/redaction.js';
import { type Authored, occasionNow } from './authorScope.js';

/** Places in the author's code whose errors are told apart; of more, the oldest is forgotten. */
export const STRAYS_MAX = 100;
/** Characters of an error in the journal. */
const ERROR_MAX = 500;
const FRAMES_MAX = 8;
/** An error of the same place is told the 1st, 10th, 100th … time, and again after this. */
const AGAIN_MS = 3_600_000;
/** Of the start: it may be gone by now, and the author's code may have gone elsewhere. */
const FOLDER = process.cwd();
const NO_OCCASION: Authored = { message: null, occasion: null };
const OUR_CODE = fileURLToPath(new URL('../../', import.meta.url));

export interface StrayErrorsOptions {
  readonly post: (fact: Fact) => void;
  readonly clock: Clock;
  readonly log: Log;
  /** Values that go neither into the journal nor into the log. */
  readonly secrets: readonly string[];
  /** Default: this process. */
  readonly host?: Host;
}
type Host = Pick<NodeJS.Process, 'on' | 'off' | 'listenerCount' | 'rawListeners' | 'emit' | 'exit'>;

/** The author's code asked the process to end. */
export class ProcessExitRefused extends Error {
  override readonly name = 'ProcessExitRefused';
}

/**
 * The one net under the author's code: what it throws where nobody waits for it (a promise let go, a timer, an `error`
 * event without a listener) is journaled and told, with the message on whose behalf it ran, and the bot goes on;
 * `process.exit` in it throws ProcessExitRefused. What goes wrong in our own code ends the process with 70, as a crash,
 * unless whoever runs this process has a net of his own.
 */
export function catchStrayErrors(options: StrayErrorsOptions): { close(): void } {
  const { host = process } = options;
  const strays = new Strays(options);
  const exit = host.exit;
  const caught = (error: unknown): void => {
    const occasion = occasionNow() ?? (isAuthors(thrownOf(error).stack) ? NO_OCCASION : undefined);
    if (occasion) return strays.take(error, occasion);
    if (host.listenerCount('uncaughtException') > 1) return;
    const { text, stack } = thrownOf(error);
    options.log.error({ stack: stack.slice(0, FRAMES_MAX).join(' < ') }, `A defect, the process ends: ${text}`);
    exit.call(host, exitCodes.internal);
  };
  const restore = isolateNets(host, (error) => strays.take(error, occasionNow() ?? NO_OCCASION));
  host.on('uncaughtException', caught);
  host.on('unhandledRejection', caught); // before Node looks at what it is, which may throw
  host.exit = ((code?: number) => {
    if (!occasionNow()) return exit.call(host, code);
    throw new ProcessExitRefused(`process.exit(${code ?? ''}) in a handler does not end the bot; stop it with SIGTERM`);
  }) as typeof host.exit;
  return {
    close() {
      host.off('uncaughtException', caught);
      host.off('unhandledRejection', caught);
      host.exit = exit;
      restore();
    },
  };
}

/**
 * Of the nets on a process each is called, whatever the one before it does: from an exception in one Node would end the
 * process at once (7). Such a one is the author's, who may well say `process.exit(1)` there.
 */
function isolateNets(host: Host, take: (error: unknown) => void): () => void {
  const { emit } = host;
  host.emit = ((event: string, ...args: unknown[]): boolean => {
    if (event !== 'uncaughtException') return Reflect.apply(emit, host, [event, ...args]);
    const nets = host.rawListeners(event);
    for (const net of nets) {
      try {
        Reflect.apply(net, host, args);
      } catch (error) {
        take(error);
      }
    }
    return nets.length > 0;
  }) as Host['emit'];
  return () => {
    host.emit = emit;
  };
}

/** What has strayed from where, and how often; a storm is counted, not told. */
class Strays {
  private readonly seen = new Map<string, { times: number; toldAt: number }>();
  private readonly redact: ReturnType<typeof createRedaction>;

  constructor(private readonly options: StrayErrorsOptions) {
    this.redact = createRedaction(options.secrets);
  }

  take(error: unknown, { message, occasion }: Authored): void {
    const thrown = thrownOf(error);
    const stack = thrown.stack.slice(0, FRAMES_MAX);
    const source = sourceOf(stack);
    const times = this.count(`${source ?? occasion} ${thrown.kind}`);
    if (times === null) return;
    const text = this.redact(thrown.text).text.slice(0, ERROR_MAX);
    const ref = message === null ? null : refOf(message);
    this.options.log.error(
      { message, ref, occasion, at: source, times, stack: this.redact(stack.join(' < ')).text },
      `The bot's code failed where nobody waited for it: ${text}`,
    );
    this.options.post({ type: 'author.strayed', message, occasion, error: text, source, times });
  }

  /** How often by now; null when it is not to be told. */
  private count(key: string): number | null {
    const now = this.options.clock.now();
    const { times, toldAt } = this.seen.get(key) ?? { times: 0, toldAt: Number.NEGATIVE_INFINITY };
    const isTold = Number.isInteger(Math.log10(times + 1)) || now - toldAt >= AGAIN_MS;
    this.seen.delete(key);
    this.seen.set(key, { times: times + 1, toldAt: isTold ? now : toldAt });
    if (this.seen.size > STRAYS_MAX) this.seen.delete(this.seen.keys().next().value as string);
    return isTold ? times + 1 : null;
  }
}

/** `my-bot.ts:12:5`: the first line of the author's own; null: there is none to be seen. */
function sourceOf(stack: readonly string[]): string | null {
  const place = placesOf(stack).find((place) => !place.startsWith(OUR_CODE));
  return place === undefined ? null : relative(FOLDER, place);
}

/** Where the async context is lost (`queueMicrotask`), the line that threw tells whose code it is. */
function isAuthors(stack: readonly string[]): boolean {
  return placesOf(stack)[0]?.startsWith(OUR_CODE) === false;
}

/** The lines of a stack that are neither Node's nor a package's. */
function placesOf(stack: readonly string[]): readonly string[] {
  const places = stack.map((frame) => /\(?((?:file:\/\/)?[^()\s]+:\d+:\d+)\)?$/.exec(frame)?.[1] ?? 'node:');
  return places
    .map((place) => place.replace(/^file:\/\//, ''))
    .filter((place) => !place.startsWith('node:') && !place.includes('/node_modules/'));
}
