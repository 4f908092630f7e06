import pino, { type Logger as Pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { Log } from '../../actors/ports.js';
import { onOneLine } from '../../base/printable.js';
import { LogOutput } from './logOutput.js';

export interface LoggerOptions {
  /** Default level, and levels for parts: `qq`, `machines`, `journal`, `http`, `module`, `bot`. */
  readonly level: string;
  readonly parts: Readonly<Record<string, string>>;
  readonly format: 'pretty' | 'json';
  /** Values that must never be written, whatever the field; each is replaced by `***`. */
  readonly secrets?: readonly string[];
  /** Default: standard output. */
  readonly destination?: Pick<LogOutput, 'write'> & Partial<Pick<LogOutput, 'takeLost'>>;
}
export interface Logger {
  part(name: string): Log;
  /** Writes out what is still in memory. */
  flush(): void;
}

/** Shorter values are no secrets of QQ, and masking them would eat ordinary words. */
const SECRET_MIN = 6;

/** Fields that are secrets by their name, at any of the depths we log. */
const SECRET_FIELDS = ['secret', 'token', 'access_token', 'clientSecret', 'authorization', 'Authorization'];

/**
 * The log: pino, one child for each part, one line for each record whatever it tells, secrets taken out by field name
 * and by value.
 */
export function createLogger(options: LoggerOptions): Logger {
  const { level, parts, format, secrets = [], destination = new LogOutput() } = options;
  const prettify =
    format === 'pretty'
      ? prettyFactory({ colorize: false, singleLine: true, ignore: 'pid,hostname', translateTime: 'HH:MM:ss.l' })
      : String;
  const mask = maskOf(secrets);
  const write = (line: string): void => {
    destination.write(`${onOneLine(mask(prettify(line)).trimEnd())}\n`);
    const lost = destination.takeLost?.() ?? 0;
    if (lost > 0) root.warn({ part: 'bot', lost }, 'Lines of the log were lost: nobody took them');
  };
  const redact = { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: '***' };
  const root: Pino = pino({ level: 'trace', redact, base: null }, { write });
  return {
    part: (name) => root.child({ part: name }, { level: parts[name] ?? level }),
    flush: () => root.flush(),
  };
}

function maskOf(secrets: readonly string[]): (text: string) => string {
  const values = secrets.filter((secret) => secret.length >= SECRET_MIN);
  return (text) => values.reduce((masked, secret) => masked.replaceAll(secret, '***'), text);
}
