import { readFile, stat } from 'node:fs/promises';
import { FILE_UNREADABLE } from '../../../machines/delivery/pictures.js';
import { nameOf } from '../../../machines/delivery/replyText.js';
import type { Place } from '../../../machines/vocabulary/base.js';
import type { Form } from '../../../machines/vocabulary/replies/forms.js';
import type { HttpOutcome } from '../http/httpTransport.js';
import type { OpenApiGroups } from '../http/openApi.js';

/** Bytes of a picture that is uploaded from disk. */
export const FILE_MAX = 10 * 1024 * 1024;
/** Uploads remembered; of more, the oldest are forgotten. */
export const UPLOADS_MAX = 500;
/** An upload is made anew so long before QQ forgets it. */
const TTL_MARGIN_MS = 60_000;
/** `file_type` of a picture. */
const PICTURE = 1;

/** Reading failed: the author's file is at fault, not QQ. */
export class UnreadableFile extends Error {
  readonly code = FILE_UNREADABLE;
}
type Picture = Pick<Form, 'image' | 'imageFile'>;
interface Kept {
  readonly info: string;
  readonly expiresAt: number;
}

/**
 * Pictures for groups and users: uploaded once, then sent by QQ's reference. A reference serves one place only. `clear`
 * forgets them all.
 */
export class Uploads {
  private readonly kept = new Map<string, Kept>();

  constructor(private readonly now: () => number) {}

  /** QQ's reference; null: it has not got the picture, or has it no more. */
  known(place: Place, picture: Picture): string | null {
    const known = this.kept.get(keyOf(place, picture));
    return known && known.expiresAt > this.now() ? known.info : null;
  }
  /** Brings it there and remembers the reference. Throws UnreadableFile. */
  async upload(place: Place, picture: Picture, groups: Pick<OpenApiGroups, 'request'>): Promise<HttpOutcome> {
    const source =
      picture.imageFile === undefined
        ? { url: picture.image }
        : { file_data: (await readPicture(picture.imageFile)).toString('base64') };
    const url = place.kind === 'group' ? '/v2/groups/:openid/files' : '/v2/users/:openid/files';
    const data = { file_type: PICTURE, ...source, srv_send_msg: false };
    const outcome = await groups.request({ method: 'POST', url, rest: { openid: place.channelId }, data });
    const { file_info: info, ttl } = (outcome.body ?? {}) as { file_info?: unknown; ttl?: unknown };
    if (outcome.status === null || outcome.status >= 300) return outcome;
    if (typeof info !== 'string' || info === '') return { ...outcome, ending: 'unreachable', errorCode: 'BAD_UPLOAD' };
    const lifeMs = typeof ttl === 'number' && ttl > 0 ? ttl * 1_000 : Number.POSITIVE_INFINITY;
    this.keep(keyOf(place, picture), info, Math.max(lifeMs / 2, lifeMs - TTL_MARGIN_MS));
    return outcome;
  }
  /** QQ no longer takes this reference. */
  forget(place: Place, picture: Picture): void {
    this.kept.delete(keyOf(place, picture));
  }
  clear(): void {
    this.kept.clear();
  }
  private keep(key: string, info: string, lifeMs: number): void {
    this.kept.delete(key);
    this.kept.set(key, { info, expiresAt: this.now() + lifeMs });
    if (this.kept.size > UPLOADS_MAX) this.kept.delete(this.kept.keys().next().value as string);
  }
}

function keyOf({ kind, channelId }: Place, { image, imageFile }: Picture): string {
  return JSON.stringify([kind, channelId, image ?? null, imageFile ?? null]);
}

/** Throws UnreadableFile for one that is not there, is no file, or is longer than `FILE_MAX`. */
export async function readPicture(path: string): Promise<Buffer> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new Error('no file'); // a pipe would be waited for, a device never ends
    if (found.size <= FILE_MAX) return await readFile(path);
  } catch {
    throw new UnreadableFile(`${nameOf(path)} cannot be read`);
  }
  throw new UnreadableFile(`${nameOf(path)} is longer than ${FILE_MAX} bytes`);
}
