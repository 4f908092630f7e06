import type { Redaction } from '../journal/exported/exportJournal.js';

/** Shorter values are no secrets of ours, and masking them would eat ordinary words. */
const SECRET_MIN = 6;
/** What a value is called that must not be told, in JSON. (`accessToken` is the name of a machine.) */
const NAMED = /"(secret|clientSecret|client_secret|access_token|authorization|password)":"((?:[^"\\]|\\.)+)"/gi;
/** What a token looks like in a header: `QQBot …`, `Bearer …`. */
const SHAPED = /\b(QQBot|Bearer) +[\w~+/.-]{16,}=*/g;

/**
 * Takes secrets out of a text, JSON or not: these values wherever they stand, fields that are secrets by their name,
 * and what looks like a token. Records hold none; this is for what a user wrote into a message, and for our own
 * mistakes.
 */
export function createRedaction(secrets: readonly string[]): Redaction {
  const values = secrets.filter((secret) => secret.length >= SECRET_MIN).flatMap(asWritten);
  return (text) => {
    let count = 0;
    let clean = text;
    for (const value of values) {
      const parts = clean.split(value);
      count += parts.length - 1;
      clean = parts.join('***');
    }
    clean = clean.replace(NAMED, (whole, name: string, value: string) => {
      if (value === '***') return whole;
      count += 1;
      return `"${name}":"***"`;
    });
    clean = clean.replace(SHAPED, (_whole, scheme: string) => {
      count += 1;
      return `${scheme} ***`;
    });
    return { text: clean, count };
  };
}

/** As it is, and as JSON writes it. */
function asWritten(secret: string): string[] {
  const inJson = JSON.stringify(secret).slice(1, -1);
  return inJson === secret ? [secret] : [secret, inJson];
}
