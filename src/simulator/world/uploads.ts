import type { Random } from '../kit/random.js';
import type { PlaceKind } from './messages.js';

/** Uploads kept; the oldest go first. */
export const UPLOADS_MAX = 10_000;
/** Seconds that a file can be sent for. */
export const FILE_TTL_SEC = 7_200;

/** Files that bots have uploaded to groups and users. */
export class Uploads {
  private readonly list = new Map<string, { readonly kind: PlaceKind; readonly expiresAt: number }>();
  /** Files that come in parts: how many there are to be, and those that have come. */
  private readonly prepared = new Map<string, { readonly parts: number; readonly taken: Set<number> }>();

  constructor(
    private readonly random: Random,
    private readonly now: () => number,
  ) {}

  add(kind: PlaceKind): { file_uuid: string; file_info: string; ttl: number } {
    const info = this.random.token(64);
    this.list.set(info, { kind, expiresAt: this.now() + FILE_TTL_SEC * 1_000 });
    if (this.list.size > UPLOADS_MAX) this.list.delete(this.list.keys().next().value as string);
    return { file_uuid: this.random.uuid(), file_info: info, ttl: FILE_TTL_SEC };
  }
  /** Whether a message to such a place may carry it: groups and users have files of their own. */
  isUsable(info: unknown, kind: PlaceKind): boolean {
    const file = this.list.get(String(info));
    return file?.kind === kind && file.expiresAt > this.now();
  }
  prepare(parts: number): string {
    const id = this.random.uuid();
    this.prepared.set(id, { parts, taken: new Set() });
    if (this.prepared.size > UPLOADS_MAX) this.prepared.delete(this.prepared.keys().next().value as string);
    return id;
  }
  /** A part has come. False: it is none of this upload. */
  take(id: string, part: number): boolean {
    const upload = this.prepared.get(id);
    if (!upload || !Number.isInteger(part) || part < 1 || part > upload.parts) return false;
    upload.taken.add(part);
    return true;
  }
  hasPart(id: unknown, part: unknown): boolean {
    return this.prepared.get(String(id))?.taken.has(Number(part)) ?? false;
  }
  /** Every part of it is here. */
  isWhole(id: unknown): boolean {
    const upload = this.prepared.get(String(id));
    return upload !== undefined && upload.taken.size === upload.parts;
  }
}
