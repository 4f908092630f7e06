import type { Record } from '../../../actors/ports.js';

/** Deeper nesting than this is no fact of ours, and would break what walks through it. */
const DEPTH_MAX = 64;

/** Whether it has the shape of a record: a journal, an export or an upload that others have made may hold anything. */
export function isRecord(value: unknown): value is Record {
  if (typeof value !== 'object' || value === null) return false;
  const { seq, at, epoch, id, fact, steps, effects } = value as { readonly [key in keyof Record]?: unknown };
  return (
    isShallow(value, 0) &&
    Number.isSafeInteger(seq) &&
    Number.isFinite(at) &&
    Number.isSafeInteger(epoch) &&
    typeof id === 'string' &&
    hasTexts(fact, 'type') &&
    Array.isArray(steps) &&
    steps.every(isStep) &&
    Array.isArray(effects) &&
    effects.every((effect) => hasTexts(effect, 'id', 'type', 'actor'))
  );
}

function isStep(step: unknown): boolean {
  if (!hasTexts(step, 'actor', 'event')) return false;
  const { from, to, rules } = step as { readonly from?: unknown; readonly to?: unknown; readonly rules?: unknown };
  const areRules = Array.isArray(rules) && rules.every((rule) => typeof rule === 'string');
  return areRules && [from, to].every((value) => value === null || isStateValue(value));
}
function isStateValue(value: unknown): boolean {
  if (typeof value === 'string') return true;
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isStateValue)
  );
}

function hasTexts(value: unknown, ...keys: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return keys.every((key) => typeof (value as { readonly [key: string]: unknown })[key] === 'string');
}
function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth < DEPTH_MAX && Object.values(value).every((inner) => isShallow(inner, depth + 1));
}
