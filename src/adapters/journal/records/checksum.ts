import { crc32 } from 'node:zlib';

/**
 * The checksum of a row: CRC-32 over its text and columns, begun with the checksum of the row before. So the rows are a
 * chain: one that is changed, missing, or moved does not match. It finds damage; it does not keep forgers out.
 */
export function chain(previous: number, seq: number, at: number, epoch: number, body: string | Buffer): number {
  return crc32(body, crc32(`${seq} ${at} ${epoch} `, previous));
}

export function checksum(text: string | Buffer, before = 0): number {
  return crc32(text, before);
}
