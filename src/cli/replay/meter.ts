import { type Folder, folderOf } from '../../actors/charts/inertScope.js';
import { difference } from '../../actors/fold/difference.js';
import type { FoldOptions } from '../../actors/fold/fold.js';
import type { Journal } from '../../actors/ports.js';
import type { Topology } from '../../actors/step/routes.js';

/** Shares of the time of a fold, each from 0 to 1; together 1. */
export interface FoldShares {
  /** Rows of the journal, without parsing. */
  readonly reading: number;
  readonly jsonParsing: number;
  /** The machines: guards, actions and XState's own work. */
  readonly xstate: number;
  /** Recorded against recomputed. */
  readonly comparing: number;
  /** All the rest: topology, state, steps. */
  readonly routing: number;
}
type Part = 'read' | 'parse' | 'xstate' | 'compare';

/**
 * Times the parts of a fold by wrapping their calls while it runs; nothing is wrapped otherwise. The wrappers
 * themselves cost some hundredths of the whole, which the rate of a measured fold includes.
 */
export async function measureFold<T>(
  journal: Journal,
  topology: Topology,
  run: (journal: Journal, options: Pick<FoldOptions, 'compare'>) => Promise<T>,
): Promise<{ readonly result: T; readonly seconds: number; readonly shares: FoldShares }> {
  const spent: { [part in Part]: number } = { read: 0, parse: 0, xstate: 0, compare: 0 };
  const timed =
    <A extends unknown[], R>(part: Part, call: (...args: A) => R) =>
    (...args: A): R => {
      const started = performance.now();
      try {
        return call(...args);
      } finally {
        spent[part] += performance.now() - started;
      }
    };
  const undo = [wrapParsing(timed), ...wrapMachines(topology, timed)];
  const read = async (after: number, limit: number): ReturnType<Journal['read']> => {
    const started = performance.now();
    const records = await journal.read(after, limit);
    spent.read += performance.now() - started;
    return records;
  };
  const metered: Journal = Object.assign(Object.create(journal) as Journal, { read });
  const started = performance.now();
  try {
    const result = await run(metered, { compare: timed('compare', difference) });
    const total = Math.max(performance.now() - started, 1e-6);
    return { result, seconds: total / 1_000, shares: sharesOf(spent, total) };
  } finally {
    for (const restore of undo) restore();
  }
}

type Timed = <A extends unknown[], R>(part: Part, call: (...args: A) => R) => (...args: A) => R;

function wrapParsing(timed: Timed): () => void {
  const { parse } = JSON;
  JSON.parse = timed('parse', parse) as typeof parse;
  return () => {
    JSON.parse = parse;
  };
}

function wrapMachines(topology: Topology, timed: Timed): (() => void)[] {
  return Object.values(topology.machines).map(({ machine }) => {
    const folder = folderOf(machine) as { -readonly [key in keyof Folder]: Folder[key] };
    const { start, transition } = folder;
    folder.start = timed('xstate', start);
    folder.transition = timed('xstate', transition);
    return () => void Object.assign(folder, { start, transition });
  });
}

function sharesOf(spent: { readonly [part in Part]: number }, total: number): FoldShares {
  const share = (ms: number): number => Math.round((1_000 * ms) / total) / 1_000;
  const rest = total - spent.read - spent.xstate - spent.compare;
  return {
    reading: share(Math.max(0, spent.read - spent.parse)),
    jsonParsing: share(spent.parse),
    xstate: share(spent.xstate),
    comparing: share(spent.compare),
    routing: share(Math.max(0, rest)),
  };
}
