import type { Redaction } from '../../../src/adapters/journal/exported/exportJournal.js';
import { createRedaction } from '../../../src/adapters/process/redaction.js';
import { SHOWN_DEPTH_MAX, SHOWN_ENTRIES_MAX, SHOWN_SIZE_MAX, SHOWN_TEXT_MAX } from './bridgeLimits.js';

/** Begins every note that stands for something left out. */
export const CUT = '✂';

/** Characters that turn, hide or join the text around them, but for tab, new line and the joiners that emoji need. */
const INVISIBLE = /(?![\t\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Gives a JSON value as viewers get it. */
export type Show = (value: unknown) => unknown;

/**
 * A JSON value as viewers get it: at most SHOWN_SIZE_MAX characters, texts, lists and nesting bounded, a note in the
 * place of what is left out. Characters that turn or hide the text around them are written as `⟨U+202E⟩`: a viewer of
 * others cannot be trusted to isolate them. Records hold no secrets; what a user wrote may, and `redact` takes it out.
 * What was shown once is remembered as long as it lives: contexts and events do not change.
 */
export function createShow(redact: Redaction = createRedaction([])): Show {
  const known = new WeakMap<object, unknown>();
  const show: Show = (value) => JSON.parse(redact(JSON.stringify(new Copy().of(value, 0) ?? null)).text);
  return (value) => {
    if (typeof value !== 'object' || value === null) return show(value);
    if (!known.has(value)) known.set(value, show(value));
    return known.get(value);
  };
}

/** A text of at most `max` characters, with what turns or hides made visible. */
export function shownText(text: string, max = SHOWN_TEXT_MAX): string {
  const head = text.length > max ? `${text.slice(0, max)}${CUT} ${text.length - max} more characters` : text;
  return head.toWellFormed().replace(INVISIBLE, named);
}

function named(mark: string): string {
  return `⟨U+${mark.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}⟩`;
}

class Copy {
  private left = SHOWN_SIZE_MAX;

  of(value: unknown, depth: number): unknown {
    if (typeof value === 'string') {
      const text = shownText(value);
      this.left -= text.length;
      return text;
    }
    this.left -= 8;
    if (typeof value !== 'object' || value === null) return value;
    const size = Array.isArray(value) ? value.length : Object.keys(value).length;
    if (size === 0) return value;
    if (depth >= SHOWN_DEPTH_MAX) return `${CUT} ${size} entries, nested too deep`;
    return Array.isArray(value) ? this.list(value, depth) : this.object(value, depth);
  }

  private list(value: readonly unknown[], depth: number): unknown[] {
    const shown: unknown[] = [];
    for (const entry of value) {
      if (this.isFull(shown.length)) break;
      shown.push(this.of(entry, depth + 1));
    }
    if (shown.length < value.length) shown.push(`${CUT} ${value.length - shown.length} more entries`);
    return shown;
  }

  private object(value: object, depth: number): object {
    const shown: (readonly [string, unknown])[] = [];
    const entries = Object.entries(value);
    for (const [key, entry] of entries) {
      if (this.isFull(shown.length)) break;
      const name = shownText(key, 200);
      this.left -= name.length;
      shown.push([name, this.of(entry, depth + 1)]);
    }
    if (shown.length < entries.length) shown.push([CUT, `${entries.length - shown.length} more entries`]);
    // Not by assignment: a key may be __proto__.
    return Object.fromEntries(shown);
  }

  private isFull(entries: number): boolean {
    return entries >= SHOWN_ENTRIES_MAX || this.left <= 0;
  }
}
