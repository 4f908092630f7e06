import { DIFF_MAX, type Difference } from '../../protocol.js';
import { boundedJson } from './boundedJson.js';

const VALUE_BYTES_MAX = 2_000;
const DEPTH_MAX = 12;

/** Where two JSON values differ, place by place; at most `DIFF_MAX` of them, with the number of all. */
export function differencesOf(
  before: unknown,
  after: unknown,
): { readonly diff: readonly Difference[]; readonly diffTotal: number } {
  const diff: Difference[] = [];
  let diffTotal = 0;
  const add = (path: string, was: unknown, is: unknown): void => {
    diffTotal += 1;
    if (diff.length >= DIFF_MAX) return;
    diff.push({
      path,
      ...(was === undefined ? {} : { before: boundedJson(was, VALUE_BYTES_MAX).json }),
      ...(is === undefined ? {} : { after: boundedJson(is, VALUE_BYTES_MAX).json }),
    });
  };
  const visit = (path: string, was: unknown, is: unknown, depth: number): void => {
    if (was === is) return;
    if (!isTree(was) || !isTree(is) || Array.isArray(was) !== Array.isArray(is) || depth >= DEPTH_MAX) {
      if (JSON.stringify(was) !== JSON.stringify(is)) add(path, was, is);
      return;
    }
    for (const key of new Set([...Object.keys(was), ...Object.keys(is)]))
      visit(path === '' ? key : `${path}.${key}`, was[key], is[key], depth + 1);
  };
  visit('', before, after, 0);
  return { diff, diffTotal };
}

function isTree(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null;
}
