/** Characters of what is told of a thrown value. */
export const THROWN_MAX = 2_000;
const KIND_MAX = 64;
/** Errors behind an error that are told. */
const DEPTH_MAX = 3;
/** Characters of a stack that are looked at. */
const STACK_MAX = 20_000;

export interface Thrown {
  /** The name of an error; of anything else its type. */
  readonly kind: string;
  readonly text: string;
  /** Its lines, outermost last; empty where there are none. */
  readonly stack: readonly string[];
}

/**
 * What somebody else's code threw, in words. That may be anything, of any length, and reading it may throw: a proxy, a
 * getter, an object without a prototype.
 */
export function thrownOf(error: unknown): Thrown {
  const isError = isOf(error, Error);
  const kind = (isError && safely(() => String(error.name))) || typeof error;
  const text = safely(() => (isError ? `${error.name}: ${error.message}${behind(error)}` : String(error)));
  const stack = (isError && safely(() => String(error.stack))) || '';
  return {
    kind: kind.slice(0, KIND_MAX),
    text: (text ?? kind).slice(0, THROWN_MAX),
    stack: framesOf(stack),
  };
}

/** What an error only passes on (`fetch failed`, all addresses refused), innermost last. */
function behind(error: Error): string {
  const words: string[] = [];
  let next = behindOf(error);
  while (isOf(next, Error) && words.length < DEPTH_MAX) {
    words.push(` < ${next.name}: ${next.message}`.slice(0, THROWN_MAX));
    next = behindOf(next);
  }
  return words.join('');
}

function behindOf(error: Error): unknown {
  return safely(() => error.cause ?? (error as { errors?: readonly unknown[] }).errors?.[0]);
}

/** `instanceof` for what may be a proxy that throws. */
export function isOf<T>(value: unknown, kind: abstract new (...args: never[]) => T): value is T {
  return safely(() => value instanceof kind) ?? false;
}

/** A message before the frames may be long, and is not read. */
function framesOf(stack: string): readonly string[] {
  const lines = stack
    .slice(Math.max(0, stack.indexOf('\n    at ')))
    .slice(0, STACK_MAX)
    .split('\n');
  return lines.map((line) => line.trim()).filter((line) => line.startsWith('at '));
}

function safely<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
