import { z } from 'zod';
import { nearest } from '../../base/nearest.js';

/** Nonsense: the message names the field and the value. */
export class BadRequest extends Error {
  readonly statusCode = 400;
}

/** Longest value that a message repeats. */
const SHOWN_MAX = 60;
/** Problems that one message tells. */
const PROBLEMS_MAX = 5;

/** The value as the schema has it. Throws BadRequest. */
export function readInput<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap((issue) => problemsOf(issue, value, schema));
  throw new BadRequest([...new Set(problems)].slice(0, PROBLEMS_MAX).join('; '));
}

type Issue = z.core.$ZodIssue;
function problemsOf(issue: Issue, input: unknown, schema: z.ZodType): string[] {
  const where = issue.path.join('.') || 'body';
  const value = valueAt(input, issue.path);
  if (issue.code === 'unrecognized_keys') {
    const names = namesIn(schema);
    return issue.keys.map((key) => `${[...issue.path, key].join('.')}: there is no such field here${like(key, names)}`);
  }
  if (issue.code === 'invalid_union') {
    const options = (issue as { options?: readonly unknown[] }).options ?? [];
    const kinds = options.filter((option) => typeof option === 'string');
    if (kinds.length > 0) return [`${where}: ${oneOf(value, kinds)}`];
    const branch = closest(issue.errors, value);
    return branch.flatMap((inner) =>
      problemsOf({ ...inner, path: [...issue.path, ...inner.path] } as Issue, input, schema),
    );
  }
  if (issue.code === 'invalid_value') return [`${where}: ${oneOf(value, issue.values)}`];
  if (value === undefined) return [`${where}: is missing`];
  const expected = issue.message.replace(/^(Invalid input|Too big|Too small): /, '').replace(/, received .*$/, '');
  return [`${where}: ${expected}, not ${shown(value)}`];
}

function oneOf(value: unknown, values: readonly unknown[]): string {
  const names = values.map(String);
  if (value === undefined) return `is missing; it is one of ${names.join(', ')}`;
  const hint = typeof value === 'string' ? like(value, names) : '';
  return `${shown(value)} is unknown${hint}; there are ${names.join(', ')}`;
}

/** Of several shapes the one that was meant: a list for a list, an object for an object. */
function closest(errors: readonly (readonly Issue[])[], value: unknown): readonly Issue[] {
  const fits = errors.filter((issues) => !issues.some((issue) => issue.code === 'invalid_type' && !issue.path.length));
  const candidates = fits.length > 0 ? fits : errors;
  return candidates[Array.isArray(value) || candidates.length === 1 ? 0 : candidates.length - 1] ?? [];
}

/** Of one or two letters everything is the nearest; and a name that exists elsewhere is no slip of the pen. */
function like(name: string, names: readonly string[]): string {
  const best = name.length > 2 && !names.includes(name) ? nearest(name, names) : null;
  return best === null ? '' : `; the nearest is "${best}"`;
}

export function shown(value: unknown): string {
  return cut(JSON.stringify(value) ?? String(value));
}
export function cut(text: string): string {
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : value,
    input,
  );
}

/** Every field name that a schema knows, at any depth. */
function namesIn(schema: z.ZodType): string[] {
  const names = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { properties } = node as { properties?: object };
    for (const key of Object.keys(properties ?? {})) names.add(key);
    for (const part of Object.values(node)) visit(part);
  };
  visit(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  return [...names];
}
