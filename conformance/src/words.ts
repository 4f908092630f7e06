/**
 * What the suite and a client under test say to each other. A user writes `WORD TAG` in a chat; the client does what
 * the word says, there. What it sees it tells by the IPC channel of its process.
 */
export const WORDS = ['say', 'form', 'refuse'] as const;
/** `say`: answer with a text; `form`: with the best other form; `refuse`: send what the platform must refuse. */
export type Word = (typeof WORDS)[number];
export type Told =
  | { readonly type: 'ready' }
  | { readonly type: 'received'; readonly tag: string }
  /** A call failed, as the client's author sees it. */
  | { readonly type: 'refused'; readonly code: number | null; readonly text: string };

/** The text that answers `say TAG`. */
export const answerTo = (tag: string): string => `heard ${tag}`;

/** Finds the word, wherever a client has left the mention and the blanks around it. */
export function wordIn(content: string): { word: Word; tag: string } | null {
  const found = new RegExp(`\\b(${WORDS.join('|')}) ([\\w.-]+)`).exec(content);
  return found ? { word: found[1] as Word, tag: found[2]! } : null;
}
