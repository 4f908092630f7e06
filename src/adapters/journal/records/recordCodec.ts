import type { Record, StateValue, Step } from '../../../actors/ports.js';
import { WORDS } from './words.js';

/**
 * A record's text in a row, less than half as long as its JSON. Four lines of JSON (ids, fact, steps, effects; no
 * effects: three) in which what repeats is written once:
 * - the record's id, and the id of the message that it is about, stand in the first line; elsewhere one control
 *   character
 *   stands for each. JSON never has raw control characters, so nothing else can be mistaken for them;
 * - a step is a list `[actor, event, from, to, rules]`; known words are numbers (`words.ts`), 0 as `to` means "as
 *   `from`";
 * - a message or a form that an effect takes over from the fact is one control character.
 * Seq, time and epoch are columns of the row.
 */
export type RecordBody = Omit<Record, 'seq' | 'at' | 'epoch'>;

const ID = '\u0001';
const SUBJECT = '\u0002';
const MESSAGE = '\u0003';
const FORM = '\u0004';
/** Shorter ids are not worth a token. */
const TOKEN_MIN = 6;

export function encodeRecord({ id, fact, steps, effects }: RecordBody): string {
  const subject = subjectOf(steps);
  let text = `${JSON.stringify(fact)}\n${JSON.stringify(steps.map(encodeStep))}`;
  if (effects.length > 0) {
    const shared = sharedOf(fact);
    let last = JSON.stringify(effects);
    if (shared.message !== null) last = last.replaceAll(shared.message, MESSAGE);
    if (shared.form !== null) last = last.replaceAll(shared.form, FORM);
    text = `${text}\n${last}`;
  }
  if (isPlain(id)) text = text.replaceAll(id, ID);
  if (subject !== null) text = text.replaceAll(subject, SUBJECT);
  return `${JSON.stringify(subject === null ? [id] : [id, subject])}\n${text}`;
}

/** Throws SyntaxError or TypeError on a text that `encodeRecord` did not write. */
export function decodeRecord(text: string): RecordBody {
  const [head, factText, stepsText, effectsText] = text.split('\n') as [string, string, string, string | undefined];
  const [id, subject] = JSON.parse(head) as [string, string | undefined];
  const long = (short: string): string => {
    const lengthened = short.includes(ID) ? short.replaceAll(ID, () => id) : short;
    return subject !== undefined && short.includes(SUBJECT)
      ? lengthened.replaceAll(SUBJECT, () => subject)
      : lengthened;
  };
  const fact = JSON.parse(long(factText)) as RecordBody['fact'];
  if (typeof id !== 'string' || typeof fact?.type !== 'string') throw new TypeError('it has no id or no fact');
  const steps = (JSON.parse(long(stepsText)) as Row[]).map(decodeStep);
  if (effectsText === undefined) return { id, fact, steps, effects: [] };
  let full = long(effectsText);
  if (full.includes(MESSAGE) || full.includes(FORM)) {
    const shared = sharedOf(fact);
    full = full.replaceAll(MESSAGE, () => shared.message!).replaceAll(FORM, () => shared.form!);
  }
  return { id, fact, steps, effects: JSON.parse(full) as RecordBody['effects'] };
}

/** What effects take over from a fact whole, as JSON. */
function sharedOf(fact: RecordBody['fact']): { readonly message: string | null; readonly form: string | null } {
  const { message, replies } = fact as { message?: unknown; replies?: readonly { form?: unknown }[] };
  const form = Array.isArray(replies) ? replies[0]?.form : undefined;
  const isShared = (value: unknown): boolean => typeof value === 'object' && value !== null;
  return {
    message: isShared(message) ? JSON.stringify(message) : null,
    form: isShared(form) ? JSON.stringify(form) : null,
  };
}

type Word = number | StateValue | null;
type Row = [actor: number | string, event: number | string, from: Word, to: Word, rules?: string | readonly string[]];

const numbers = new Map(WORDS.map((word, i) => [word, i + 1]));
const numberOf = <T>(value: T): number | T => (typeof value === 'string' ? (numbers.get(value) ?? value) : value);
const wordOf = <T>(value: number | T): T | string => (typeof value === 'number' ? known(value) : value);

function known(number: number): string {
  const word = WORDS[number - 1];
  if (word === undefined) throw new TypeError(`word ${number} is not known`);
  return word;
}

function encodeStep({ actor, event, from, to, rules }: Step): Row {
  const isSame = from !== null && (to === from || isSameNested(to, from));
  const row: Row = [numberOf(actor), numberOf(event), numberOf(from), isSame ? 0 : numberOf(to)];
  if (rules.length > 0) row.push(rules.length === 1 ? rules[0]! : rules);
  return row;
}

function isSameNested(to: StateValue | null, from: StateValue): boolean {
  return typeof to === 'object' && typeof from === 'object' && JSON.stringify(to) === JSON.stringify(from);
}

function decodeStep([actor, event, from, to, rules = []]: Row): Step {
  const before = wordOf(from) as Step['from'];
  return {
    actor: wordOf(actor) as string,
    event: wordOf(event) as string,
    from: before,
    to: to === 0 ? before : (wordOf(to) as Step['to']),
    rules: typeof rules === 'string' ? [rules] : rules,
  };
}

/** The message that a record is about: the first whose actor, or whose delivery, takes a step. */
function subjectOf(steps: readonly Step[]): string | null {
  for (const { actor } of steps) {
    const subject = actor.startsWith('message:')
      ? actor.slice(8)
      : actor.startsWith('delivery:')
        ? actor.slice(9, actor.lastIndexOf('.'))
        : '';
    if (isPlain(subject)) return subject;
  }
  return null;
}

/** Whether a text stands in JSON as it is, and is long enough for a token. */
function isPlain(text: string): boolean {
  return text.length >= TOKEN_MIN && /^[\w:.\-~#]+$/.test(text);
}
