import type { Record } from '../../../src/actors/ports.js';
import { factOf, recordOf } from '../../../src/actors/step/records.js';
import type { Topology } from '../../../src/actors/step/routes.js';
import { SystemState } from '../../../src/actors/step/state.js';
import { step } from '../../../src/actors/step/step.js';
import type { Fact } from '../../../src/machines/vocabulary/facts/facts.js';

/** Records of a system of any topology, as its journal would have them. */
export class Records {
  readonly all: Record[] = [];
  private readonly state = new SystemState();
  private now = 1_000_000;

  constructor(readonly topology: Topology) {}

  take(fact: { readonly type: string; readonly [key: string]: unknown }): Record {
    const stamped = factOf({
      fact: { ver: 1, ...fact } as never,
      id: `f${this.all.length}`,
      at: this.now,
    } as unknown as Record);
    const changes = step(this.topology, this.state, stamped);
    this.state.apply(changes);
    this.state.merge();
    const record = recordOf(stamped, changes);
    this.all.push(record);
    return record;
  }

  /** The time of an armed timer comes. */
  elapse(actor: string, timer: string): Record {
    const { dueAt, armedAtSeq } = this.state.actor(actor)!.timers[timer]!;
    this.now = Math.max(this.now, dueAt);
    return this.take({ type: 'timer.elapsed', actor, timer, armedAtSeq } satisfies Fact as never);
  }
}
