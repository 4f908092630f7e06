import { deflateRawSync } from 'node:zlib';
import type { Record } from '../../../../../src/actors/ports.js';
import { inflateUpTo } from '../../../../../src/base/unpack.js';
import { PAGE_RECORDS, pageOf } from '../page.js';

/** Pages that lie open: the scrubber reads around the same place again and again. */
const OPEN_MAX = 4;

/**
 * Records of the past, packed, page by page: a journal's archive is read in large pieces, which is too slow to scrub
 * through. Past `bytesMax` the pages that were packed first are given up.
 */
export class PackedRecords {
  private readonly pages = new Map<number, Packed>();
  private readonly open = new Map<number, readonly Record[]>();
  private bytes = 0;

  constructor(private readonly bytesMax: number) {}

  /** A whole page. */
  add(page: number, records: readonly Record[]): void {
    const text = Buffer.from(JSON.stringify(records));
    const packed = deflateRawSync(text, { level: 1 });
    this.bytes += packed.length - (this.pages.get(page)?.packed.length ?? 0);
    this.pages.set(page, { packed, bytes: text.length });
    for (const [number, oldest] of this.pages) {
      if (this.bytes <= this.bytesMax) break;
      this.pages.delete(number);
      this.bytes -= oldest.packed.length;
    }
  }

  /** The records after `after`, `limit` of them; null when not all of them are here. */
  read(after: number, limit: number): readonly Record[] | null {
    const [first, last] = [pageOf(after + 1), pageOf(after + limit)];
    if (last - first > 1) return null;
    const found: Record[] = [];
    for (let number = first; number <= last; number += 1) {
      const records = this.page(number);
      if (!records) return null;
      const begin = number * PAGE_RECORDS + 1;
      found.push(...records.slice(Math.max(0, after + 1 - begin), after + limit + 1 - begin));
    }
    return found;
  }

  private page(number: number): readonly Record[] | null {
    const page = this.pages.get(number);
    if (!page) return null;
    const records = this.open.get(number) ?? recordsOf(page);
    this.open.delete(number);
    this.open.set(number, records);
    for (const oldest of this.open.keys()) {
      if (this.open.size <= OPEN_MAX) break;
      this.open.delete(oldest);
    }
    return records;
  }
}

/** A page, and how many bytes it unpacks to. */
interface Packed {
  readonly packed: Buffer;
  readonly bytes: number;
}
function recordsOf({ packed, bytes }: Packed): readonly Record[] {
  return JSON.parse(inflateUpTo(packed, bytes).toString('utf8')) as readonly Record[];
}
