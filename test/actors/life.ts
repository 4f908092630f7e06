import type { Journal, Performer, Record } from '../../src/actors/ports.js';
import type { Topology } from '../../src/actors/step/routes.js';
import { ActorSystem } from '../../src/actors/system/actorSystem.js';
import { CHECKPOINTS, type CheckpointRhythm } from '../../src/actors/system/checkpointing.js';
import { type MemoryJournal, type MemoryStore, openMemoryJournal } from '../../src/adapters/journal/memoryJournal.js';
import { createManualClock, type ManualClock } from '../../src/adapters/process/manualClock.js';
import { defaultOptions } from '../../src/machines/vocabulary/options/options.js';
import { toyTopology } from './toyTopology.js';

export interface Life {
  readonly system: ActorSystem;
  readonly journal: MemoryJournal;
  readonly clock: ManualClock;
  readonly performed: string[];
  readonly errors: string[];
  readonly warnings: { readonly message: string; readonly fields: object }[];
  /** Lets the loop take its turns. */
  settle(): Promise<void>;
  /** One turn of it. */
  turn(): Promise<void>;
}
export const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** A process life of the toy system on a store. */
export async function live(
  store: MemoryStore | null,
  more: {
    /** In place of one in memory; not closed by the life. */
    journal?: Journal;
    clock?: ManualClock;
    topology?: Topology;
    performers?: { [type: string]: Performer };
    options?: typeof defaultOptions;
    checkpoints?: CheckpointRhythm;
    hasRoom?: () => boolean;
  } = {},
): Promise<Life> {
  const journal = (more.journal ?? (await openMemoryJournal(store!))) as MemoryJournal;
  const clock = more.clock ?? createManualClock();
  const performed: string[] = [];
  const errors: string[] = [];
  const warnings: Life['warnings'] = [];
  const turns: (() => void)[] = [];
  let ids = (await journal.position()).seq * 1_000;
  const fetchToken: Performer = (effect) =>
    void performed.push(`${effect.type} ${effect.actor} after ${store?.records.length}`);
  const exit: Performer = (effect) => void performed.push(effect.type);
  const system = new ActorSystem({
    journal,
    clock,
    topology: more.topology ?? toyTopology,
    options: more.options ?? defaultOptions,
    checkpoints: more.checkpoints ?? { ...CHECKPOINTS, recordsMin: 1 },
    ...(more.hasRoom ? { hasRoom: more.hasRoom } : {}),
    performers: { 'token.fetch': fetchToken, 'process.exit': exit, ...more.performers },
    newId: () => `id${ids++}`,
    log: {
      ...silent,
      warn: (fields, message) => void warnings.push({ fields, message }),
      error: (_fields, message) => void errors.push(message),
    },
    defer: (turn) => void turns.push(turn),
  });
  const turn = async (): Promise<void> => {
    turns.splice(0).forEach((run) => void run());
    for (let i = 0; i < 5; i += 1) await Promise.resolve();
  };
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 50; i += 1) await turn();
  };
  const starting = system.start();
  await settle();
  await starting;
  return { system, journal, clock, performed, errors, warnings, settle, turn };
}
export const order = (signal: string) => ({ type: 'stop.requested', signal }) as const;
export const lamp = (life: Life) => life.system.state.actor('lamp')?.snapshot;
export const records = (store: MemoryStore): Record[] => store.records.map((line) => JSON.parse(line) as Record);
