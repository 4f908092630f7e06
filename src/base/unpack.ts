import { promisify } from 'node:util';
import { gunzip, inflateRawSync } from 'node:zlib';

/** What unpacks to more than it may; a few bytes can hold very many. */
export class UnpacksToTooMuch extends RangeError {
  override readonly name = 'UnpacksToTooMuch';
}

/**
 * The only places where something is unpacked, each up to `max` bytes. Reject with UnpacksToTooMuch, or what zlib says.
 */
export async function gunzipUpTo(bytes: Buffer, max: number): Promise<Buffer> {
  return promisify(gunzip)(bytes, { maxOutputLength: max }).catch(told(max));
}
export function inflateUpTo(bytes: Buffer, max: number): Buffer {
  try {
    return inflateRawSync(bytes, { maxOutputLength: Math.max(1, max) });
  } catch (cause) {
    return told(max)(cause);
  }
}
/** The body of an HTTP answer, which `fetch` unpacks while it is read: what is too long is not read to its end. */
export async function readAnswer(response: Response, max: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > max) throw new UnpacksToTooMuch(`the answer has more than ${max} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function told(max: number): (cause: unknown) => never {
  return (cause) => {
    const { code } = cause as { code?: string };
    if (code === 'ERR_BUFFER_TOO_LARGE') throw new UnpacksToTooMuch(`it unpacks to more than ${max} bytes`, { cause });
    throw cause;
  };
}
