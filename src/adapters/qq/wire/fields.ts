import { z } from 'zod';

/**
 * What QQ's gateway sends, as far as we read it; other fields are ignored. Ids are strings; a number is taken for one
 * only while it has all its digits (below 2^53).
 */
export const id = z.preprocess(
  (value) => (Number.isSafeInteger(value) ? String(value) : value),
  z.string().min(1).max(512),
);
const sequence = z.int().nonnegative();
/**
 * Characters of a message's text, of a name, and entries of a list that are read; more is cut off, QQ sends far less.
 */
export const CONTENT_MAX = 50_000;
const NAME_MAX = 256;
const LIST_MAX = 100;
const cut = (max: number) => z.string().transform((text) => text.slice(0, max));
const list = <S extends z.ZodType>(entry: S) =>
  z.preprocess((value) => (Array.isArray(value) ? value.slice(0, LIST_MAX) : value), z.array(entry));
/** An id that only adorns a frame. */
const label = z
  .string()
  .nullish()
  .transform((text) => (text != null && text.length > 512 ? null : text));

/** Every frame: op, and for dispatches s, t and the event's id. */
export const envelopeSchema = z.object({
  op: z.int(),
  s: sequence.nullish(),
  t: z.string().nullish(),
  id: label,
  d: z.unknown().optional(),
});

export const helloSchema = z.object({ heartbeat_interval: z.number().positive() });

export const readySchema = z.object({
  session_id: id,
  user: z.object({ id, username: cut(NAME_MAX).nullish().catch(null) }),
});

const attachments = list(z.unknown()).nullish();
const hasSomething = ({
  content,
  attachments: files,
}: {
  content?: unknown;
  attachments?: unknown[] | null | undefined;
}) => typeof content === 'string' || (files?.length ?? 0) > 0;
/** AT_MESSAGE_CREATE, MESSAGE_CREATE and DIRECT_MESSAGE_CREATE. A message has content or attachments or both. */
export const messageSchema = z
  .object({
    id,
    guild_id: id,
    channel_id: id,
    author: z.object({ id, username: cut(NAME_MAX).nullish().catch(null), bot: z.boolean().nullish() }),
    content: cut(CONTENT_MAX).nullish(),
    attachments,
    mentions: list(z.object({ id, bot: z.boolean().nullish() })).nullish(),
    member: z.object({ roles: list(id).nullish() }).nullish(),
    message_reference: z.object({ message_id: id }).nullish().catch(null),
  })
  .refine(hasSomething, { path: ['content'] });
export type WireMessage = z.infer<typeof messageSchema>;

const openMessage = {
  id,
  content: cut(CONTENT_MAX).nullish(),
  attachments,
  message_scene: z
    .object({ ext: list(z.string()).nullish().catch(null) })
    .nullish()
    .catch(null),
};
const openAuthor = { username: cut(NAME_MAX).nullish().catch(null), bot: z.boolean().nullish() };
/** GROUP_AT_MESSAGE_CREATE and GROUP_MESSAGE_CREATE. */
export const groupMessageSchema = z
  .object({
    ...openMessage,
    group_openid: id,
    author: z.object({ ...openAuthor, member_openid: id, member_role: z.string().max(64).nullish().catch(null) }),
  })
  .refine(hasSomething, { path: ['content'] });
export type WireGroupMessage = z.infer<typeof groupMessageSchema>;
/** C2C_MESSAGE_CREATE. */
export const c2cMessageSchema = z
  .object({ ...openMessage, author: z.object({ ...openAuthor, user_openid: id }) })
  .refine(hasSomething, { path: ['content'] });
export type WireC2CMessage = z.infer<typeof c2cMessageSchema>;

const maybeId = id.nullish().catch(null);
/** INTERACTION_CREATE. Which of the ids are there depends on `scene`. */
export const interactionSchema = z.object({
  id,
  type: z.number().nullish().catch(null),
  chat_type: z.number().nullish().catch(null),
  scene: z.string().nullish().catch(null),
  guild_id: maybeId,
  channel_id: maybeId,
  group_openid: maybeId,
  group_member_openid: maybeId,
  user_openid: maybeId,
  data: z
    .object({
      resolved: z
        .object({
          button_data: cut(CONTENT_MAX).nullish().catch(null),
          feature_id: maybeId,
          user_id: maybeId,
        })
        .nullish()
        .catch(null),
    })
    .nullish()
    .catch(null),
});
export type WireInteraction = z.infer<typeof interactionSchema>;

/** One file of a message. */
export const attachmentSchema = z.object({
  url: z.string().min(1).max(4_096),
  content_type: z.string().max(128).catch('').default(''),
  filename: z.string().max(512).catch('').default(''),
  size: z.number().nonnegative().nullable().catch(null).default(null),
});

/** Answer of `GET /gateway/bot`. */
export const discoverySchema = z.object({
  url: z.string().regex(/^wss?:\/\/\S+$/),
  shards: z.int().positive().default(1),
  session_start_limit: z
    .object({
      remaining: z.int().nonnegative().nullish().catch(null),
      reset_after: z.number().nonnegative().nullish().catch(null),
    })
    .nullish()
    .catch(null),
});
