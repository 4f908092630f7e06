import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';

/**
 * Looks at the write-ahead log that a dead process left, before SQLite does: SQLite silently drops what comes after the
 * last whole commit, and the operator should know. Null: nothing was dropped.
 *
 * The log is a header of 32 bytes and frames of 24 bytes and a page each. A frame belongs to it when its salts are the
 * header's and its checksum follows from the frame before; it ends a commit when its size field is not 0. The index
 * that a kill leaves beside the log says how many frames there were; when they are all there, what follows was never
 * acknowledged.
 */
export function walTail(path: string): string | null {
  const wal = `${path}-wal`;
  if (!existsSync(wal)) return null;
  const size = statSync(wal).size;
  if (size === 0) return null;
  const file = openSync(wal, 'r');
  try {
    const header = bytesAt(file, 0, HEADER);
    if (!header || !MAGIC.has(header.readUInt32BE(0)))
      return `${wal}: ${size} bytes are no write-ahead log and were not used`;
    const frame = FRAME_HEADER + header.readUInt32BE(8);
    const indexed = framesByIndex(path); // first: a writer that lives adds frames before it lists them
    const { frames, committed } = count(file, header, frame);
    if (indexed !== null && indexed > committed)
      return `${wal}: it ends after commit frame ${committed}, but ${indexed} frames had been committed; the appends in the missing ones are lost`;
    const tail = size - HEADER - frames * frame;
    if (tail > 0 && tail < frame && indexed !== committed)
      return `${wal}: the last ${tail} bytes are a torn write; the append that they belong to was never acknowledged, or is lost`;
    return null;
  } finally {
    closeSync(file);
  }
}

const HEADER = 32;
const FRAME_HEADER = 24;
/** The second one: checksums are over big-endian words. */
const MAGIC: ReadonlySet<number> = new Set([0x377f0682, 0x377f0683]);
/** Offset of the number of frames in the index, in the machine's byte order. */
const INDEX_FRAMES = 16;

type Sums = readonly [number, number];

function count(file: number, header: Buffer, size: number): { readonly frames: number; readonly committed: number } {
  const salts = header.subarray(16, 24);
  const isBig = header.readUInt32BE(0) === 0x377f0683;
  let sums = summed(header.subarray(0, 24), [0, 0], isBig);
  let frames = 0;
  let committed = 0;
  for (;;) {
    const frame = bytesAt(file, HEADER + frames * size, size);
    if (!frame?.subarray(8, 16).equals(salts)) return { frames, committed };
    sums = summed(frame.subarray(FRAME_HEADER), summed(frame.subarray(0, 8), sums, isBig), isBig);
    if (frame.readUInt32BE(16) !== sums[0] || frame.readUInt32BE(20) !== sums[1]) return { frames, committed };
    frames += 1;
    if (frame.readUInt32BE(4) !== 0) committed = frames;
  }
}

/** SQLite's checksum of a write-ahead log, over pairs of words. */
function summed(bytes: Buffer, [first, second]: Sums, isBig: boolean): Sums {
  let [a, b] = [first, second];
  for (let i = 0; i < bytes.length; i += 8) {
    const [x, y] = isBig
      ? [bytes.readUInt32BE(i), bytes.readUInt32BE(i + 4)]
      : [bytes.readUInt32LE(i), bytes.readUInt32LE(i + 4)];
    a = (a + x + b) >>> 0;
    b = (b + y + a) >>> 0;
  }
  return [a, b];
}

function framesByIndex(path: string): number | null {
  const index = `${path}-shm`;
  if (!existsSync(index)) return null;
  const file = openSync(index, 'r');
  try {
    const bytes = bytesAt(file, INDEX_FRAMES, 4);
    return bytes && new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, isLittleEndian);
  } finally {
    closeSync(file);
  }
}
const isLittleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

function bytesAt(file: number, position: number, length: number): Buffer | null {
  const bytes = Buffer.alloc(length);
  return readSync(file, bytes, 0, length, position) === length ? bytes : null;
}
