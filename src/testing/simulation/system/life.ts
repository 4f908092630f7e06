import type { Clock, Effect, Log, Performer } from '../../../actors/ports.js';
import type { Topology } from '../../../actors/step/routes.js';
import { ActorSystem } from '../../../actors/system/actorSystem.js';
import type { MemoryJournal } from '../../../adapters/journal/memoryJournal.js';
import type { BotOptions } from '../../../machines/vocabulary/options/options.js';
import type { FaultyJournal } from './faultyJournal.js';
import type { Order } from './order.js';

export interface LifeOptions {
  readonly memory: MemoryJournal;
  readonly journal: FaultyJournal;
  readonly order: Order;
  readonly clock: Clock;
  readonly topology: Topology;
  readonly options: BotOptions;
  readonly newId: () => string;
  readonly perform: (effect: Effect) => void;
}
const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** One process life: an `ActorSystem` whose turns come when `settle` says so. */
export class Life {
  readonly memory: MemoryJournal;
  readonly journal: FaultyJournal;
  readonly order: Order;
  readonly system: ActorSystem;
  private readonly turns: (() => void)[] = [];

  constructor({ memory, journal, order, clock, topology, options, newId, perform }: LifeOptions) {
    this.memory = memory;
    this.journal = journal;
    this.order = order;
    const performer: Performer = (effect) => {
      order.performed(effect);
      if (!order.isFenced) perform(effect);
    };
    this.system = new ActorSystem({
      journal,
      clock,
      topology,
      options,
      performers: Object.fromEntries(Object.keys(topology.effects).map((type) => [type, performer])),
      newId: () => {
        const id = newId();
        order.posted(id);
        return id;
      },
      log: silent,
      defer: (turn) => void this.turns.push(turn),
    });
  }

  /** Lets the loop take its turns until it rests. */
  async settle(): Promise<void> {
    do {
      for (const turn of this.turns.splice(0)) turn();
      await new Promise<void>((resolve) => setImmediate(resolve));
    } while (this.turns.length > 0);
  }

  /** The process dies: nothing of it happens any more. */
  die(): void {
    this.memory.kill();
    this.turns.length = 0;
  }
}
