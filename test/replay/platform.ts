import type { Effect, Performer } from '../../src/actors/ports.js';
import { randomFrom } from '../../src/machines/kit/randomness.js';
import type { EffectOf } from '../../src/machines/vocabulary/effects.js';
import type { Fact } from '../../src/machines/vocabulary/facts/facts.js';
import type { Rung } from '../../src/machines/vocabulary/replies/rungs.js';

/** A stretch of time in which something is wrong; ms since the start of the scenario. */
export type Spell = readonly [from: number, to: number];
export interface Weather {
  /** Calls and checks fail. */
  readonly outages?: readonly Spell[];
  /** Embeds are refused. */
  readonly embedsRefused?: readonly Spell[];
  /** Calls are answered "too fast". */
  readonly throttled?: readonly Spell[];
  /** Share of calls that fail at any time. */
  readonly noise?: number;
}
export interface PlatformOptions {
  readonly weather: Weather;
  readonly now: () => number;
  /** Time since the start of the scenario. */
  readonly elapsed: () => number;
  /** Runs later, unless this process life has ended by then. */
  readonly after: (ms: number, run: () => void) => void;
  readonly epoch: number;
  readonly onConnected: () => void;
}
type Post = (fact: Fact) => void;
type Of<T extends EffectOf<never>['type'] | string> = Extract<Effect, { type: T }>;

const within = (spells: readonly Spell[] | undefined, at: number): boolean =>
  spells?.some(([from, to]) => at >= from && at < to) ?? false;

/**
 * The outside of a bot as a function of time alone: what a call gets depends on when it is made and on which call it is,
 * never on the order of calls. So two runs under different options meet the same world.
 */
export function createPlatform(options: PlatformOptions): { readonly [type: string]: Performer } {
  const { now, elapsed, after, epoch } = options;
  const continuations = new Map<string, () => void>();
  let tokens = 0;
  const performers: { [type: string]: (effect: never, post: Post) => void } = {
    'token.fetch': (effect: Of<'token.fetch'>, post) =>
      after(20, () => {
        tokens += 1;
        post({ type: 'token.fetched', effectId: effect.id, ref: `r${epoch}.${tokens}`, expiresAt: now() + 7_200_000 });
      }),
    'gateway.discover': ({ id: effectId }: Of<'gateway.discover'>, post) =>
      after(15, () =>
        post({ type: 'gateway.discovered', effectId, url: 'ws://gateway', shards: 1, sessionsRemaining: 900 }),
      ),
    'socket.open': ({ id: socket }: Of<'socket.open'>, post) =>
      after(30, () => {
        post({ type: 'socket.opened', socket });
        after(5, () => post({ type: 'hello.received', socket, heartbeatMs: 41_250 }));
      }),
    'socket.send': ({ socket, frame }: Of<'socket.send'>, post) => {
      const [s, user] = [1, { id: 'b', username: 'bot' }];
      if (frame.op === 1) after(8, () => post({ type: 'heartbeat.acknowledged', socket }));
      else
        after(25, () => {
          if (frame.op === 6) post({ type: 'session.resumed', socket, s: frame.s });
          else post({ type: 'session.started', socket, s, session: `x${epoch}`, user });
          options.onConnected();
        });
    },
    'handler.run': (effect: Of<'handler.run'>, post) => runHandler(options, effect, post, continuations),
    'external.run': (effect: Of<'external.run'>, post) => {
      const latencyMs = 20 + Math.floor(80 * randomFrom(effect.call));
      const isDown = within(options.weather.outages, elapsed());
      after(latencyMs, () => {
        if (isDown)
          post({ type: 'external.failed', effectId: effect.id, class: 'transient', latencyMs, error: 'FetchError' });
        else post({ type: 'external.succeeded', effectId: effect.id, latencyMs });
        continuations.get(`${effect.run}.${effect.ordinal}`)?.();
      });
    },
    'external.refuse': ({ run, ordinal }: Of<'external.refuse'>) => continuations.get(`${run}.${ordinal}`)?.(),
    'call.start': (effect: Of<'call.start'>, post) => startCall(options, effect, post),
    'interaction.acknowledge': ({ id }: Of<'interaction.acknowledge'>, post) => {
      const isDown = within(options.weather.outages, elapsed());
      after(40, () => post(isDown ? failed(id, 'transient', 503, 40) : succeeded(id, 40, null)));
    },
    'channel.check': ({ id: effectId, delivery }: Of<'channel.check'>, post) => {
      const matches = randomFrom(delivery, 'arrived') < 0.5 ? [`r ${delivery}`] : [];
      after(30, () => post({ type: 'channel.checked', effectId, class: 'ok', code: null, matches, isWhole: true }));
    },
    'check.run': (effect: Of<'check.run'>, post) => after(12, () => post(checked(options, effect))),
    'action.run': ({ id, action }: Of<'action.run'>, post) =>
      after(10, () => post({ type: 'action.completed', effectId: id, action })),
  };
  for (const type of ['socket.pause', 'socket.close', 'module.notify', 'process.exit'])
    performers[type] = () => undefined;
  return performers as unknown as { [type: string]: Performer };
}

/** Replies, pictures of embeds, external calls and silence by the text of the message. */
function runHandler(
  { after }: PlatformOptions,
  { id: effectId, message }: Of<'handler.run'>,
  post: Post,
  continuations: Map<string, () => void>,
): void {
  const dice = randomFrom(message.id, 'handler');
  const texts = dice < 0.03 ? [] : dice < 0.12 ? ['first', 'second'] : ['reply'];
  const complete = (): void =>
    post({
      type: 'handler.completed',
      effectId,
      operator: false,
      replies: texts.map((text, ordinal) => ({
        ordinal,
        form: { text: `${text} to ${message.content}`, embed: true },
      })),
    });
  if (dice > 0.98) after(4, () => post({ type: 'handler.failed', effectId, reason: 'threw', error: 'Error: no' }));
  else if (dice > 0.9)
    after(2, () => {
      continuations.set(`${effectId}.0`, () => after(3, complete));
      post({ type: 'external.requested', effectId, ordinal: 0, name: 'weather', timeoutMs: 5_000 });
    });
  else after(2 + Math.floor(20 * dice), complete);
}

function startCall({ weather, elapsed, after }: PlatformOptions, effect: Of<'call.start'>, post: Post): void {
  const { id, delivery, attempt, rung, place } = effect;
  const dice = randomFrom(`${delivery}#${attempt}`, rung);
  const latencyMs = 60 + Math.floor(90 * dice);
  const at = elapsed();
  const isEmbed = (['embed', 'leanEmbed'] as readonly Rung[]).includes(rung);
  const end = (fact: Fact): void => after(latencyMs, () => post(fact));
  if (within(weather.outages, at) || randomFrom(delivery, `noise ${attempt}`) < (weather.noise ?? 0))
    end(failed(id, dice < 0.1 ? 'ambiguous' : 'transient', 503, latencyMs));
  else if (isEmbed && within(weather.embedsRefused, at)) end(failed(id, 'rejectedForm', 400, latencyMs, 50006));
  else if (within(weather.throttled, at)) end(failed(id, 'throttled', 429, latencyMs, 22009));
  else if (place.channelId === 'muted') end(failed(id, 'rejectedTarget', 400, latencyMs, 304023));
  else if (randomFrom(delivery, 'audit') < 0.01) {
    const auditId = `audit ${delivery}`;
    end({ ...succeeded(id, latencyMs, null), class: 'underAudit', status: 202, auditId });
    after(latencyMs + 2_000, () =>
      post({ type: 'audit.passed', socket: 's', s: null, eventId: null, auditId, message: 'r' }),
    );
  } else end(succeeded(id, latencyMs, `r ${delivery}`));
}

function checked({ weather, elapsed }: PlatformOptions, { id: effectId, check }: Of<'check.run'>): Fact {
  const isDown = within(weather.outages, elapsed());
  if (check === 'network') return { type: 'network.checked', effectId, ok: true, code: null, latencyMs: 12 };
  if (check === 'memory')
    return { type: 'process.sampled', effectId, heapShare: 0.2, loopP99Ms: 21, appendFailures: 0, appendMaxMs: 2 };
  const status = isDown ? 503 : 200;
  return { type: 'api.checked', effectId, class: isDown ? 'transient' : 'ok', status, code: null, latencyMs: 12 };
}

function succeeded(effectId: string, latencyMs: number, messageId: string | null) {
  return { type: 'call.succeeded', effectId, class: 'ok', status: 200, code: null, latencyMs, messageId } as const;
}
function failed(
  effectId: string,
  kind: 'transient' | 'ambiguous' | 'rejectedForm' | 'throttled' | 'rejectedTarget',
  status: number,
  latencyMs: number,
  code: number | null = null,
) {
  const rest = { retryAfterMs: null, traceId: null };
  return { type: 'call.failed', effectId, class: kind, status, code, latencyMs, ...rest } as const;
}
