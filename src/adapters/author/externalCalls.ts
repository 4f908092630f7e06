import type { Performers, ProcessClock } from '../../actors/ports.js';
import { isOf, thrownOf } from '../../base/thrown.js';
import type { ExternalRefusal } from '../../machines/vocabulary/base.js';
import type { EffectOf } from '../../machines/vocabulary/effects.js';
import type { Fact } from '../../machines/vocabulary/facts/facts.js';
import { withDeadline } from '../process/withDeadline.js';

/** Different names of external APIs; each has a breaker that lives as long as the journal. */
export const EXTERNALS_MAX = 100;
/** External calls of one handler run. */
export const CALLS_MAX = 1_000;

/** The call was not made. Match on `reason`. */
export class ExternalCallRefused extends Error {
  override readonly name = 'ExternalCallRefused';
  constructor(
    readonly api: string,
    readonly reason: ExternalRefusal,
  ) {
    super(`the call of ${api} was not made: ${MEANING[reason]}`);
  }
}
const MEANING = {
  featureOff: 'external calls are switched off (feature externalApiCalls)',
  breakerOpen: 'its breaker is open, or gave no permit in time',
  tooMany: 'too many calls wait for it',
};

/** The call ran out of its time; its signal has been aborted. */
export class ExternalCallTimeout extends Error {
  override readonly name = 'ExternalCallTimeout';
}

export interface ExternalCallOptions {
  /** ms; at most, and by default, `externalCalls.timeoutMs`. */
  readonly timeoutMs?: number;
  /** Whether an error counts against the breaker; default: every error does. */
  readonly counts?: (error: unknown) => boolean;
}
interface Waiting {
  readonly name: string;
  readonly fn: (signal: AbortSignal) => unknown;
  readonly counts: (error: unknown) => boolean;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}
type Post = (fact: Fact) => void;

/** Holds the functions of external calls from their request to the permit; the system decides whether they run. */
export class ExternalCalls {
  private readonly waiting = new Map<string, Waiting>();
  readonly names = new Set<string>();

  constructor(
    private readonly clock: ProcessClock,
    private readonly timeoutMax: number,
  ) {}

  readonly performers: Performers<'external.run' | 'external.refuse'> = {
    'external.run': (effect, post) => this.run(effect, post),
    'external.refuse': (effect) => this.refuse(effect),
  };

  /** Rejects with TypeError or RangeError for a name, a limit or a function that cannot be. */
  call<T>(
    run: string,
    ordinal: number,
    post: Post,
    name: string,
    fn: (signal: AbortSignal) => T | Promise<T>,
    options: ExternalCallOptions = {},
  ): Promise<T> {
    const result = this.request(run, ordinal, post, name, fn, options);
    result.catch(() => undefined); // a handler that does not wait for it must not end the process
    return result;
  }

  private async request<T>(
    run: string,
    ordinal: number,
    post: Post,
    name: string,
    fn: (signal: AbortSignal) => T | Promise<T>,
    { timeoutMs = this.timeoutMax, counts = () => true }: ExternalCallOptions,
  ): Promise<T> {
    if (typeof name !== 'string' || !/^[\w.-]{1,64}$/.test(name))
      throw new TypeError(
        `ctx.callExternal: the name ${JSON.stringify(name)} must be 1 to 64 letters, digits, _ . or -`,
      );
    if (typeof fn !== 'function')
      throw new TypeError(`ctx.callExternal("${name}"): the second argument must be a function`);
    if (!(timeoutMs > 0))
      throw new RangeError(`ctx.callExternal("${name}"): timeoutMs is ${timeoutMs}; it must be > 0`);
    if (ordinal >= CALLS_MAX) throw new RangeError(`more than ${CALLS_MAX} external calls for one message`);
    if (!this.names.has(name) && this.names.size >= EXTERNALS_MAX)
      throw new RangeError(
        `more than ${EXTERNALS_MAX} names of external APIs; use one name for each API, not for each call`,
      );
    this.names.add(name);
    return new Promise<T>((resolve, reject) => {
      const waiting = { name, fn, counts, resolve: resolve as (value: unknown) => void, reject };
      this.waiting.set(`${run}.${ordinal}`, waiting);
      const limit = Math.round(Math.min(timeoutMs, this.timeoutMax));
      post({ type: 'external.requested', effectId: run, ordinal, name, timeoutMs: limit });
    });
  }

  /** The run has ended: whatever it did not await is forgotten. */
  forget(run: string): void {
    for (const key of this.waiting.keys()) {
      if (!key.startsWith(`${run}.`)) continue;
      this.waiting.get(key)?.reject(new Error('the handler has ended'));
      this.waiting.delete(key);
    }
  }

  private async run(
    { id, run, ordinal, timeoutMs }: EffectOf<'external.run'> & { id: string },
    post: Post,
  ): Promise<void> {
    const waiting = this.take(run, ordinal);
    const startedAt = this.clock.now();
    const latencyMs = (): number => this.clock.now() - startedAt;
    if (!waiting) {
      post({ type: 'external.failed', effectId: id, class: 'local', latencyMs: 0, error: 'HandlerEnded' });
      return;
    }
    try {
      const value = await this.inTime(waiting, timeoutMs);
      post({ type: 'external.succeeded', effectId: id, latencyMs: latencyMs() });
      waiting.resolve(value);
    } catch (error) {
      const isOver = isOf(error, ExternalCallTimeout);
      const kind = isOver ? 'ambiguous' : countsSafely(waiting, error) ? 'transient' : 'local';
      post({ type: 'external.failed', effectId: id, class: kind, latencyMs: latencyMs(), error: thrownOf(error).kind });
      waiting.reject(error);
    }
  }

  private inTime({ name, fn }: Waiting, timeoutMs: number): Promise<unknown> {
    const abort = new AbortController();
    return withDeadline(
      this.clock,
      timeoutMs,
      async () => fn(abort.signal),
      () => {
        const error = new ExternalCallTimeout(`the call of ${name} took longer than ${timeoutMs} ms`);
        abort.abort(error);
        return error;
      },
    );
  }

  private refuse({ run, ordinal, reason }: EffectOf<'external.refuse'>): void {
    const waiting = this.take(run, ordinal);
    waiting?.reject(new ExternalCallRefused(waiting.name, reason));
  }

  private take(run: string, ordinal: number): Waiting | undefined {
    const key = `${run}.${ordinal}`;
    const waiting = this.waiting.get(key);
    this.waiting.delete(key);
    return waiting;
  }
}

function countsSafely({ counts }: Waiting, error: unknown): boolean {
  try {
    return counts(error);
  } catch {
    return true;
  }
}
