import { createSession, type Session, type SessionOptions } from '../../../src/cli/journal/environment.js';

/** A session whose screen is a list of lines. */
export function desk(
  options: SessionOptions,
  env: { readonly [name: string]: string } = {},
  terminal: { readonly isTTY?: boolean; readonly columns?: number } = {},
): {
  readonly session: Session;
  readonly lines: () => string[];
  readonly json: <T>() => T;
  readonly jsonLines: <T>() => T[];
} {
  let text = '';
  const out = {
    ...terminal,
    write: (piece: string | Uint8Array): boolean => {
      text += String(piece);
      return true;
    },
  };
  const session = createSession(options, { env, out: out as never });
  const lines = (): string[] => text.split('\n').slice(0, -1);
  return {
    session,
    lines,
    json: <T>() => JSON.parse(lines().at(-1) ?? '') as T,
    jsonLines: <T>() => lines().map((line) => JSON.parse(line) as T),
  };
}

/** The rows of a table as objects by their titles; the titles are told apart by two spaces. */
export function rowsOf(lines: readonly string[], title: RegExp): { [column: string]: string }[] {
  const head = lines.findIndex((line) => title.test(line));
  const titles = [...(lines[head] ?? '').matchAll(/\S+(?: \S+)*/g)].map((match) => ({
    name: match[0],
    at: match.index,
  }));
  const rows: { [column: string]: string }[] = [];
  for (const line of lines.slice(head + 1)) {
    if (line.trim() === '') break;
    rows.push(
      Object.fromEntries(
        titles.map(({ name, at }, i) => [name, line.slice(i === 0 ? 0 : at, titles[i + 1]?.at).trim()]),
      ),
    );
  }
  return rows;
}
