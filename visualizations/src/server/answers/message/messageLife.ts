import type { Effect, Record } from '../../../../../src/actors/ports.js';
import { rowOf } from '../../../../../src/machines/kit/byKey.js';
import type { FactOf } from '../../../../../src/machines/vocabulary/facts/facts.js';
import { type Lane, type MessageLife, type Pending, pathOf, type Span, type StateValue } from '../../../protocol.js';
import type { JournalIndex } from '../../index/journalIndex.js';
import { hashOf } from '../../index/kept/persistentMap.js';
import { Slices } from '../../index/kept/slices.js';
import { pageOf } from '../../index/page.js';
import { callOf, endCall, type OpenCall } from './messageCalls.js';
import { waitOf } from './waits.js';

const LANES_MAX = 64;
const SPANS_MAX = 500;
const CONTENT_MAX = 2_000;
/** Records of one message that are read at most. */
const RECORDS_MAX = 2_000;
/** Retries of a dead letter are actors of their own, `message:ID~1` and so on. */
const RETRIES_MAX = 5;

interface GrowingLane {
  readonly actor: string;
  readonly machine: string;
  readonly spans: { -readonly [key in keyof Span]: Span[key] }[];
  readonly calls: OpenCall[];
}

/** A message's life; null: no record of it is known, Pending: not all records are indexed yet. */
export async function messageLife(index: JournalIndex, id: string): Promise<MessageLife | Pending | null> {
  const received = await receivedRecord(index, id);
  if (!received) return index.isIndexed(index.first.seq, index.last.seq) ? null : pendingOf(index);
  const story = new Story(index, id);
  await follow(index, id, received.seq, (record) => story.take(record));
  await story.tellDeadlines();
  return story.told(received);
}

function pendingOf(index: JournalIndex): Pending {
  const { done, of } = index.indexing;
  return { pending: true, left: of - done, of };
}

type Received = Record & { readonly fact: FactOf<'message.received'> };

async function receivedRecord(index: JournalIndex, id: string): Promise<Received | null> {
  const hash = hashOf(id);
  const type = index.words.types.find('message.received');
  for (let number = pageOf(Math.max(1, index.last.seq)); number >= pageOf(Math.max(1, index.first.seq)); number -= 1) {
    const page = index.page(number);
    for (let i = 0; page && i < page.count; i += 1) {
      if (page.message[i] !== hash || page.type[i] !== type) continue;
      const record = await index.reading.one(page.first + i);
      if (record?.fact.type === 'message.received' && record.fact.message.id === id) return record as Received;
    }
  }
  return null;
}

/** Every record from `from` on in which an actor of the message has a step; `take` tells of further actors. */
async function follow(
  index: JournalIndex,
  id: string,
  from: number,
  take: (record: Record) => readonly string[],
): Promise<void> {
  const retries = Array.from({ length: RETRIES_MAX }, (_, n) => `message:${id}~${n + 1}`);
  const actors = new Set([`message:${id}`, `interaction:${id}`, ...retries].map(hashOf));
  const slices = new Slices();
  let read = 0;
  for (let number = pageOf(from); number <= pageOf(index.last.seq) && read < RECORDS_MAX; number += 1) {
    const page = index.page(number);
    for (let i = Math.max(0, from - (page?.first ?? 0)); page && i < page.count; i += 1) {
      let isOurs = false;
      for (let at = page.stepsFrom[i]!; at < page.stepsFrom[i + 1]! && !isOurs; at += 1)
        isOurs = actors.has(page.actors[at]!);
      const record = isOurs ? await index.reading.one(page.first + i) : null;
      if (!record) continue;
      for (const actor of take(record)) actors.add(hashOf(actor));
      read += 1;
    }
    await slices.pause();
  }
}

/** Collects the lanes of one message from its records. */
class Story {
  private readonly lanes = new Map<string, GrowingLane>();
  private readonly runs = new Set<string>();
  private ended: { readonly seq: number; readonly at: number; readonly verdict: string } | null = null;
  private reason: string | null = null;

  constructor(
    private readonly index: JournalIndex,
    private readonly id: string,
  ) {}

  /** Ids of actors whose steps belong to the story from here on. */
  take(record: Record): readonly string[] {
    const here = { seq: record.seq, at: record.at };
    for (const lane of this.lanes.values()) endCall(lane.calls, record, here);
    const found: string[] = [];
    record.steps.forEach((step, i) => {
      const machine = this.machineOf(step.actor);
      if (!machine) return;
      found.push(step.actor);
      const lane = this.laneOf(step.actor, machine);
      const last = lane?.spans.at(-1);
      const state = step.to === null ? null : pathOf(step.to);
      if (!lane || (last && last.to === null && last.state === state && step.from !== null)) return;
      if (last && last.to === null) last.to = here;
      if (state === null || lane.spans.length >= SPANS_MAX) return;
      const isFinal = this.isFinal(machine, step.to!);
      const wait = isFinal ? null : waitOf(this.index.topology.machines[machine]!, state, record.steps, i);
      lane.spans.push({ state, from: here, to: isFinal ? here : null, rule: step.rules[0] ?? '', wait });
      if (isFinal && machine === 'message') this.ended = { ...here, verdict: state };
    });
    for (const effect of record.effects) this.addCall(effect, record, here);
    return found;
  }

  /** The deadlines of what still goes on. */
  async tellDeadlines(): Promise<void> {
    await this.index.at(this.index.last.seq, (state) => {
      for (const { actor, spans } of this.lanes.values()) {
        const last = spans.at(-1);
        const timers = Object.values(state.actor(actor)?.timers ?? {});
        if (!last?.wait || last.to !== null || timers.length === 0) continue;
        last.wait = { ...last.wait, dueAt: Math.min(...timers.map(({ dueAt }) => dueAt)) };
      }
      const ended = state.ended(`message:${this.id}`, state.at);
      this.reason = ended?.reason ?? null;
    });
  }

  told(received: Received): MessageLife {
    const { message } = received.fact;
    const { ended } = this;
    const until = ended?.seq ?? this.index.last.seq;
    return {
      id: this.id,
      author: { id: message.author.id, username: message.author.username },
      place: message.place,
      content: message.content.slice(0, CONTENT_MAX),
      receivedAt: received.at,
      receivedSeq: received.seq,
      endedAt: ended?.at ?? null,
      endedSeq: ended?.seq ?? null,
      verdict: ended?.verdict ?? null,
      reason: this.reason,
      lanes: [...this.lanes.values()].map((lane): Lane => lane),
      upTo: this.index.last,
      restarts: this.index.lives.filter(({ seq }) => seq > received.seq && seq <= until),
    };
  }

  private machineOf(actor: string): string | null {
    const [prefix = ''] = actor.split(':', 1);
    const rest = actor.slice(prefix.length + 1);
    const withoutOrdinal = rest.slice(0, rest.lastIndexOf('.'));
    if (prefix === 'message' || prefix === 'interaction') return this.isOurs(rest) ? prefix : null;
    if (prefix === 'delivery') return this.isOurs(withoutOrdinal) ? prefix : null;
    return prefix === 'external' && this.runs.has(withoutOrdinal) ? 'externalCall' : null;
  }
  private isOurs(id: string): boolean {
    return id === this.id || id.startsWith(`${this.id}~`);
  }
  private laneOf(actor: string, machine: string): GrowingLane | null {
    const known = this.lanes.get(actor);
    if (known || this.lanes.size >= LANES_MAX) return known ?? null;
    const lane = { actor, machine, spans: [], calls: [] };
    this.lanes.set(actor, lane);
    return lane;
  }
  private addCall(effect: Effect, record: Record, here: { readonly seq: number; readonly at: number }): void {
    const lane = this.lanes.get(effect.actor);
    if (!lane || !rowOf(this.index.topology.effects, effect.type)?.awaited) return;
    if (effect.type === 'handler.run') this.runs.add(effect.id);
    lane.calls.push(callOf(effect, record, here));
  }
  private isFinal(machine: string, value: StateValue): boolean {
    const root = rowOf(this.index.topology.machines, machine)?.machine.root;
    return typeof value === 'string' && rowOf(root?.states ?? {}, value)?.type === 'final';
  }
}
