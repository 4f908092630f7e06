import type { Random } from '../../kit/random.js';
import type { Fault } from '../faults.js';

/** A frame as it goes over the wire. */
export type Raw = string | Buffer;

const MALFORMATIONS = ['truncated', 'split', 'binary', 'array', 'types'] as const;
/** Bytes of a frame of noise. */
const NOISE_BYTES = 64;

/** What comes instead of the frame, message by message. */
export function malformed(text: string, { malformation }: Fault, random: Random): readonly Raw[] {
  const middle = Math.ceil(text.length / 2);
  switch (malformation ?? MALFORMATIONS[Math.floor(random.next() * MALFORMATIONS.length)]) {
    case 'truncated':
      return [text.slice(0, middle)];
    case 'split':
      return [text.slice(0, middle), text.slice(middle)];
    case 'binary':
      return [Buffer.from(random.hex(2 * NOISE_BYTES), 'hex')];
    case 'array':
      return [`[${text}]`];
    default:
      return [wrongTypes(text)];
  }
}

/** `op` and `s` as strings, the event's name a number, its body a list. */
function wrongTypes(text: string): string {
  const frame = JSON.parse(text) as { op?: unknown; s?: unknown };
  return JSON.stringify({ ...frame, op: String(frame.op), s: String(frame.s), t: 0, d: [] });
}

/** The documented READY says [0,0], whatever was asked for. */
export function withShardQuirk(text: string): string {
  const frame = JSON.parse(text) as { d: object };
  return JSON.stringify({ ...frame, d: { ...frame.d, shard: [0, 0] } });
}
