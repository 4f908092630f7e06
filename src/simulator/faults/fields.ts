import { z } from 'zod';
import { REPLAY_MAX } from '../world/sessions.js';

/** Forms and contents of a message that a fault can be limited to. */
export const FEATURES = [
  'text',
  'embed',
  'markdown',
  'keyboard',
  'ark',
  'image',
  'media',
  'upload',
  'reference',
  'links',
  'everyone',
] as const;
export type Feature = (typeof FEATURES)[number];

/** Longest latency, delay or wait before a close that a fault may ask for. */
export const FAULT_WAIT_MAX_MS = 3_600_000;

const name = z.string().min(1);
const waitMs = z.number().min(0).max(FAULT_WAIT_MAX_MS);
/** What a WebSocket server can end a connection with; 1005 sends no code, 1006 no close frame at all. */
const closeCode = z
  .int()
  .refine(
    (code) => (code >= 1000 && code <= 1014 && code !== 1004) || (code >= 3000 && code <= 4999),
    'must be 1000 to 1014 (not 1004) or 3000 to 4999',
  );

/** Every field that a fault may have beside its kind. */
export const FIELDS = {
  probability: z.number().min(0).max(1).describe('chance that it strikes; default 1'),
  durationMs: z.number().min(0).describe('ends by itself after this; default: when it is deleted'),
  count: z.int().min(1).describe('ends after striking this often'),
  route: name.describe(
    'only routes that contain this, such as `messages`, `gateway`, `getAppAccessToken` or `/channels/c1/`; of kinds about gateway connections only `websocket`, of those about webhooks only `webhook`',
  ),
  channelId: name.describe("only this channel, direct-message session, group's or user's openid"),
  feature: z.enum(FEATURES).describe('only requests with this form or content'),
  appId: name.describe('only this bot'),
  event: name.describe('only events whose name contains this'),
  status: z.int().min(200).max(599).describe('HTTP status'),
  code: z.int().describe('`code` of the answer'),
  latencyMs: z.number().min(0).max(600_000).describe('wait before the answer, or time over which a body drips'),
  latencyP50Ms: waitMs.describe('median of a log-normal latency'),
  latencyP99Ms: waitMs.describe('99th percentile of a log-normal latency'),
  retryAfterSec: z.number().min(0).describe('sent as Retry-After; default: no such header'),
  closeCode: closeCode
    .meta({ minimum: 1000, maximum: 4999, not: { anyOf: [{ const: 1004 }, { minimum: 1015, maximum: 2999 }] } })
    .describe('close code; 1005 sends none, 1006 drops the connection'),
  closeAfterMs: waitMs.describe('wait before the close'),
  staysOpen: z.boolean().describe('no close follows'),
  afterAccept: z.boolean().describe('the message is accepted first, then the answer suffers; default false'),
  outcome: z.enum(['pass', 'reject', 'none']).describe('how the audit ends; none: it never does; default pass'),
  auditMs: waitMs.describe('how long the audit takes; default 1000'),
  beforeAnswer: z.boolean().describe('the event comes before the HTTP answer'),
  expiresIn: z.union([z.string(), z.number()]).describe('sent as `expires_in`, as it is: "60", "0", 7200'),
  delayMs: waitMs.describe('how much later a frame comes'),
  malformation: z
    .enum(['truncated', 'split', 'binary', 'array', 'types'])
    .describe(
      'half the JSON, its halves one after the other, random bytes, an array around it, wrong types; default: by luck',
    ),
  refusal: z.enum(['op9', '4006', '4007', '4902']).describe('how RESUME fails; default 4006'),
  manner: z
    .enum(['refused', 'reset', 'discovery'])
    .describe('upgrade answered with 503, connection reset, or discovery fails with 503; default refused'),
  redelivered: z.int().min(1).max(REPLAY_MAX).describe('how many events come again; default 10'),
  ageMs: z.number().min(0).describe('how old the replayed timestamp is; default 3600000'),
} as const;
export type FieldName = keyof typeof FIELDS;

/** Any kind takes these (contract): a field that a kind has no use for changes nothing. */
export const COMMON: readonly FieldName[] = [
  'probability',
  'durationMs',
  'count',
  'route',
  'status',
  'code',
  'latencyMs',
  'retryAfterSec',
  'closeCode',
  'afterAccept',
];
