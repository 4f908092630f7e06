import type { PlaceKind } from './messages.js';
import type { Random } from './random.js';

/** Uploads kept; the oldest go first. */
export const UPLOADS_MAX = 10_000;
/** Seconds that a file can be sent for. */
export const FILE_TTL_SEC = 7_200;

/** Files that bots have uploaded to groups and users. */
export class Uploads {
  private readonly list = new Map<string, { readonly kind: PlaceKind; readonly expiresAt: number }>();
  private readonly prepared = new Set<string>();

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
  prepare(): string {
    const id = this.random.uuid();
    this.prepared.add(id);
    if (this.prepared.size > UPLOADS_MAX) this.prepared.delete(this.prepared.values().next().value as string);
    return id;
  }
  isPrepared(id: unknown): boolean {
    return this.prepared.has(String(id));
  }
}
