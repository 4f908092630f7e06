import { ENDED_AGE_MS, ENDED_MAX, type Ended } from '../../../../src/actors/state.js';

/**
 * What remains of ended actors, at every kept state: each keeps the endings since the one before it, packed, and a link to that
 * one. What counted at a moment is read back from as many links as hold the newest `ENDED_MAX`.
 */
export class Endings {
  private constructor(
    readonly previous: Endings | null,
    /** Endings up to here, ever. */
    readonly total: number,
    private readonly ids: string,
    private readonly at: Float64Array,
    private readonly kinds: Uint16Array,
  ) {}

  static first(total: number, entries: readonly Ending[]): Endings {
    return Endings.pack(null, total, entries);
  }
  after(entries: readonly Ending[]): Endings {
    return entries.length === 0 ? this : Endings.pack(this, this.total + entries.length, entries);
  }

  private static pack(previous: Endings | null, total: number, entries: readonly Ending[]): Endings {
    return new Endings(
      previous,
      total,
      entries.map(([id]) => id).join('\n'),
      Float64Array.from(entries, ([, at]) => at),
      Uint16Array.from(entries, ([, , ended]) => kindOf(ended)),
    );
  }

  /** Those that count here, by id. */
  ring(): EndedRing {
    const links: Endings[] = [];
    let covered = 0;
    for (let link: Endings | null = this; link && covered < ENDED_MAX; link = link.previous) {
      links.unshift(link);
      covered += link.at.length;
    }
    const ring: EndedRing = new Map();
    for (const link of links) {
      const ids = link.at.length === 0 ? [] : link.ids.split('\n');
      ids.forEach((id, i) => {
        ring.delete(id);
        ring.set(id, [link.at[i]!, link.kinds[i]!]);
      });
    }
    Endings.trim(ring);
    return ring;
  }
  static entryOf(at: number, ended: Ended): readonly [at: number, kind: number] {
    return [at, kindOf(ended)];
  }
  static trim(ring: EndedRing): void {
    for (const id of ring.keys()) {
      if (ring.size <= ENDED_MAX) break;
      ring.delete(id);
    }
  }

  get bytes(): number {
    return this.ids.length + 10 * this.at.length;
  }
}
export type Ending = readonly [id: string, at: number, ended: Ended];
/** id → when, and the number of its kind. */
export type EndedRing = Map<string, readonly [at: number, kind: number]>;

export function endedIn(ring: EndedRing, id: string, at: number): Ended | undefined {
  const entry = ring.get(id);
  if (!entry || at - entry[0] > ENDED_AGE_MS) return undefined;
  return { ...kinds[entry[1]]!, parent: parentOf(id) };
}

/** The actor that one belongs to, by its id. */
export function parentOf(id: string): string | null {
  if (id.startsWith('delivery:')) return `message:${id.slice('delivery:'.length, id.lastIndexOf('.'))}`;
  return null;
}

type Kind = Omit<Ended, 'parent'>;
/** Machine, state and reason of ended actors repeat; past this many different ones the reason is forgotten, then the state. */
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
