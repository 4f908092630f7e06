import { ENDED_AGE_MS, ENDED_MAX, type Ended } from '../../../../src/actors/step/state.js';
import { hashOf } from './kept/persistentMap.js';

/**
 * What remains of ended actors, at every kept state: each keeps the endings since the one before it, packed, and a link
 * to that one. What counts at a moment is looked for in as many links as hold the newest `ENDED_MAX`.
 */
export class Endings {
  private readonly hashes: Uint32Array;
  private readonly ids: string;
  private readonly at: Float64Array;
  private readonly kinds: Uint16Array;

  constructor(
    private readonly previous: Endings | null,
    /** Endings up to here, ever. */
    readonly total: number,
    entries: readonly Ending[],
  ) {
    this.hashes = Uint32Array.from(entries, ([id]) => hashOf(id));
    this.ids = entries.map(([id]) => id).join('\n');
    this.at = Float64Array.from(entries, ([, at]) => at);
    this.kinds = Uint16Array.from(entries, ([, , ended]) => kindOf(ended));
  }

  after(entries: readonly Ending[]): Endings {
    return entries.length === 0 ? this : new Endings(this, this.total + entries.length, entries);
  }

  /** What is remembered of an actor at the time `at`, when `total` have ended. */
  find(id: string, at: number, total: number): Ended | undefined {
    const hash = hashOf(id);
    const oldest = total - ENDED_MAX;
    for (let link: Endings | null = this; link && link.total > oldest; link = link.previous) {
      const i = link.placeOf(id, hash);
      if (i < 0) continue;
      const ordinal = link.total - link.hashes.length + i + 1;
      return ordinal > oldest && at - link.at[i]! <= ENDED_AGE_MS ? link.endedAt(i, id) : undefined;
    }
    return undefined;
  }

  /** All that is remembered at that time, oldest first. */
  entries(at: number, total: number): Ending[] {
    const found: Ending[] = [];
    const oldest = total - ENDED_MAX;
    for (let link: Endings | null = this; link && link.total > oldest; link = link.previous) {
      const ids = link.hashes.length === 0 ? [] : link.ids.split('\n');
      for (let i = ids.length - 1; i >= 0 && link.total - ids.length + i + 1 > oldest; i -= 1)
        if (at - link.at[i]! <= ENDED_AGE_MS) found.push([ids[i]!, link.at[i]!, link.endedAt(i, ids[i]!)]);
    }
    return found.reverse();
  }

  get bytes(): number {
    return this.ids.length + 14 * this.at.length;
  }

  /** The newest place of an id in this link; -1: it is not here. */
  private placeOf(id: string, hash: number): number {
    let i = this.hashes.lastIndexOf(hash);
    if (i < 0) return -1;
    const ids = this.ids.split('\n');
    while (i >= 0 && ids[i] !== id) i = i === 0 ? -1 : this.hashes.lastIndexOf(hash, i - 1);
    return i;
  }
  private endedAt(i: number, id: string): Ended {
    return { ...kinds[this.kinds[i]!]!, parent: parentOf(id) };
  }
}
export type Ending = readonly [id: string, at: number, ended: Ended];

/** The actor that one belongs to, by its id. */
export function parentOf(id: string): string | null {
  if (id.startsWith('delivery:')) return `message:${id.slice('delivery:'.length, id.lastIndexOf('.'))}`;
  return null;
}

type Kind = Omit<Ended, 'parent'>;
/**
 * Machine, state and reason of ended actors repeat; past this many different ones the reason is forgotten, then the
 * state.
 */
const KINDS_MAX = 60_000;
const kinds: Kind[] = [{ machine: '?', value: '?', reason: null }];
const kindNumbers = new Map<string, number>();

function kindOf({ machine, value, reason }: Ended): number {
  const key = JSON.stringify([machine, value, reason]);
  const known = kindNumbers.get(key);
  if (known !== undefined) return known;
  if (kinds.length >= KINDS_MAX)
    return reason === null || kinds.length >= 65_000 ? 0 : kindOf({ machine, value, reason: null, parent: null });
  kinds.push({ machine, value, reason });
  kindNumbers.set(key, kinds.length - 1);
  return kinds.length - 1;
}
