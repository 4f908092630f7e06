import { z } from 'zod';

/**
 * What QQ's gateway sends, as far as we read it; other fields are ignored. Ids are strings; a number is taken for one only
 * while it has all its digits (below 2^53).
 */
const id = z.preprocess((value) => (Number.isSafeInteger(value) ? String(value) : value), z.string().min(1).max(512));
const sequence = z.int().nonnegative();

/** Every frame: op, and for dispatches s, t and the event's id. */
export const envelopeSchema = z.object({
  op: z.int(),
  s: sequence.nullish(),
  t: z.string().nullish(),
  id: z.string().nullish(),
  d: z.unknown().optional(),
});

export const helloSchema = z.object({ heartbeat_interval: z.number().positive() });

export const readySchema = z.object({
  session_id: id,
  user: z.object({ id, username: z.string().nullish() }),
});

const attachments = z.array(z.unknown()).nullish();
/** AT_MESSAGE_CREATE, MESSAGE_CREATE and DIRECT_MESSAGE_CREATE. A message has content or attachments or both. */
export const messageSchema = z
  .object({
    id,
    guild_id: id,
    channel_id: id,
    author: z.object({ id, username: z.string().nullish(), bot: z.boolean().nullish() }),
    content: z.string().nullish(),
    attachments,
    mentions: z.array(z.object({ id, bot: z.boolean().nullish() })).nullish(),
    member: z.object({ roles: z.array(id).nullish() }).nullish(),
  })
  .refine(({ content, attachments: files }) => typeof content === 'string' || (files?.length ?? 0) > 0, {
    path: ['content'],
  });
export type WireMessage = z.infer<typeof messageSchema>;

/** Answer of `GET /gateway/bot`. */
export const discoverySchema = z.object({
  url: z.string().regex(/^wss?:\/\/\S+$/),
  shards: z.int().positive().default(1),
  session_start_limit: z.object({ remaining: z.int().nonnegative().nullish() }).nullish(),
});
