import type { Effect, Journal, Performer } from '../src/actors/ports.js';
import { ActorSystem } from '../src/actors/system/actorSystem.js';
import { topology } from '../src/actors/wiring/topology.js';
import { createManualClock, type ManualClock } from '../src/adapters/process/manualClock.js';
import type { Fact } from '../src/machines/vocabulary/facts/facts.js';
import { type BotOptions, defaultOptions } from '../src/machines/vocabulary/options/options.js';

const { imul } = Math;

/**
 * The real actor system in a made-up world and in virtual time: users write, handlers answer at once, QQ takes most of
 * it. Now and then the API is out, embeds are refused, the socket breaks or a channel is forbidden. The same seed gives
 * the same journal.
 */
export interface BusyBotOptions {
  readonly journal: Journal;
  readonly seed?: number;
  readonly options?: BotOptions;
  /** Where virtual time begins; default 2023-11-14. */
  readonly startAt?: number;
  /** Whether QQ's API is out at a second; default: four seconds in every two minutes. */
  readonly isOut?: (second: number) => boolean;
}
export interface BusyBot {
  readonly system: ActorSystem;
  readonly clock: ManualClock;
  /** Runs the world until the journal holds so many records. */
  runTo(records: number): Promise<void>;
  /** One message by a user; its id. */
  say(content: string, more?: { readonly channel?: string; readonly author?: string }): string;
  /** Lets everything happen that is due in the next `ms`. */
  pass(ms: number): Promise<void>;
  stop(): Promise<void>;
}

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };
const TICK_MS = 100;
const MESSAGES_A_TICK = 8;

export async function startBusyBot({
  journal,
  seed = 1,
  options = defaultOptions,
  startAt = 1_700_000_000_000,
  isOut = (second) => second % 120 < 4,
}: BusyBotOptions): Promise<BusyBot> {
  const clock = createManualClock(startAt);
  const { seq } = await journal.position();
  let facts = seq;
  let messages = seq;
  let socket = '';
  const world = new MadeUpWorld(seed, () => clock.now(), isOut);
  const system: ActorSystem = new ActorSystem({
    journal,
    clock,
    topology,
    options,
    performers: world.performers((opened) => {
      socket = opened;
    }),
    newId: () => `f${++facts}`,
    log: SILENT,
    defer: (turn) => void setImmediate(turn),
  });
  const settle = async (): Promise<void> => {
    do await new Promise((resolve) => setImmediate(resolve));
    while (!system.isIdle);
  };
  await system.start();
  await settle();
  const bot: BusyBot = {
    system,
    clock,
    say(content, { channel = 'c0', author = 'u0' } = {}) {
      messages += 1;
      const id = `08e7e49ea9f0f0efd74810e7d84338d4714${String(messages).padStart(9, '0')}`;
      const place = { kind: 'guild' as const, guildId: '5000000000000000001', channelId: channel };
      const by = { id: author, username: `name of ${author}`, bot: false, roles: [] };
      const message = { id, place, author: by, content, mentionsBot: true };
      system.post({ type: 'message.received', socket, s: messages, eventId: `E:${id}`, message });
      return id;
    },
    async pass(ms) {
      for (let left = ms; left > 0; left -= TICK_MS) {
        clock.advance(Math.min(TICK_MS, left));
        await settle();
      }
    },
    async runTo(records) {
      while (system.state.seq < records) {
        for (let i = 0; i < MESSAGES_A_TICK; i += 1) {
          const n = world.random(100_000);
          bot.say(`hello bot, this is number ${n} of mine`, { channel: `c${n % 500}`, author: `u${n % 1_000}` });
        }
        await bot.pass(TICK_MS);
      }
    },
    stop: () => system.stop(),
  };
  return bot;
}

/** What QQ and the handlers answer. */
class MadeUpWorld {
  private state: number;
  private sockets = 0;

  constructor(
    seed: number,
    private readonly now: () => number,
    private readonly isOut: (second: number) => boolean,
  ) {
    this.state = seed >>> 0 || 1;
  }

  /** 0 to max - 1. */
  random(max: number): number {
    this.state = (imul(this.state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.state / 2 ** 32) * max);
  }

  performers(onSocket: (id: string) => void): { readonly [type: string]: Performer } {
    type Post = (fact: Fact) => void;
    const perform = (run: (effect: Effect, post: Post) => void): Performer => run as unknown as Performer;
    const nothing = perform(() => undefined);
    return {
      'token.fetch': perform(({ id }, post) =>
        post({ type: 'token.fetched', effectId: id, ref: `t${id}`, expiresAt: this.now() + 7_200_000 }),
      ),
      'gateway.discover': perform(({ id }, post) =>
        post({ type: 'gateway.discovered', effectId: id, url: 'ws://g', shards: 1, sessionsRemaining: 900 }),
      ),
      'socket.open': perform(({ id }, post) => {
        onSocket(id);
        post({ type: 'socket.opened', socket: id });
        post({ type: 'hello.received', socket: id, heartbeatMs: 41_250 });
      }),
      'socket.send': perform((effect, post) => this.frame(effect as Effect & { type: 'socket.send' }, post)),
      'socket.close': perform((effect, post) => {
        const { socket } = effect as Effect & { socket: string | null };
        if (socket !== null) post({ type: 'socket.closed', socket, code: 1000, reason: '' });
      }),
      'handler.run': perform((effect, post) => this.handle(effect as Effect & { type: 'handler.run' }, post)),
      'call.start': perform((effect, post) => this.call(effect as Effect & { type: 'call.start' }, post)),
      'check.run': perform((effect, post) => this.check(effect as Effect & { type: 'check.run' }, post)),
      'action.run': perform((effect, post) => {
        const { id, action } = effect as Effect & { type: 'action.run' };
        post({ type: 'action.completed', effectId: id, action });
      }),
      'module.notify': nothing,
      'process.exit': nothing,
      'socket.pause': nothing,
    };
  }

  private frame({ socket, frame }: Effect & { type: 'socket.send' }, post: (fact: Fact) => void): void {
    this.sockets += 1;
    const s = this.sockets;
    if (frame.op === 1) post({ type: 'heartbeat.acknowledged', socket });
    else if (frame.op === 6) post({ type: 'session.resumed', socket, s });
    else post({ type: 'session.started', socket, s, session: `x${s}`, user: { id: 'b', username: 'bot' } });
    if (frame.op === 1 && this.random(20) === 0)
      post({ type: 'socket.closed', socket, code: 4009, reason: 'session timed out' });
  }

  private handle({ id, message }: Effect & { type: 'handler.run' }, post: (fact: Fact) => void): void {
    if (this.random(2_000) === 0) post({ type: 'handler.failed', effectId: id, reason: 'threw', error: 'TypeError' });
    else {
      const replies = [{ ordinal: 0, form: { text: `you said: ${message.content}`, embed: true } }];
      post({ type: 'handler.completed', effectId: id, replies, operator: false });
    }
  }

  /** Every two minutes: four seconds without API, and four without embeds. */
  private call({ id, rung, place }: Effect & { type: 'call.start' }, post: (fact: Fact) => void): void {
    const now = Math.floor(this.now() / 1_000);
    const second = now % 120;
    const latencyMs = 60 + this.random(80);
    const fail = (kind: 'transient' | 'rejectedForm' | 'rejectedTarget', status: number, code: number | null): void =>
      post({
        type: 'call.failed',
        effectId: id,
        class: kind,
        status,
        code,
        latencyMs,
        retryAfterMs: null,
        traceId: null,
      });
    if (this.isOut(now)) fail('transient', 503, null);
    else if (second > 60 && second < 64 && rung !== 'text') fail('rejectedForm', 400, 304_011);
    else if (place.channelId === 'c13' && this.random(500) === 0) fail('rejectedTarget', 403, 304_023);
    else
      post({
        type: 'call.succeeded',
        effectId: id,
        class: 'ok',
        status: 200,
        code: null,
        latencyMs,
        messageId: `r${id}`,
      });
  }

  private check({ id, check }: Effect & { type: 'check.run' }, post: (fact: Fact) => void): void {
    if (check === 'network') post({ type: 'network.checked', effectId: id, ok: true, code: null, latencyMs: 20 });
    else if (check === 'api')
      post({ type: 'api.checked', effectId: id, class: 'ok', status: 200, code: null, latencyMs: 30 });
    else
      post({ type: 'process.sampled', effectId: id, heapShare: 0.3, loopP99Ms: 12, appendFailures: 0, appendMaxMs: 3 });
  }
}
