import { z } from 'zod';
import { FAULT_KINDS } from '../faults/kinds.js';

/** What the control API answers, for the OpenAPI document. */
const time = z.number().describe('milliseconds since 1970');
const text = z.string().nullable();
const whole = z.int().nullable();

export const idSchema = z.object({ id: z.string() });
export const idsSchema = z.object({ id: z.string(), ids: z.array(z.string()).optional() });
export const eventAnswerSchema = z.object({
  id: z.string().describe("the event's id"),
  d: z.record(z.string(), z.unknown()).describe('as the bots get it'),
});
export const replySchema = z.looseObject({
  at: time,
  kind: z.enum(['guild', 'direct', 'group', 'c2c']),
  replyTo: text,
  channelId: z.string(),
  form: z.string(),
  content: z.string().describe("the visible text; an embed's fields, a line each"),
  accepted: z.boolean().describe('whether it stands in the channel, whatever the caller was told'),
  httpStatus: z.int(),
  code: whole,
  messageId: text,
  msgId: text,
  msgSeq: whole,
  body: z.unknown(),
});
export const callSchema = z.looseObject({
  at: time,
  route: z.string(),
  status: z.int().describe('0: no answer'),
  code: whole,
  fault: text.describe('kind of the fault that decided'),
});
export const interactionSchema = z.looseObject({ id: z.string() });
export const stateSchema = z.looseObject({
  sessions: z.int(),
  identifies: z.int(),
  resumes: z.int(),
  heartbeats: z.int(),
  intents: z.int().describe('of the last IDENTIFY'),
  connected: z.int(),
});
export const faultInForceSchema = z.looseObject({
  id: z.string(),
  kind: z.enum(FAULT_KINDS),
  addedAt: time,
  struck: z.int().describe('how often it has struck'),
});
export const scenarioProgressSchema = z.object({
  id: z.string(),
  startedAt: time,
  state: z.enum(['running', 'finished', 'stopped']),
  steps: z.array(
    z.object({
      id: z.string(),
      atMs: z.number(),
      does: z.enum(['fault', 'message', 'event', 'frames', 'clear']),
      as: text,
      doneAt: z.number().nullable(),
      result: z.unknown(),
      error: text,
    }),
  ),
});
export const botAnswerSchema = z.looseObject({
  appId: z.string(),
  webhook: text.optional(),
  isCallbackValid: z.boolean().nullable().optional().describe('whether the address check (op 13) was answered rightly'),
});
export const pushSchema = z.object({
  at: time,
  appId: z.string(),
  t: text.describe('null: the address check'),
  eventId: text,
  attempt: z.int(),
  status: whole.describe('null: no answer'),
  isAcknowledged: z.boolean(),
  note: text,
});
export const problemSchema = z.object({ message: z.string() });
