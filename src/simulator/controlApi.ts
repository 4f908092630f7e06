import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { FAULT_KINDS } from './faults.js';
import type { GatewayServer } from './gatewayServer.js';
import type { Platform } from './platform.js';

/** Messages that one POST may repeat. */
export const REPEAT_MAX = 100_000;

const name = z.string().min(1);
const messageSchema = z.strictObject({
  kind: z.enum(['guild', 'direct']),
  channelId: name,
  content: z.string(),
  author: z
    .strictObject({
      id: name.optional(),
      username: z.string().optional(),
      roles: z.array(z.string()).optional(),
      bot: z.boolean().optional(),
    })
    .optional(),
  mention: z.boolean().optional(),
  eventId: name.optional(),
  repeat: z.int().min(1).max(REPEAT_MAX).optional(),
});
const faultSchema = z.strictObject({
  kind: z.enum(FAULT_KINDS),
  probability: z.number().min(0).max(1).optional(),
  durationMs: z.number().min(0).optional(),
  count: z.int().min(1).optional(),
  route: name.optional(),
  channelId: name.optional(),
  status: z.int().min(200).max(599).optional(),
  code: z.int().optional(),
  latencyMs: z.number().min(0).max(600_000).optional(),
  retryAfterSec: z.number().optional(),
  closeCode: z
    .int()
    .refine(
      (code) => code === 1000 || code === 1006 || (code >= 3000 && code <= 4999),
      'must be 1000, 1006 or 3000 to 4999',
    )
    .optional(),
  afterAccept: z.boolean().optional(),
});
const framesSchema = z.strictObject({ raw: z.string() });
const sinceSchema = z.object({ since: z.coerce.number().optional() });

/** The control API: what a test, a demo or a person does to the platform. */
export function addControlApi(app: FastifyInstance, platform: Platform, gateway: GatewayServer): void {
  app.post('/sim/messages', (request) => {
    const ids = platform.post(parse(messageSchema, request.body));
    return ids.length === 1 ? { id: ids[0] } : { id: ids[0], ids };
  });
  app.get('/sim/replies', (request) => platform.ledger.repliesSince(parse(sinceSchema, request.query).since ?? 0));
  app.delete('/sim/replies', () => {
    platform.ledger.clearReplies();
    return {};
  });
  app.get('/sim/calls', () => platform.ledger.allCalls());
  app.get('/sim/state', () => readState(platform, gateway));
  app.post('/sim/faults', (request) => {
    const fault = platform.addFault(parse(faultSchema, request.body));
    strikeConnections(gateway, fault);
    return { id: fault.id };
  });
  app.get('/sim/faults', () => platform.faults.current());
  app.delete('/sim/faults', () => {
    platform.faults.remove();
    return {};
  });
  app.delete<{ Params: { id: string } }>('/sim/faults/:id', (request, reply) => {
    if (platform.faults.remove(request.params.id)) return {};
    return reply.code(404).send({ message: `no fault "${request.params.id}" is in force; GET /sim/faults lists them` });
  });
  app.post('/sim/frames', (request) => ({ sent: gateway.sendRaw(parse(framesSchema, request.body).raw) }));
}

export function readState(platform: Platform, gateway: GatewayServer) {
  return { sessions: platform.sessions.size, ...gateway.counts, connected: platform.sessions.connected.length };
}

/** The two faults that strike at once. */
export function strikeConnections(
  gateway: GatewayServer,
  { kind, closeCode }: { kind: string; closeCode?: number | undefined },
): void {
  if (kind === 'dropConnection') gateway.dropAll(closeCode ?? 4009);
  if (kind === 'invalidSession') gateway.invalidateAll();
}

/** Nonsense: the message names the field and what was wrong with it. */
export class BadRequest extends Error {
  readonly statusCode = 400;
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`);
  throw new BadRequest(problems.join('; '));
}
