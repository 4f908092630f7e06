import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';

/**
 * Looks at the write-ahead log that a dead process left, before SQLite does: SQLite silently drops what comes after the last
 * whole commit, and the operator should know. Null: nothing was dropped.
 *
 * The log is a header of 32 bytes and frames of 24 bytes and a page each; a frame belongs to the log when its salts are the
 * header's, and ends a commit when its size field is not 0. The index that lies beside the log after a kill tells how many frames were committed.
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
    const page = header.readUInt32BE(8);
    const { frames, committed } = count(file, header, HEADER_OF_FRAME + page);
    const indexed = committedByIndex(path);
    if (indexed !== null && indexed > committed)
      return `${wal}: it ends after commit frame ${committed}, but ${indexed} frames had been committed; the appends in the missing ones are lost`;
    const tail = size - HEADER - frames * (HEADER_OF_FRAME + page);
    if (tail > 0 && tail < HEADER_OF_FRAME + page)
      return `${wal}: the last ${tail} bytes are a torn write; the append that they belong to was never acknowledged, or is lost`;
    return null;
  } finally {
    closeSync(file);
  }
}

const HEADER = 32;
const HEADER_OF_FRAME = 24;
const MAGIC: ReadonlySet<number> = new Set([0x377f0682, 0x377f0683]);
/** Offset of the number of valid frames in the index, in the machine's byte order. */
const INDEX_FRAMES = 16;
const SALTS = { from: 16, to: 24 } as const;

function count(file: number, header: Buffer, frameSize: number): { frames: number; committed: number } {
  const salts = header.subarray(SALTS.from, SALTS.to);
  let frames = 0;
  let committed = 0;
  for (;;) {
    const frame = bytesAt(file, HEADER + frames * frameSize, HEADER_OF_FRAME);
    const isWhole = frame && bytesAt(file, HEADER + (frames + 1) * frameSize - 1, 1);
    if (!isWhole || !frame.subarray(8, 16).equals(salts)) return { frames, committed };
    frames += 1;
    if (frame.readUInt32BE(4) !== 0) committed = frames;
  }
}

function committedByIndex(path: string): number | null {
  const index = `${path}-shm`;
  if (!existsSync(index)) return null;
  const file = openSync(index, 'r');
  try {
    const bytes = bytesAt(file, INDEX_FRAMES, 4);
    if (!bytes) return null;
    return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, isLittleEndian);
  } finally {
    closeSync(file);
  }
}
const isLittleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

function bytesAt(file: number, position: number, length: number): Buffer | null {
  const bytes = Buffer.alloc(length);
  return readSync(file, bytes, 0, length, position) === length ? bytes : null;
}
