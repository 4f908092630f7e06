import type { LeftOut } from '../vocabulary/base.js';
import type { Form } from '../vocabulary/replies/forms.js';
import type { Rung } from '../vocabulary/replies/rungs.js';
import { rungRow } from '../vocabulary/replies/rungs.js';
import { type Locale, machineTexts } from '../vocabulary/replies/words.js';

/** The words of a reply in each of its forms. What a form cannot carry is said in its text. */

/** First line of a reply that comes late; its content follows unchanged. */
export const LATE_PREFIX = '⚠️ recovery mode:';
/** The shortest part that a text is cut into. */
export const PART_MIN = 50;
/** A cut may move back so far for the sake of a line, a word, a mention or an entity. */
const CUT_BACK_SHARE = 0.25;

export interface Wording {
  readonly rung: Rung;
  readonly form: Form;
  readonly late: boolean;
  readonly without: readonly LeftOut[];
  readonly locale: Locale;
}

/** Buttons as a numbered list, a picture as its link or its name, unless the form shows them itself. */
export function wordsOf({ rung, form, late, without, locale }: Wording): string {
  const { text, image, imageFile, buttons, markdown } = form;
  const shows = rungRow(rung).shows(form);
  const list = shows.buttons ? [] : (buttons ?? []).map(({ label, command }, i) => `${i + 1}. ${label}: ${command}`);
  const picture = shows.picture
    ? []
    : [image, imageFile && `[${nameOf(imageFile)}]`].filter((one) => one !== undefined);
  const body = shows.markdown ? markdown : text;
  const words = [...(late ? [LATE_PREFIX] : []), body, ...list, ...picture].join('\n');
  return leaveOut(words, without, locale);
}

/** The last part of a path. */
export function nameOf(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}

/** Addresses with a scheme, and bare host names of the common domains: what QQ takes for a link. */
const LINK =
  /(?:https?:\/\/|www\.)[^\s<>"'，。；、）】]+|\b(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.){1,8}(?:com|cn|net|org|io|top|cc|me|dev|app|xyz|info|tv|co|edu|gov|site|club|vip|link|online|shop|tech|wiki)\b(?:\/[^\s<>"'，。；、）】]*)?/gi;

/** A link without the comma or full stop of the sentence that it ends. */
const BEFORE_PUNCTUATION = /^.*?(?=[.,;:!?)]*$)/;

function leaveOut(words: string, without: readonly LeftOut[], locale: Locale): string {
  let left = words;
  if (without.includes('everyone')) left = left.replace(/<?@everyone>?/gi, '@\u200beveryone');
  if (!without.includes('links')) return left;
  const { link, linksLeftOut } = machineTexts[locale];
  return `${left.replace(LINK, (found) => found.replace(BEFORE_PUNCTUATION, link))}\n${linksLeftOut}`;
}

/** Host names of the links in a text, each once; at most ten. */
export function domainsIn(words: string): readonly string[] {
  const hosts = [...words.matchAll(LINK)].map(([link]) =>
    link
      .replace(/^https?:\/\//i, '')
      .split(/[/?#:]/)[0]!
      .toLowerCase(),
  );
  return [...new Set(hosts)].slice(0, 10);
}

/**
 * A text in parts of at most `limit` characters, cut at a line or a word where one is near. Joined they are the text.
 */
export function partsOf(text: string, limit: number): readonly string[] {
  const parts: string[] = [];
  let rest = text;
  while (rest.length > limit) {
    const at = cutOf(rest, limit);
    parts.push(rest.slice(0, at));
    rest = rest.slice(at);
  }
  return rest === '' && parts.length > 0 ? parts : [...parts, rest];
}

function cutOf(text: string, limit: number): number {
  const least = Math.max(1, Math.floor(limit * (1 - CUT_BACK_SHARE)));
  const window = text.slice(0, limit);
  for (const end of ['\n', ' ']) {
    const at = window.lastIndexOf(end) + 1;
    if (at > least) return at;
  }
  // Not inside a mention, an entity or a surrogate pair.
  const open = /(?:<[^<>\s]{0,64}|&[a-z]{0,4})$/.exec(window);
  if (open && open.index >= least) return open.index;
  const last = window.charCodeAt(limit - 1);
  return last >= 0xd800 && last <= 0xdbff && limit > 1 ? limit - 1 : limit;
}
