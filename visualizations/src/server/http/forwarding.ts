import type { FastifyInstance, FastifyReply } from 'fastify';
import { readAnswer } from '../../../../src/base/unpack.js';
import { fromOwnPage } from './guard.js';
import { RequestError } from './parameters.js';

const ANSWER_MS = 10_000;
/** Of the bot or the simulator. */
const ANSWER_MAX = 16 * 1024 * 1024;
const BODY_MAX = 256 * 1024;
const ACTIONS = /^(operator\.\w+|recovery\.requested)$/;

/** Operator actions of the page, passed on to the bot with the token that the page sends. The token is kept nowhere. */
export function addOperator(app: FastifyInstance, botUrl: string | null): void {
  app.post('/api/operator', { bodyLimit: 16 * 1024 }, async (request, reply) => {
    fromOwnPage(request);
    if (botUrl === null) throw new RequestError(409, (texts) => texts.noBot);
    const { authorization } = request.headers;
    if (!authorization?.startsWith('Bearer ')) throw new RequestError(401, (texts) => texts.noToken);
    const action = request.body as { readonly type?: unknown } | null;
    if (typeof action?.type !== 'string' || !ACTIONS.test(action.type))
      throw new RequestError(400, (texts) => texts.noAction((JSON.stringify(action?.type) ?? '–').slice(0, 200)));
    return pass(reply, `${botUrl}/operator`, 'bot', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify({ ...action, by: 'inspector' }),
    });
  });
}

/** The simulator's control API, so that the page can talk to the bot and switch faults. Demo world only. */
export function addSimulator(app: FastifyInstance, simulatorUrl: string | null): void {
  app.all('/sim/*', { bodyLimit: BODY_MAX }, async (request, reply) => {
    if (simulatorUrl === null) throw new RequestError(404, (texts) => texts.noSimulator);
    if (request.method !== 'GET') fromOwnPage(request);
    const hasBody = request.body !== undefined && request.body !== null;
    return pass(reply, `${simulatorUrl}${request.url}`, 'simulator', {
      method: request.method,
      ...(hasBody ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(request.body) } : {}),
    });
  });
}

async function pass(
  reply: FastifyReply,
  url: string,
  who: 'bot' | 'simulator',
  init: RequestInit,
): Promise<FastifyReply> {
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(ANSWER_MS) });
    text = await readAnswer(answer, ANSWER_MAX);
  } catch (cause) {
    throw new RequestError(502, (texts) => texts.noAnswer(texts[who], (cause as Error).message));
  }
  return reply
    .code(answer.status)
    .type('application/json; charset=utf-8')
    .send(text === '' ? '{}' : text);
}
