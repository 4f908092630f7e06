import type { AnyStateMachine } from 'xstate';
import type { AnyContextCard } from '../../machines/vocabulary/card.js';
import { defaultOptions } from '../../machines/vocabulary/options/options.js';
import { deepFreeze } from '../step/freeze.js';
import type { Member } from '../step/routes.js';

interface Tree {
  readonly [key: string]: unknown;
}
export interface SavedContext {
  readonly id: string;
  /** Time of the checkpoint, ms since 1970. */
  readonly at: number;
  readonly context: unknown;
}
const NOTHING_KNOWN: AnyContextCard = { nullable: {}, optional: {}, needed: {} };
/** Characters of a wrong value that are told. */
const SHOWN_MAX = 60;

/**
 * The context of an actor that is restored, held against its machine's card: what is missing gets the value that a
 * birth gives. Throws TypeError naming the field and its value when a field is of another kind, or missing without a
 * default.
 */
export function restoredContext({ machine, options, context: card }: Member, saved: SavedContext): object {
  const context = saved.context;
  if (!isPlain(context)) throw new TypeError(`context is ${shown(context)}, expected an object`);
  const { nullable, optional, needed, born } = card ?? NOTHING_KNOWN;
  for (const [field, example] of Object.entries(needed)) {
    whole(field, context[field], example);
  }
  const own = Object.fromEntries(Object.keys(needed).map((field) => [field, context[field]]));
  const known = { id: saved.id, at: saved.at, needed: own as never };
  const input = { ...own, ...options?.(defaultOptions), ...born?.(known), id: saved.id, at: saved.at };
  const restored: { [key: string]: unknown } = { ...context };
  for (const [field, fallback] of Object.entries(bornContext(machine, input))) {
    if (!(field in context)) {
      if (!(field in optional)) restored[field] = fallback;
      continue;
    }
    const examples = (nullable as { readonly [key: string]: readonly unknown[] | undefined })[field];
    if (examples) checkAny(field, context[field], examples);
    else restored[field] = checked(field, context[field], fallback);
  }
  for (const [field, example] of Object.entries(optional))
    if (field in context) checkAny(field, context[field], [example]);
  return deepFreeze(restored);
}

/** What the machine gives one that is born. */
export function bornContext(machine: AnyStateMachine, input: object): Tree {
  const { context } = machine.config as { readonly context?: Tree | ((args: { readonly input: object }) => Tree) };
  return typeof context === 'function' ? context({ input }) : (context ?? {});
}

/** The value, filled. Throws where its kind is not that of the example. */
function checked(where: string, value: unknown, example: unknown): unknown {
  compared(where, value, example);
  return withDefaults(example, value);
}

/** Lists and maps are not looked into; what is missing is no difference, and a null in the example allows anything. */
function compared(where: string, value: unknown, example: unknown): void {
  if (example === null) return;
  if (kindOf(value) !== kindOf(example))
    throw new TypeError(`${where} is ${shown(value)}, expected ${kindOf(example)}`);
  if (!isPlain(value) || !isPlain(example)) return;
  for (const [key, inner] of Object.entries(example)) if (key in value) compared(`${where}.${key}`, value[key], inner);
}

/** All that the example has is there. */
function whole(where: string, value: unknown, example: unknown): void {
  if (value === undefined) throw new TypeError(`${where} is missing, and nothing can stand for it`);
  compared(where, value, example);
  if (!isPlain(value) || !isPlain(example)) return;
  for (const [key, inner] of Object.entries(example)) whole(`${where}.${key}`, value[key], inner);
}

/** `value` with what `example` has and it lacks, at every depth; the same object when nothing was missing. */
export function withDefaults(example: unknown, value: unknown): unknown {
  if (!isPlain(value) || !isPlain(example)) return value;
  let grown: { [key: string]: unknown } | null = null;
  for (const [key, fallback] of Object.entries(example)) {
    const is = key in value ? withDefaults(fallback, value[key]) : fallback;
    if (is === value[key]) continue;
    grown ??= { ...value };
    grown[key] = is;
  }
  return grown ?? value;
}

function checkAny(where: string, value: unknown, examples: readonly unknown[]): void {
  if (value === null) return;
  const example = examples.find((one) => kindOf(one) === kindOf(value));
  if (example === undefined)
    throw new TypeError(`${where} is ${shown(value)}, expected ${[...examples.map(kindOf), 'null'].join(' or ')}`);
  compared(where, value, example);
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (value === null) return 'null';
  if (typeof value === 'number') return Number.isFinite(value) ? 'a number' : 'not a number';
  return { string: 'a text', boolean: 'true or false', object: 'an object' }[typeof value as string] ?? typeof value;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}

function isPlain(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
