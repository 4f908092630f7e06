import { parseEnv } from 'node:util';
import type { JournalStore } from '../../actors/journalStore.js';
import type { Redaction } from '../../adapters/journal/exported/exportJournal.js';
import { storeOf } from '../../adapters/journal/storeOf.js';
import { operatorTokenFile, readOperatorToken } from '../../adapters/operator/http/operatorToken.js';
import { createRedaction } from '../../adapters/process/redaction.js';
import { onOneLine, onScreen } from '../../base/printable.js';
import { readText } from '../../base/readText.js';
import type { Locale } from '../../machines/vocabulary/replies/words.js';
import type { JournalTexts } from './texts/en.js';
import { journalTextsFor } from './texts/texts.js';

/** What every sub-command has at hand. */
export interface Session {
  readonly store: JournalStore;
  /** As it was named. */
  readonly path: string;
  /** `host:port` of the bot; null: it has no HTTP. */
  readonly botAddress: string | null;
  readonly isJson: boolean;
  readonly texts: JournalTexts;
  readonly redact: Redaction;
  readonly screen: Screen;
}
export interface Screen {
  /** Cells of a line; a pipe has no end of line to fear. */
  readonly width: number;
  readonly isTTY: boolean;
  /** One or several lines, secrets taken out. */
  write(...lines: readonly string[]): void;
  /** One JSON object on a line of its own, secrets taken out. */
  json(value: object): void;
  dim(text: string): string;
  bold(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
  green(text: string): string;
}
export interface SessionOptions {
  readonly journal?: string;
  readonly json?: boolean;
  readonly url?: string;
}

const DEFAULT_JOURNAL = '.kintsugi/bot.db';
const DEFAULT_HTTP = '127.0.0.1:7070';

export interface Surroundings {
  readonly env: Environment;
  readonly out: Pick<NodeJS.WriteStream, 'write'> & { readonly isTTY?: boolean; readonly columns?: number };
}

/** From the environment, `.env` and the flags of a sub-command; the flags win. Throws as `storeOf` does. */
export function createSession(
  { journal, json = false, url }: SessionOptions,
  { env, out }: Surroundings = { env: environment(), out: process.stdout },
): Session {
  const path = journal ?? (env.KINTSUGI_JOURNAL || DEFAULT_JOURNAL);
  const http = url ?? (env.KINTSUGI_HTTP || DEFAULT_HTTP);
  const secrets = [env.QQ_BOT_SECRET ?? '', readOperatorToken(operatorTokenFile(path)) ?? ''];
  const redact = createRedaction(secrets);
  return {
    store: storeOf(path),
    path,
    botAddress: http === 'off' ? null : http.replace(/\/+$/, ''),
    isJson: json,
    texts: textsOfEnvironment(env),
    redact,
    screen: createScreen(out, redact, env.NO_COLOR === undefined || env.NO_COLOR === ''),
  };
}

/** In the language of KINTSUGI_LOCALE. */
export function textsOfEnvironment(env: Environment = environment()): JournalTexts {
  return journalTextsFor(localeOf(env));
}
export function localeOf(env: Environment = environment()): Locale {
  return env.KINTSUGI_LOCALE === 'zh' ? 'zh' : 'en';
}

type Environment = { readonly [name: string]: string | undefined };

function environment(): Environment {
  return { ...readDotEnv(), ...process.env };
}

function readDotEnv(): Environment {
  try {
    return parseEnv(readText('.env'));
  } catch {
    return {};
  }
}

function createScreen(out: Surroundings['out'], redact: Redaction, mayColour: boolean): Screen {
  const isTTY = out.isTTY === true;
  const paint =
    (code: number) =>
    (text: string): string =>
      isTTY && mayColour && text !== '' ? `\u001b[${code}m${text}\u001b[0m` : text;
  return {
    width: isTTY ? (out.columns ?? 120) : Number.MAX_SAFE_INTEGER,
    isTTY,
    write: (...lines) => void out.write(lines.map((line) => `${onScreen(redact(line).text)}\n`).join('')),
    json: (value) => void out.write(`${onOneLine(redact(JSON.stringify(value)).text)}\n`),
    dim: paint(2),
    bold: paint(1),
    red: paint(31),
    yellow: paint(33),
    green: paint(32),
  };
}
