import type { Record } from '../ports.js';
import type { Topology } from '../step/routes.js';
import type { Changes } from '../step/state.js';
import { isForeign } from './refold.js';

/** The first place where the recomputed past differs from the recorded one. */
export interface Divergence {
  readonly seq: number;
  readonly actor: string;
  readonly recorded: string;
  readonly recomputed: string;
}

/**
 * Where a record and its recomputation part; null when they are the same, byte for byte, or were made under another
 * behaviour than that of this topology: then nothing is compared.
 */
export function difference(topology: Topology, record: Record, changes: Changes): Divergence | null {
  return isForeign(topology, changes) ? null : anyDifference(record, changes);
}

/** The same, whatever behaviour it was made under. */
export function anyDifference(record: Record, changes: Changes): Divergence | null {
  return firstOf(record.seq, record.steps, changes.steps) ?? firstOf(record.seq, record.effects, changes.effects);
}

function firstOf(
  seq: number,
  recorded: readonly { readonly actor: string }[],
  recomputed: readonly { readonly actor: string }[],
): Divergence | null {
  const length = Math.max(recorded.length, recomputed.length);
  for (let i = 0; i < length; i += 1) {
    const [was, is] = [recorded[i] ?? null, recomputed[i] ?? null];
    if (isSameJson(was, is)) continue;
    return { seq, actor: (was ?? is)!.actor, recorded: JSON.stringify(was), recomputed: JSON.stringify(is) };
  }
  return null;
}

/**
 * Whether two values are the same JSON text, told without writing it: `JSON.stringify(a) === JSON.stringify(b)`, the
 * order of keys included. What JSON leaves out (undefined in an object) counts as absent, what it cannot say (NaN) as
 * null. Values with a `toJSON` of their own are written out after all.
 */
export function isSameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (hasToJson(a) || hasToJson(b)) return JSON.stringify(a) === JSON.stringify(b);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return leafOf(a) === leafOf(b);
  if (Array.isArray(a) || Array.isArray(b)) return Array.isArray(a) && Array.isArray(b) && isSameList(a, b);
  return isSameObject(a as Tree, b as Tree);
}

interface Tree {
  readonly [key: string]: unknown;
}

function isSameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) {
    // Inside a list JSON has a place for everything: what it cannot say is null there.
    if (!isSameJson(isSayable(a[i]) ? a[i] : null, isSayable(b[i]) ? b[i] : null)) return false;
  }
  return true;
}

function isSameObject(a: Tree, b: Tree): boolean {
  const [keysA, keysB] = [Object.keys(a), Object.keys(b)];
  let j = 0;
  for (const key of keysA) {
    if (!isSayable(a[key])) continue;
    while (j < keysB.length && !isSayable(b[keysB[j]!])) j += 1;
    if (keysB[j] !== key || !isSameJson(a[key], b[key])) return false;
    j += 1;
  }
  while (j < keysB.length && !isSayable(b[keysB[j]!])) j += 1;
  return j === keysB.length;
}

/** Two leaves are the same text exactly when these are equal; an object is not equal to any leaf. */
function leafOf(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'bigint') return JSON.stringify(value); // throws, as it did
  return isSayable(value) ? value : undefined;
}

function isSayable(value: unknown): boolean {
  const type = typeof value;
  return type !== 'undefined' && type !== 'function' && type !== 'symbol';
}

function hasToJson(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof (value as { toJSON?: unknown }).toJSON === 'function';
}
