import { expect } from '@jest/globals';
import type { Effect, Record } from '../../src/actors/ports.js';
import { admit, factOf, recordOf } from '../../src/actors/step/records.js';
import { type ActorState, SystemState } from '../../src/actors/step/state.js';
import { step } from '../../src/actors/step/step.js';
import { topology } from '../../src/actors/wiring/topology.js';
import type { PlaceKind, Stamped, WorkStamp } from '../../src/machines/vocabulary/base.js';
import type { Fact } from '../../src/machines/vocabulary/facts/facts.js';
import { type BotOptions, defaultOptions } from '../../src/machines/vocabulary/options/options.js';

/**
 * The real machines under the real topology in virtual time, without journal or adapters: facts in, records out.
 * Every step runs twice on frozen input and must agree.
 */
export class World {
  readonly state = new SystemState();
  readonly records: Record[] = [];
  now = 1_000_000;
  private facts = 0;
  private epoch = 0;

  constructor(readonly options: BotOptions = defaultOptions) {}

  take(fact: Fact): Record {
    this.facts += 1;
    const stamped = admit({ ...fact, id: `f${this.facts}`, at: this.now } as Stamped<Fact>, this.state);
    const changes = step(topology, this.state, stamped);
    const again = step(topology, this.state, factOf(JSON.parse(JSON.stringify(recordOf(stamped, changes)))));
    expect(JSON.stringify([again.steps, again.effects])).toBe(JSON.stringify([changes.steps, changes.effects]));
    this.state.apply(changes);
    this.state.merge();
    const record = recordOf(stamped, changes);
    this.records.push(record);
    return record;
  }

  /** A new process life: what `ActorSystem.start` journals. */
  begin(): Record {
    this.epoch += 1;
    const interrupted = [...this.state.openEffects.entries()].map(([id]) => id);
    const { behaviour = 1 } = topology;
    const { epoch, options } = this;
    const record = this.take({ type: 'run.started', epoch, behaviour, options, machineVersions: {} });
    for (const effectId of interrupted) this.take({ type: 'effect.interrupted', effectId });
    return record;
  }

  /** From boot to READY. */
  connect(socket = `s${this.epoch}`): void {
    const fetch = this.open('token.fetch')!;
    this.take({ type: 'token.fetched', effectId: fetch.id, ref: `r${this.epoch}`, expiresAt: this.now + 7_200_000 });
    this.link(socket);
  }
  /** A session for a gateway that has its token. */
  link(socket: string): void {
    const discover = this.open('gateway.discover');
    if (discover)
      this.take({ type: 'gateway.discovered', effectId: discover.id, url: 'ws://g', shards: 1, sessionsRemaining: 9 });
    this.take({ type: 'socket.opened', socket });
    this.take({ type: 'hello.received', socket, heartbeatMs: 300_000 });
    if (this.actor('gateway').snapshot.value === 'resuming') this.take({ type: 'session.resumed', socket, s: 1 });
    else this.take({ type: 'session.started', socket, s: 1, session: 'x', user: { id: 'b', username: 'bot' } });
  }

  receive(
    id: string,
    more: WorkStamp & {
      channel?: string;
      author?: string;
      content?: string;
      kind?: PlaceKind;
      bot?: boolean;
      mentionsBot?: boolean;
    } = {},
  ): Record {
    const {
      channel = 'c3',
      author = 'u1',
      content = '!ping',
      kind = 'guild',
      bot = false,
      mentionsBot = true,
      ...stamp
    } = more;
    return this.take({
      type: 'message.received',
      socket: `s${this.epoch}`,
      s: this.records.length,
      eventId: `E:${id}`,
      message: {
        id,
        place: { kind, guildId: 'g', channelId: channel },
        author: { id: author, username: author, bot, roles: [] },
        content,
        mentionsBot,
        ...stamp,
      },
    });
  }
  /** Ends the handler of a message. */
  complete(message: string, texts: readonly string[] = ['pong'], operator = false): Record {
    const run = this.openOf(`message:${message}`, 'handler.run');
    const replies = texts.map((text, ordinal) => ({ ordinal, form: { text, embed: true } }));
    return this.take({ type: 'handler.completed', effectId: run.id, replies, operator });
  }
  succeed(call: Effect, latencyMs = 90): Record {
    return this.take({
      type: 'call.succeeded',
      effectId: call.id,
      class: 'ok',
      status: 200,
      code: null,
      latencyMs,
      messageId: 'r',
    });
  }
  fail(
    call: Effect,
    kind: 'transient' | 'throttled' | 'auth' | 'ambiguous' | 'rejectedForm' | 'rejectedTarget' | 'local' = 'transient',
    code: number | null = null,
  ): Record {
    return this.take({
      type: 'call.failed',
      effectId: call.id,
      class: kind,
      status: 503,
      code,
      latencyMs: 9,
      retryAfterMs: null,
      traceId: null,
    });
  }

  get calls(): Effect[] {
    return [...this.state.openEffects.entries()]
      .map(([, effect]) => effect)
      .filter((effect) => effect.type === 'call.start');
  }
  open(type: string): Effect | undefined {
    return [...this.state.openEffects.entries()].map(([, effect]) => effect).find((effect) => effect.type === type);
  }
  openOf(actor: string, type: string): Effect {
    const effect = this.actor(actor)
      .open.map((id) => this.state.openEffect(id))
      .find((e) => e?.type === type);
    if (!effect) throw new Error(`${actor} has no open ${type}`);
    return effect;
  }
  actor(id: string): ActorState {
    const actor = this.state.actor(id);
    if (!actor) throw new Error(`no actor ${id}`);
    return actor;
  }
  value(id: string): unknown {
    return (this.state.actor(id)?.snapshot.value ?? this.state.ended(id, this.now)?.value) as unknown;
  }

  /** The earliest deadline of all. */
  nextDeadline(): { actor: string; timer: string; dueAt: number; armedAtSeq: number } | undefined {
    let next: { actor: string; timer: string; dueAt: number; armedAtSeq: number } | undefined;
    for (const [actor, state] of this.state.actors.entries()) {
      for (const [timer, { dueAt, armedAtSeq }] of Object.entries(state.timers)) {
        if (!next || dueAt < next.dueAt) next = { actor, timer, dueAt, armedAtSeq };
      }
    }
    return next;
  }
  /** Fires every deadline up to `at`, in order; `onStep` answers what the steps asked for. */
  runTo(at: number, onStep: () => void = () => undefined): void {
    for (let next = this.nextDeadline(); next && next.dueAt <= at; next = this.nextDeadline()) {
      this.now = Math.max(this.now, next.dueAt);
      const { actor, timer, armedAtSeq } = next;
      this.take({ type: 'timer.elapsed', actor, timer, armedAtSeq });
      onStep();
    }
    this.now = at;
  }
}

/** `actor: from → to [rules]`, as the golden trace writes steps. */
export function lines(record: Record): string[] {
  const show = (value: unknown): string =>
    typeof value === 'string' ? value : value === null ? '' : flat(value as object);
  return record.steps.map(({ actor, from, to, rules }) => `${actor}: ${show(from)} → ${show(to)} [${rules.join(' ')}]`);
}
function flat(value: object): string {
  const [[key, child]] = Object.entries(value) as [[string, unknown]];
  return `${key}.${typeof child === 'string' ? child : flat(child as object)}`;
}
