import { isFailureClass } from '../kit/callOutcome.js';
import type { Stamp } from '../vocabulary/base.js';
import { backOffOf, type DeliveryContext, type Failed } from './context.js';

/** A picture for a group or a user is uploaded before it is sent. It adorns its reply, and never withholds the text. */

/** The breaker at which a reply asks for leave to upload its picture. */
export const UPLOADS = 'breaker:uploads';
/** How long a permit for that is waited for, and how long an upload may take. */
export const UPLOAD_WAIT_MS = 2_000;
export const UPLOAD_MS = 15_000;

/** Our own: the file of a picture is not there, or too large. */
export const FILE_UNREADABLE = 'FILE_UNREADABLE';
/** Our own: no call was made, since QQ has not got the picture yet, or has it no more. */
export const NOT_UPLOADED = 'NOT_UPLOADED';
/** Failures of a picture alone: the host of the picture, or QQ's copy of it. */
export const PICTURE_FAILED: readonly unknown[] = [
  304082,
  304083,
  40034004,
  850026,
  850027,
  40093001,
  40093002,
  FILE_UNREADABLE,
];

type Uploads = NonNullable<DeliveryContext['uploads']>;
type Tried = Pick<DeliveryContext, 'uploads' | 'options'>;

export function oneMore({ uploads }: Tried, at: number): Uploads {
  return { tries: (uploads?.tries ?? 0) + 1, since: uploads?.since ?? at };
}
export function oneLess({ uploads }: Tried, at: number): Uploads {
  return { since: at, ...uploads, tries: (uploads?.tries ?? 1) - 1 };
}

/** The quick tries are spent. */
export function isSpent({ uploads, options }: Tried): boolean {
  return (uploads?.tries ?? 0) > options.retry.retriesMax;
}

/**
 * Refused, itself at fault twice, failed in all quick tries or for as long as one may take, or while others fail too.
 */
export function isGivenUp(context: Tried, { class: kind, code, breakerOpen, at }: Failed & Stamp): boolean {
  const { tries = 0, since = at } = context.uploads ?? {};
  const isAtFault = tries > 1 && PICTURE_FAILED.includes(code);
  return !isFailureClass(kind) || isAtFault || breakerOpen || at - since >= UPLOAD_MS || isSpent(context);
}

export function pauseOf(context: DeliveryContext, id: string): Pick<DeliveryContext, 'pauseMs' | 'blockedMs'> {
  return { pauseMs: backOffOf({ ...context, attempt: context.uploads?.tries ?? 1 }, id), blockedMs: null };
}
