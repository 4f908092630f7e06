import { z } from 'zod';
import { faultSchema } from '../faults/faultSchema.js';
import { SCENARIO_MAX_MS, SCENARIO_STEPS_MAX } from './scenario.js';

/** Messages that one POST may repeat. */
export const REPEAT_MAX = 100_000;
/** Attachments of one message. */
export const ATTACHMENTS_MAX = 20;

export const name = z.string().min(1);

const attachmentSchema = z.strictObject({
  content_type: name.describe('such as image/png, video/mp4, voice, file'),
  url: name.describe('as the bot is to see it; guild pictures come without a scheme'),
  filename: z.string().optional(),
  id: name.optional(),
  size: z.int().min(0).optional(),
  width: z.int().min(0).optional(),
  height: z.int().min(0).optional(),
});
const authorSchema = z.strictObject({
  id: name.optional().describe('default u1'),
  username: z.string().optional().describe('default: the id'),
  roles: z.array(z.string()).optional().describe('guild role ids: 4 owner, 2 admin, 5 channel admin'),
  memberRole: z.enum(['member', 'admin', 'owner']).optional().describe('in a group'),
  bot: z.boolean().optional(),
});
export const messageSchema = z.strictObject({
  kind: z.enum(['guild', 'direct', 'group', 'c2c']),
  channelId: name.describe("channel, direct-message session, the group's openid, or the user's"),
  content: z.string(),
  author: authorSchema.optional(),
  mention: z.boolean().optional().describe('default true; false needs intent bit 9 in a guild'),
  attachments: z.array(attachmentSchema).max(ATTACHMENTS_MAX).optional(),
  reference: name.optional().describe('id of the message that this one quotes'),
  eventId: name.optional().describe('the same again delivers the same message again'),
  repeat: z.int().min(1).max(REPEAT_MAX).optional().describe('that many different messages'),
});
export const eventSchema = z.strictObject({
  event: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]*$/, 'must be an event name in capitals')
    .describe('such as MESSAGE_REACTION_ADD'),
  d: z.record(z.string(), z.unknown()).optional().describe('fields that replace the defaults'),
  eventId: name.optional().describe('the same again delivers the same event again'),
  intentBit: z.int().min(0).max(30).optional().describe('only for events that the platform does not have'),
  appId: name.optional().describe('only this bot; default: all'),
});
export const framesSchema = z.strictObject({
  raw: z.string().describe('sent as it is'),
  appId: name.optional().describe('only this bot'),
});
export const sinceSchema = z.strictObject({
  since: z.coerce.number().optional().describe('milliseconds since 1970; only what came then or later'),
});
export const botSchema = z.strictObject({
  appId: name,
  secret: name.optional().describe('when given, only this one is right; needed for a webhook'),
  isPrivate: z.boolean().optional().describe('may use the intents GUILD_MESSAGES and FORUMS_EVENT'),
  permittedIntents: z.int().min(0).optional().describe('bits; others refuse the IDENTIFY with 4014'),
  mayMarkdown: z.boolean().optional().describe('native Markdown; default true'),
  mayKeyboard: z.boolean().optional().describe('buttons; default true'),
  hearsGroups: z.boolean().optional().describe('group messages that do not mention it; default false'),
  state: z.enum(['online', 'offline', 'banned']).optional().describe('offline: close 4914; banned: 4915'),
  webhook: z
    .url({ protocol: /^https?$/ })
    .nullable()
    .optional()
    .describe('events are pushed there instead of the gateway; null: no longer'),
});
const stepSchema = z.strictObject({
  atMs: z.number().min(0).max(SCENARIO_MAX_MS).describe('after the start'),
  as: name.optional().describe("the fault's name, for a later `clear`"),
  fault: faultSchema.optional(),
  message: messageSchema.optional(),
  event: eventSchema.optional(),
  frames: z.string().optional().describe('a raw frame'),
  clear: z
    .union([z.literal(true), name])
    .optional()
    .describe('true: all faults; or the name of a step'),
});
/** A list of steps, or an object with one. */
export const scenarioSchema = z.union([
  z.array(stepSchema).min(1).max(SCENARIO_STEPS_MAX),
  z.strictObject({ steps: z.array(stepSchema).min(1).max(SCENARIO_STEPS_MAX) }),
]);
export const noneSchema = z.strictObject({});
