import type { Journal } from '../../src/actors/ports.js';
import { ActorSystem } from '../../src/actors/system/actorSystem.js';
import { topology } from '../../src/actors/wiring/topology.js';
import { createManualClock } from '../../src/adapters/process/manualClock.js';
import { randomFrom } from '../../src/machines/kit/randomness.js';
import type { InboundMessage, PlaceKind } from '../../src/machines/vocabulary/base.js';
import type { OperatorFact } from '../../src/machines/vocabulary/facts/operatorFacts.js';
import { type BotOptions, defaultOptions } from '../../src/machines/vocabulary/options/options.js';
import { createPlatform, type Weather } from './platform.js';

/** A journal made by the real actor system in virtual time, with a platform that is a function of time. */
export interface LiveRun {
  readonly seed: number;
  readonly options?: BotOptions;
  readonly durationMs: number;
  readonly messagesPerMinute: number;
  readonly weather?: Weather;
  /** SIGKILLs, ms since the start; the next life begins `downMs` later. */
  readonly kills?: readonly number[];
  readonly downMs?: number;
  /** An operator's hand, ms since the start. */
  readonly operator?: readonly (readonly [at: number, fact: OperatorFact])[];
  /** Stop when the journal has so many records. */
  readonly recordsMax?: number;
  /** Opens the journal for one process life; `kill` drops it. */
  readonly open: () => Promise<{ readonly journal: Journal; readonly kill: () => void | Promise<void> }>;
}
export const START = 1_767_225_600_000; // 2026-01-01T00:00:00Z

const KINDS: readonly PlaceKind[] = ['guild', 'guild', 'guild', 'direct', 'group', 'c2c'];
const silent = { debug() {}, info() {}, warn() {}, error() {} };

interface Arrival {
  readonly at: number;
  readonly message: InboundMessage;
}

/** Who writes when, by the seed alone. */
export function arrivalsOf({
  seed,
  durationMs,
  messagesPerMinute,
}: Pick<LiveRun, 'seed' | 'durationMs' | 'messagesPerMinute'>): readonly Arrival[] {
  const count = Math.floor((durationMs / 60_000) * messagesPerMinute);
  const arrivals = Array.from({ length: count }, (_, n) => {
    const dice = (what: string): number => randomFrom(`${seed}.${n}`, what);
    const kind = KINDS[Math.floor(dice('kind') * KINDS.length)]!;
    const channel = dice('muted') < 0.01 ? 'muted' : `${kind}${Math.floor(dice('channel') * 20)}`;
    const isGuild = kind === 'guild' || kind === 'direct';
    const message: InboundMessage = {
      id: `08e7e49ea9f0f0efd7${seed}m${n}`,
      place: { kind, guildId: isGuild ? `g${channel}` : '', channelId: channel },
      author: { id: `u${Math.floor(dice('author') * 50)}`, username: 'someone', bot: dice('bot') < 0.01, roles: ['1'] },
      content: `hello bot, this is message ${n}`,
      mentionsBot: true,
      ...(dice('pressed') < 0.03 ? { pressed: true as const } : {}),
    };
    return { at: 1_000 + Math.floor(dice('at') * (durationMs - 1_000)), message };
  });
  return arrivals.sort((a, b) => a.at - b.at);
}

/** Runs the whole scenario; resolves when its time is over. */
export async function runLive(run: LiveRun): Promise<void> {
  const world = new World(run);
  while (!world.isOver) await world.live();
}

/** What goes on from one process life to the next. */
class World {
  readonly clock = createManualClock(START);
  private readonly arrivals: readonly Arrival[];
  private readonly deaths: number[];
  private readonly hands: (readonly [at: number, fact: OperatorFact])[];
  /** Messages that the platform holds until the bot is connected. */
  private readonly held: InboundMessage[] = [];
  private taken = 0;
  private epochs = 0;
  private ids = 0;
  private s = 1;
  private records = 0;

  constructor(private readonly run: LiveRun) {
    this.arrivals = arrivalsOf(run);
    this.deaths = [...(run.kills ?? [])];
    this.hands = [...(run.operator ?? [])];
  }
  get elapsed(): number {
    return this.clock.now() - START;
  }
  get isOver(): boolean {
    return this.elapsed >= this.run.durationMs || this.records >= (this.run.recordsMax ?? NEVER);
  }

  /** One process life, until its death or the end. */
  async live(): Promise<void> {
    this.epochs += 1;
    const { journal, kill } = await this.run.open();
    const life = { isAlive: true, isConnected: false, turns: [] as (() => void)[] };
    const system = this.begin(journal, life);
    const starting = system.start();
    await settle(system, life.turns);
    await starting;
    const death = this.deaths.shift() ?? NEVER;
    while (this.elapsed < death && !this.isOver) {
      this.clock.advance(Math.max(0, this.next(death) - this.clock.now()));
      this.arrive();
      if (life.isConnected) this.deliver(system);
      while (this.hands[0] && this.hands[0][0] <= this.elapsed) system.post(this.hands.shift()![1]);
      await settle(system, life.turns);
    }
    if (this.isOver) await system.stop();
    life.isAlive = false;
    await kill();
    if (!this.isOver) this.clock.advance(this.run.downMs ?? 2_000);
  }

  private begin(
    journal: Journal,
    life: { isAlive: boolean; isConnected: boolean; turns: (() => void)[] },
  ): ActorSystem {
    const { clock, run, epochs: epoch } = this;
    const performers = createPlatform({
      weather: run.weather ?? {},
      now: clock.now,
      elapsed: () => this.elapsed,
      epoch,
      after: (ms, later) => void clock.schedule(clock.now() + ms, () => life.isAlive && later()),
      onConnected: () => {
        life.isConnected = true;
      },
    });
    const newId = (): string => {
      this.ids += 1;
      return `e${epoch}n${this.ids}`.padStart(21, '_');
    };
    const system = new ActorSystem({
      journal,
      clock,
      topology,
      options: run.options ?? defaultOptions,
      performers,
      newId,
      log: silent,
      defer: (turn) => void (life.isAlive && life.turns.push(turn)),
    });
    system.subscribe(({ seq }) => {
      this.records = seq;
    });
    return system;
  }

  /** When something happens next, clock time. */
  private next(death: number): number {
    const { arrivals, hands, run } = this;
    const ours = Math.min(arrivals[this.taken]?.at ?? NEVER, hands[0]?.[0] ?? NEVER, death, run.durationMs);
    return Math.min(START + ours, ...this.clock.pending);
  }
  private arrive(): void {
    for (let next = this.arrivals[this.taken]; next && next.at <= this.elapsed; next = this.arrivals[this.taken]) {
      this.held.push(next.message);
      this.taken += 1;
    }
  }
  private deliver(system: ActorSystem): void {
    const { socket } = system.state.actors.get('gateway')!.snapshot.context as { socket: string | null };
    for (const message of this.held.splice(0)) {
      this.s += 1;
      const eventId = `E${message.id}`;
      system.post({ type: 'message.received', socket: socket ?? '', s: this.s, eventId, message });
    }
  }
}
const NEVER = Number.POSITIVE_INFINITY;

/** Lets the loop take its turns until it rests. */
async function settle(system: ActorSystem, turns: (() => void)[]): Promise<void> {
  do {
    for (const turn of turns.splice(0)) turn();
    await new Promise<void>((resolve) => setImmediate(resolve));
  } while (turns.length > 0 || !system.isIdle);
}
