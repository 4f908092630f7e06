import pino, { type DestinationStream, type Logger as Pino } from 'pino';
import pretty from 'pino-pretty';
import type { Log } from '../actors/ports.js';

export interface LoggerOptions {
  /** Default level, and levels for parts: `qq`, `machines`, `journal`, `http`, `module`, `bot`. */
  readonly level: string;
  readonly parts: Readonly<Record<string, string>>;
  readonly format: 'pretty' | 'json';
  /** Values that must never be written, whatever the field; each is replaced by `***`. */
  readonly secrets?: readonly string[];
  /** Default: standard output. */
  readonly destination?: DestinationStream;
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

/** The log: pino, one child for each part, secrets taken out by field name and by value. */
export function createLogger(options: LoggerOptions): Logger {
  const { level, parts, format, secrets = [], destination = pino.destination({ fd: 1, sync: true }) } = options;
  const guarded = secrets.length === 0 ? destination : maskStream(destination, secrets);
  const stream =
    format === 'pretty'
      ? pretty({
          destination: asWritable(guarded),
          colorize: false,
          ignore: 'pid,hostname',
          translateTime: 'HH:MM:ss.l',
          sync: true,
        })
      : guarded;
  const redact = { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: '***' };
  const root: Pino = pino({ level: 'trace', redact, base: null }, stream);
  return {
    part: (name) => root.child({ part: name }, { level: parts[name] ?? level }),
    flush: () => root.flush(),
  };
}

function maskStream(destination: DestinationStream, secrets: readonly string[]): DestinationStream {
  const values = secrets.filter((secret) => secret.length >= SECRET_MIN);
  return {
    write: (line) => void destination.write(values.reduce((text, secret) => text.replaceAll(secret, '***'), line)),
  };
}

/** pino-pretty wants a stream of Node; ours only has `write`. */
function asWritable(destination: DestinationStream): NodeJS.WritableStream {
  return destination as unknown as NodeJS.WritableStream;
}
