import type { FieldName } from './fields.js';

/**
 * What a fault strikes. `request`: it decides the answer. `answer`: it changes the answer, whatever that is.
 * `connection`: what a gateway connection does. `frame`: single frames to a bot. `now`: it acts once, when it is added.
 * `push`: webhook requests.
 */
export type Target = 'request' | 'answer' | 'connection' | 'frame' | 'now' | 'push';
export interface KindRow {
  readonly strikes: Target;
  /** Fields that mean something to this kind, beside the scope and luck that every kind has. */
  readonly fields: readonly FieldName[];
  readonly does: string;
  readonly example: { readonly [field: string]: unknown };
}

const row = (
  strikes: Target,
  does: string,
  fields: readonly FieldName[] = [],
  example: KindRow['example'] = {},
): KindRow => ({ strikes, does, fields, example });

/** Every kind of fault; docs/SIMULATOR.md, the validation and the OpenAPI document are made from it. */
export const KINDS = {
  outage: row('request', '503 without a code, unless `code` gives one', ['status', 'code', 'afterAccept'], {
    durationMs: 20_000,
  }),
  errors: row(
    'request',
    'an error with `code`; its HTTP status is the one seen with that code, else 500',
    ['status', 'code', 'afterAccept'],
    { code: 304016, probability: 0.1 },
  ),
  slow: row(
    'answer',
    '`latencyMs` (1000), or a log-normal latency, then the answer; several add up',
    ['latencyMs', 'latencyP50Ms', 'latencyP99Ms', 'afterAccept'],
    { latencyP50Ms: 200, latencyP99Ms: 4_000 },
  ),
  hang: row('request', 'no answer; the connection is cut when the fault ends', ['afterAccept'], { durationMs: 30_000 }),
  halfOpen: row(
    'request',
    'a dead peer: the request is taken and never answered, its connection never closed. A gateway connection stays open and swallows everything both ways, also after the fault has ended; `route` = `websocket` strikes only those, any other only requests',
    ['afterAccept'],
    { route: 'websocket', durationMs: 5_000 },
  ),
  reset: row('request', 'the connection is cut without an answer', ['afterAccept'], { probability: 0.2 }),
  truncate: row('request', '200 and half an answer, then the connection is cut', ['afterAccept'], { count: 1 }),
  slowBody: row(
    'answer',
    'headers at once, then the body in drops over `latencyMs` (5000)',
    ['latencyMs', 'afterAccept'],
    { latencyMs: 8_000 },
  ),
  html: row('request', '200, or `status` (502: a proxy), with a page of HTML', ['status', 'afterAccept'], {
    status: 502,
  }),
  empty: row('request', '200 with nothing', ['status', 'afterAccept'], { count: 1 }),
  noContent: row('request', '204', ['afterAccept'], { count: 1 }),
  rateLimit: row(
    'request',
    '429, code 20028; `Retry-After` only with `retryAfterSec`',
    ['status', 'code', 'retryAfterSec', 'afterAccept'],
    { retryAfterSec: 3, count: 5 },
  ),
  rejectEmbed: row('request', 'an embed: 400, code 304011', ['status', 'code'], { code: 304036 }),
  rejectKeyboard: row('request', 'a keyboard: 400, code 304040', ['status', 'code'], { code: 304037 }),
  rejectMarkdown: row(
    'request',
    'markdown: code 304041 with HTTP 500 (channels), 40034012 with 400 (group and C2C)',
    ['status', 'code'],
    { probability: 1 },
  ),
  rejectImage: row('request', 'a picture by address or as a file: 400, code 304010', ['status', 'code'], { count: 2 }),
  rejectMedia: row(
    'request',
    'an upload: 400, code 850026; a message with `media`: 400, code 304080',
    ['status', 'code'],
    { route: 'files' },
  ),
  rejectLinks: row(
    'request',
    'a text with an address: code 304003 with HTTP 403 (channels), 40054010 with 400 (group and C2C)',
    ['status', 'code'],
    { durationMs: 60_000 },
  ),
  rejectEveryone: row('request', 'a text with @everyone: 400, code 304019', ['status', 'code'], {
    durationMs: 60_000,
  }),
  audit: row(
    'request',
    '202 with code 304024 (304023 without `msg_id`) and an audit id; MESSAGE_AUDIT_PASS or _REJECT after `auditMs`',
    ['status', 'outcome', 'auditMs', 'beforeAnswer'],
    { outcome: 'reject', auditMs: 500, status: 200 },
  ),
  ipNotAllowed: row(
    'request',
    '401 with code 11298 and err_code 40023002, discovery included, the token endpoint not',
    [],
    { appId: '102000001' },
  ),
  tokenRefused: row('request', 'the token endpoint: HTTP 200 with `code` (100001)', ['code'], { code: 100016 }),
  tokenLife: row(
    'answer',
    'the token endpoint says `expires_in` = `expiresIn`; the token itself lives as ever',
    ['expiresIn'],
    { expiresIn: '60' },
  ),
  tokenExpired: row('now', 'every token given out so far is no longer valid', [], { appId: '102000001' }),
  gatewayUnreachable: row(
    'connection',
    'no connection to the gateway comes about; those that stand are left',
    ['manner'],
    { manner: 'reset', durationMs: 10_000 },
  ),
  noHello: row('frame', 'the connection opens and HELLO never comes', [], { count: 1 }),
  helloDelay: row('frame', 'HELLO comes `delayMs` (5000) late', ['delayMs'], { delayMs: 8_000 }),
  resumeFails: row('connection', 'RESUME fails by op 9 or a close code, the session is forgotten', ['refusal'], {
    refusal: '4902',
    count: 2,
  }),
  redeliver: row(
    'connection',
    'after a RESUME the last `redelivered` (10) events that the bot already had come again, with the same ids and a new `s`, `delayMs` (0) later',
    ['redelivered', 'delayMs'],
    { redelivered: 3, delayMs: 60_000 },
  ),
  readyShardQuirk: row('frame', 'READY says shard [0,0]', [], { count: 1 }),
  dropConnection: row('now', 'connections end now with `closeCode` (4009)', ['closeCode'], { closeCode: 4915 }),
  closeConnection: row(
    'connection',
    'every connection, present or new, ends with `closeCode` (4009) `closeAfterMs` (0) after its READY or RESUMED',
    ['closeCode', 'closeAfterMs'],
    { closeCode: 4009, closeAfterMs: 1_800_000 },
  ),
  reconnect: row(
    'now',
    'op 7; with `closeAfterMs` the connection then ends with `closeCode` (4009)',
    ['closeCode', 'closeAfterMs'],
    { closeAfterMs: 2_000 },
  ),
  invalidSession: row(
    'now',
    'op 9, the session is forgotten, then the close with `closeCode` (4006) after `closeAfterMs` (0), unless `staysOpen`',
    ['closeCode', 'closeAfterMs', 'staysOpen'],
    { closeCode: 4903, closeAfterMs: 500 },
  ),
  serverHeartbeat: row('now', 'the server asks for a heartbeat (op 1)', [], { probability: 1 }),
  loseAcks: row('frame', 'heartbeats are not acknowledged', [], { durationMs: 120_000 }),
  doubleAcks: row('frame', 'heartbeats are acknowledged twice', [], { count: 1 }),
  duplicate: row('frame', 'an event comes twice, the very same frame', ['event'], { event: 'AT_MESSAGE' }),
  reorder: row('frame', 'an event comes after the one that follows it, or a second later', ['event'], {
    probability: 0.3,
  }),
  delay: row(
    'frame',
    'an event comes `delayMs` (1000), or a log-normal time, later, and what follows waits behind it',
    ['event', 'delayMs', 'latencyP50Ms', 'latencyP99Ms'],
    { delayMs: 3_000 },
  ),
  malformFrames: row('frame', 'an event comes as something that is no frame', ['event', 'malformation'], {
    malformation: 'truncated',
    count: 1,
  }),
  webhookDuplicate: row('push', 'a push is sent twice', ['event'], { probability: 0.5 }),
  webhookReplay: row('push', 'a push is sent again, signed, with a timestamp `ageMs` ago', ['event', 'ageMs'], {
    ageMs: 600_000,
  }),
  webhookBadSignature: row('push', 'the signature of a push does not fit', ['event'], { count: 1 }),
} satisfies { readonly [kind: string]: KindRow };

export type FaultKind = keyof typeof KINDS;
export const FAULT_KINDS = Object.keys(KINDS) as [FaultKind, ...FaultKind[]];

export function targetOf(kind: FaultKind): Target {
  return KINDS[kind].strikes;
}
