import type { Timers } from '../../kit/timers.js';
import type { Fault, Faults } from '../faults.js';
import type { FaultKind } from '../kinds.js';
import { latencyOf } from '../latency.js';
import { malformed, type Raw, withShardQuirk } from './malformedFrames.js';

export interface FrameContext {
  /** Any object that stands for the connection as long as it lives. */
  readonly connection: object;
  readonly appId: string | null;
  readonly op: number;
  readonly t: string | null;
  /** Of an event: its body. */
  readonly d?: unknown;
}
type Deliver = (frame: Raw) => void;
interface Waiting {
  readonly atMs: number;
  readonly isEvent: boolean;
  readonly send: () => void;
}
/** What goes out on one connection, in order. */
interface Lane {
  readonly waiting: Waiting[];
  /** An event that is held back until the next one has gone. */
  held: (() => void) | null;
}

/** Longest that a frame which is to come after the next one waits for a next one. */
const REORDER_HOLD_MS = 1_000;
/** Delayed frames kept for one connection; past it the oldest goes out early. */
export const DELAYED_MAX = 10_000;
/** Handshake frames: an event fault strikes them only when it names them. */
const HANDSHAKE = ['READY', 'RESUMED'];

/** Everything that goes wrong with frames to a bot. Without faults it delivers and keeps nothing. */
export class FrameFaults {
  private readonly lanes = new WeakMap<object, Lane>();
  private readonly dead = new WeakSet<object>();
  /** Which half-open faults have already drawn their luck for a connection. */
  private readonly asked = new WeakMap<object, Set<Fault>>();

  constructor(
    private readonly faults: Faults,
    private readonly timers: Timers,
  ) {}

  /** One outgoing frame: delivered now, later, changed, twice or never. */
  pass(text: string, context: FrameContext, deliver: Deliver): void {
    const lane = this.lanes.get(context.connection);
    if (this.isDead(context.connection, context.appId)) return;
    if (!lane && this.faults.current().length === 0) return deliver(text);
    const hit = (kind: FaultKind): Fault | null => this.hit(kind, context);
    const { op, t } = context;
    if ((op === 11 && hit('loseAcks')) || (op === 10 && hit('noHello'))) return;
    const helloDelay = op === 10 ? hit('helloDelay') : null;
    const quirk = t === 'READY' ? hit('readyShardQuirk') : null;
    const malform = hit('malformFrames');
    const whole = quirk ? withShardQuirk(text) : text;
    const parts = malform ? malformed(whole, malform, this.faults.randomOf(malform)) : [whole];
    const isTwice = Boolean((op === 11 && hit('doubleAcks')) || hit('duplicate'));
    const delay = hit('delay');
    const send = (): void => {
      if (this.dead.has(context.connection)) return;
      for (const part of isTwice ? [...parts, ...parts] : parts) deliver(part);
    };
    const late = helloDelay ? (helloDelay.delayMs ?? 5_000) : delay ? this.delayOf(delay) : 0;
    if (hit('reorder')) this.holdBack(context.connection, send);
    else this.release(context.connection, late, send, op === 0);
  }

  /** Whether the server still hears this connection; from the first no on it never does again. */
  hears(connection: object, appId: string | null): boolean {
    return !this.isDead(connection, appId);
  }

  private hit(kind: FaultKind, { appId, op, t, d }: FrameContext): Fault | null {
    const isOfEvent = ['duplicate', 'reorder', 'delay', 'malformFrames'].includes(kind);
    if (!isOfEvent) return this.faults.hit(kind, appId);
    if (op !== 0 || t === null) return null;
    for (const fault of this.faults.current()) {
      if (fault.kind !== kind || (fault.event === undefined && HANDSHAKE.includes(t))) continue;
      if (this.faults.strikesBot(fault, appId, { t, d })) return fault;
    }
    return null;
  }
  private delayOf(fault: Fault): number {
    return latencyOf({ ...fault, latencyMs: fault.delayMs }, this.faults.randomOf(fault), 1_000);
  }
  private isDead(connection: object, appId: string | null): boolean {
    if (this.dead.has(connection)) return true;
    for (const fault of this.faults.current()) {
      if (fault.kind !== 'halfOpen' || (fault.route !== undefined && fault.route !== 'websocket')) continue;
      if (fault.channelId !== undefined || fault.feature !== undefined) continue; // about requests
      // Before IDENTIFY nobody knows whose connection this is.
      if (fault.appId !== undefined && appId === null) continue;
      const asked = this.asked.get(connection) ?? new Set();
      if (asked.has(fault)) continue;
      this.asked.set(connection, asked.add(fault));
      if (!this.faults.strikesBot(fault, appId)) continue;
      this.dead.add(connection);
      return true;
    }
    return false;
  }

  private release(connection: object, delayMs: number, send: () => void, isEvent: boolean): void {
    const lane = this.lanes.get(connection);
    const last = lane?.waiting.at(-1);
    if (delayMs <= 0 && !last) {
      send();
      return isEvent ? this.letGo(lane) : undefined;
    }
    const kept = lane ?? this.newLane(connection);
    const atMs = Math.max(this.timers.now() + delayMs, last?.atMs ?? 0);
    kept.waiting.push({ atMs, send, isEvent });
    if (kept.waiting.length > DELAYED_MAX) kept.waiting.shift()!.send();
    if (!last) this.arm(connection, kept);
  }
  private arm(connection: object, lane: Lane): void {
    const [first] = lane.waiting;
    if (!first) return;
    this.timers.after(Math.max(0, first.atMs - this.timers.now()), () => {
      let isEvent = false;
      for (let next = lane.waiting[0]; next && next.atMs <= first.atMs; next = lane.waiting[0]) {
        lane.waiting.shift();
        next.send();
        isEvent ||= next.isEvent;
      }
      if (isEvent) this.letGo(lane);
      this.arm(connection, lane);
    });
  }
  private holdBack(connection: object, send: () => void): void {
    const lane = this.lanes.get(connection) ?? this.newLane(connection);
    if (lane.held) return this.release(connection, 0, send, true); // this one is the next that the held one waits for
    lane.held = send;
    this.timers.after(REORDER_HOLD_MS, () => {
      if (lane.held === send) this.letGo(lane);
    });
  }
  private letGo(lane: Lane | undefined): void {
    const held = lane?.held;
    if (!lane || !held) return;
    lane.held = null;
    held();
  }
  private newLane(connection: object): Lane {
    const lane: Lane = { waiting: [], held: null };
    this.lanes.set(connection, lane);
    return lane;
  }
}
