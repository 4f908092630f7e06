/**
 * One option: its kind, its default, its bounds and what it means. Type, check, `--set`, errors and docs page come from
 * it.
 */
export interface Option<T> {
  readonly kind: OptionKind;
  readonly fallback: T;
  readonly words: string;
  readonly min: number;
  readonly max: number;
  /** Of a `choice`. */
  readonly choices: readonly T[];
  /** Another option of the same group that it may not be above; left out: it stands alone. */
  readonly atMost?: string;
}
export type OptionKind =
  | 'count'
  | 'ms'
  | 'share'
  | 'factor'
  | 'flag'
  | 'choice'
  | 'bits'
  | 'shares'
  | 'shard'
  | 'address';
interface Bounds {
  readonly min?: number;
  readonly max?: number;
  readonly atMost?: string;
}
/** The longest time that an option may name: about 68 years. */
export const MS_MAX = 2 ** 31 * 1_000;

function optionOf<T>(
  kind: OptionKind,
  fallback: T,
  words: string,
  bounds: Bounds & { choices?: readonly T[] },
): Option<T> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER, choices = [], ...rest } = bounds;
  return { kind, fallback, words, min, max, choices, ...rest };
}
/** A whole number, from 1 to 1,000,000 where no other bounds are named. */
export const count = (fallback: number, words: string, bounds: Bounds = {}): Option<number> =>
  optionOf('count', fallback, words, { min: 1, max: 1_000_000, ...bounds });
/** Milliseconds; at least 1 where 0 is not given a meaning by `min: 0`. */
export const ms = (fallback: number, words: string, bounds: Bounds = {}): Option<number> =>
  optionOf('ms', fallback, words, { min: 1, max: MS_MAX, ...bounds });
/** From 0 to 1. */
export const share = (fallback: number, words: string): Option<number> =>
  optionOf('share', fallback, words, { min: 0, max: 1 });
/** From 1 to 100. */
export const factor = (fallback: number, words: string): Option<number> =>
  optionOf('factor', fallback, words, { min: 1, max: 100 });
export const flag = (fallback: boolean, words: string): Option<boolean> =>
  optionOf<boolean>('flag', fallback, words, {});
export const choice = <const C extends string>(choices: readonly C[], fallback: NoInfer<C>, words: string): Option<C> =>
  optionOf<C>('choice', fallback, words, { choices });
/** Bits of a mask. */
export const bits = (fallback: number, words: string): Option<number> =>
  optionOf('bits', fallback, words, { max: 2 ** 31 - 1 });
/** Shares above 0, at most 1; 1 to 100 of them. */
export const shares = (fallback: readonly number[], words: string): Option<readonly number[]> =>
  optionOf('shares', fallback, words, {});
export type Shard = readonly [index: number, count: number];
export const shard = (fallback: Shard, words: string): Option<Shard> => optionOf('shard', fallback, words, {});
/** A WebSocket address, or null. */
export const address = (words: string): Option<string | null> => optionOf<string | null>('address', null, words, {});

export interface OptionTree {
  readonly [name: string]: Option<unknown> | OptionTree;
}
export type ValuesOf<T> =
  T extends Option<infer V> ? V : { readonly [K in keyof T]: T[K] extends Option<infer V> ? V : ValuesOf<T[K]> };

export function isOption(node: Option<unknown> | OptionTree): node is Option<unknown> {
  return typeof node.kind === 'string';
}
export function defaultsOf<T extends OptionTree>(tree: T): ValuesOf<T> {
  const entries = Object.entries(tree).map(([name, node]) => [name, isOption(node) ? node.fallback : defaultsOf(node)]);
  return Object.fromEntries(entries) as ValuesOf<T>;
}
/** All options by dotted name. */
export function* optionsIn(tree: OptionTree, prefix = ''): Generator<[name: string, option: Option<unknown>]> {
  for (const [name, node] of Object.entries(tree)) {
    if (isOption(node)) yield [`${prefix}${name}`, node];
    else yield* optionsIn(node, `${prefix}${name}.`);
  }
}
