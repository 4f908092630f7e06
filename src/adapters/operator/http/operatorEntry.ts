import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Clock } from '../../../actors/ports.js';
import { FEATURES } from '../../../machines/vocabulary/replies/features.js';
import { type OperatorAction, OperatorRefusal } from '../operatorActions.js';
import type { OperatorToken } from './operatorToken.js';

/** Requests with the token in a second, and as many without; a further one is refused with 429. */
export const ACTIONS_MAX = 10;
/** Bytes of a request's body; a longer one is refused with 413. */
export const ACTION_MAX = 16 * 1024;
const SECOND_MS = 1_000;
const FORCED_MAX_MS = 366 * 86_400_000;

export interface OperatorEntry {
  readonly token: OperatorToken;
  readonly clock: Clock;
  /** Journals the action; gives the seq of its record. Rejects with OperatorRefusal. */
  act(action: OperatorAction): Promise<number>;
}

const by = z.enum(['http', 'cli', 'inspector']).default('http');
const breakerActions = ['isolated', 'released', 'disabled', 'observed', 'enabled', 'reset'] as const;
const schema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.enum(breakerActions.map((verb) => `operator.${verb}` as const)),
    breaker: z.string().min(1).max(200),
    by,
  }),
  z.strictObject({
    type: z.literal('operator.forced'),
    feature: z.enum(FEATURES),
    to: z.enum(['on', 'off']),
    forMs: z.number().int().min(1).max(FORCED_MAX_MS),
    by,
  }),
  z.strictObject({ type: z.literal('operator.unforced'), feature: z.enum(FEATURES), by }),
  z.strictObject({ type: z.literal('recovery.requested'), force: z.boolean().default(false), by }),
  z.strictObject({ type: z.literal('operator.retried'), message: z.string().min(1).max(1_000), by }),
]);

/**
 * `POST /operator`: the only way to change something over HTTP. Only JSON, only from our own page or no page at all
 * (the server's guard), only with the token: so that no page in a browser can act for the operator, who is not asked.
 * Those without the token are counted by themselves, so that they take nothing from the one who has it; of 192 random
 * bits no rate of guesses finds one.
 */
export function addOperatorRoute(app: FastifyInstance, entry: OperatorEntry): void {
  const [actions, strangers] = [new Pace(entry.clock), new Pace(entry.clock)];
  app.post('/operator', {
    bodyLimit: ACTION_MAX,
    onRequest: async (request, reply) => {
      const refuse = (code: number, message: string) => reply.code(code).send({ message });
      const isOperator = isAuthorised(request, entry.token);
      if ((isOperator ? actions : strangers).isSpent())
        return refuse(429, `at most ${ACTIONS_MAX} requests a second; try again in a second`);
      if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
        return refuse(415, 'send JSON: Content-Type: application/json');
      if (!isOperator)
        return refuse(401, 'send Authorization: Bearer TOKEN; the token is in the file JOURNAL.operator-token');
    },
    handler: async (request, reply) => {
      const parsed = schema.safeParse(request.body);
      if (!parsed.success) return reply.code(400).send({ message: problemsOf(parsed.error, request.body) });
      try {
        return { seq: await entry.act(parsed.data) };
      } catch (error) {
        if (error instanceof OperatorRefusal) return reply.code(error.status).send({ message: error.message });
        throw error;
      }
    },
  });
}

function isAuthorised(request: FastifyRequest, token: OperatorToken): boolean {
  const [, given] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  return given !== undefined && token.matches(given);
}

/** So many in a second. */
class Pace {
  private recent: readonly number[] = [];

  constructor(private readonly clock: Clock) {}

  isSpent(): boolean {
    const now = this.clock.now();
    this.recent = this.recent.filter((at) => now - at < SECOND_MS);
    if (this.recent.length >= ACTIONS_MAX) return true;
    this.recent = [...this.recent, now];
    return false;
  }
}

/** What is wrong with the body, without repeating more of it than a name. */
function problemsOf(error: z.ZodError, body: unknown): string {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return 'the body must be one action, an object with a type';
  return error.issues
    .map(({ path, message, code }) => {
      if (code === 'invalid_union' && path[0] === 'type') return `type: unknown action; known are ${TYPES.join(', ')}`;
      return `${path.join('.') || 'body'}: ${message}`;
    })
    .join('; ');
}
const TYPES = [
  ...breakerActions.map((verb) => `operator.${verb}`),
  'operator.forced',
  'operator.unforced',
  'operator.retried',
  'recovery.requested',
];
