import type { ErrorClass } from '../../../machines/vocabulary/base.js';
import { type CallClass, type CodeRow, ERROR_CODES, rowOf, TOKEN_CODES } from './errorCodes.js';
import type { HttpOutcome } from './httpTransport.js';

export { type CallClass, type CodeRow, ERROR_CODES, TOKEN_CODES };

/** The end of a call, judged. */
export interface Classification {
  readonly class: CallClass;
  /** QQ's code, or why there is none (`ECONNREFUSED`, `NOT_JSON`); null when there is nothing to say. */
  readonly code: number | string | null;
  readonly status: number | null;
  /** From Retry-After; null when absent, negative, unreadable or over a day. */
  readonly retryAfterMs: number | null;
  readonly traceId: string | null;
}

/** A Retry-After beyond this is not believed. */
export const RETRY_AFTER_MAX_MS = 86_400_000;

/** QQ reports the whitelist under two codes at once; this is the one that people know. */
const WHITELIST_ALIAS = 40023002;
const WHITELIST = 11298;

/** Ends of `unsent` that are not our defect. */
const UNSENT: Readonly<Record<string, ErrorClass>> = { NO_TOKEN: 'auth', PENDING_MAX: 'transient' };

/**
 * The class of a call's end. The code decides before the status; an end without either decides by whether the request
 * may have been read. `wallNow` (ms) is needed only for a Retry-After that is a date.
 */
export function classify(outcome: HttpOutcome, wallNow: number): Classification {
  const { status, traceId, headers } = outcome;
  const { class: judged, code } = judge(outcome);
  return { class: judged, code, status, traceId, retryAfterMs: retryAfterOf(headers['retry-after'], wallNow) };
}

/** The class of a failed token request. Asking twice harms nothing, so nothing is ambiguous here. */
export function classifyToken(outcome: HttpOutcome): {
  readonly class: ErrorClass;
  readonly code: number | string | null;
} {
  const { known, reported } = codesOf(outcome.body, TOKEN_CODES);
  if (known) return { class: known.row.class as ErrorClass, code: known.code };
  if (reported !== null) return { class: outcome.status === 401 ? 'auth' : 'transient', code: reported };
  const { class: judged, code } = judge(outcome);
  const isKept = judged === 'auth' || judged === 'throttled' || judged === 'local';
  return { class: isKept ? judged : 'transient', code: code ?? 'NO_TOKEN_IN_ANSWER' };
}

/** Retry-After as ms: seconds, or an HTTP date; null when absent, negative, unreadable or over a day. */
export function retryAfterOf(value: string | undefined, wallNow: number): number | null {
  const text = value?.trim() ?? '';
  const isSeconds = /^\d+(\.\d+)?$/.test(text);
  // Date.parse takes a bare "-5" for a year.
  const isDate = /^[A-Za-z]{3,9},? /.test(text);
  const ms = isSeconds ? Number(text) * 1_000 : isDate ? Date.parse(text) - wallNow : Number.NaN;
  return ms >= 0 && ms <= RETRY_AFTER_MAX_MS ? Math.round(ms) : null;
}

function judge(outcome: HttpOutcome): Pick<Classification, 'class' | 'code'> {
  const { ending, status, errorCode } = outcome;
  if (ending === 'unsent') return { class: UNSENT[errorCode ?? ''] ?? 'local', code: errorCode };
  if (ending === 'unreachable') return { class: 'transient', code: errorCode };
  if (status === null) return { class: 'ambiguous', code: errorCode };
  const { known, reported } = codesOf(outcome.body, ERROR_CODES);
  if (known) return { class: known.row.class, code: known.code };
  if (status >= 300) return { class: classOfStatus(status), code: reported ?? errorCode };
  return judgeSuccess(outcome, reported);
}

/**
 * The head of a 2xx says that it was accepted, whatever became of the body behind it. Only a body that is whole and not
 * QQ's (a proxy's page) or an unknown code leave it in doubt.
 */
function judgeSuccess(outcome: HttpOutcome, reported: number | null): Pick<Classification, 'class' | 'code'> {
  const { ending, form, body, errorCode } = outcome;
  if (reported !== null) return { class: 'ambiguous', code: reported };
  if (ending !== 'answered' || form === 'empty') return { class: 'ok', code: errorCode };
  if (form === 'text' || typeof body !== 'object' || body === null) return { class: 'ambiguous', code: 'NOT_JSON' };
  return { class: 'ok', code: null };
}

function classOfStatus(status: number): CallClass {
  if (status === 401) return 'auth';
  if (status === 403) return 'rejectedTarget';
  if (status === 404 || status === 405) return 'local';
  if (status === 429) return 'throttled';
  if (status >= 500 || status < 400 || status === 408 || status === 425) return 'transient';
  // An unknown refusal: a plainer form is worth a try, and the last form ends it.
  return 'rejectedForm';
}

/** The first of `err_code`, `code` that the table has; `reported` is the first that is there at all and not 0. */
function codesOf(
  body: unknown,
  table: readonly CodeRow[],
): { readonly known: { readonly row: CodeRow; readonly code: number } | null; readonly reported: number | null } {
  const { err_code, code } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const codes = [toCode(err_code), toCode(code)].filter((candidate) => candidate !== null);
  for (const candidate of codes) {
    const row = rowOf(table, candidate);
    if (row)
      return { known: { row, code: candidate === WHITELIST_ALIAS ? WHITELIST : candidate }, reported: candidate };
  }
  return { known: null, reported: codes[0] ?? null };
}

function toCode(value: unknown): number | null {
  const code = typeof value === 'string' && /^\d{1,12}$/.test(value) ? Number(value) : value;
  return typeof code === 'number' && Number.isSafeInteger(code) && code !== 0 ? code : null;
}
