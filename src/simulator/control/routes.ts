import { z } from 'zod';
import { faultSchema } from '../faults/faultSchema.js';
import type { FaultRequest } from '../faults/faults.js';
import * as answers from './answerSchemas.js';
import type { Controls } from './controls.js';
import {
  botSchema,
  eventSchema,
  framesSchema,
  messageSchema,
  noneSchema,
  scenarioSchema,
  sinceSchema,
} from './schemas.js';

export interface Input<Body, Query> {
  readonly body: Body;
  readonly query: Query;
  readonly id: string;
}
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** As OpenAPI writes it; the only parameter there is: `{id}`. */
  readonly path: string;
  readonly does: string;
  /** null: takes none. */
  readonly body: z.ZodType | null;
  readonly query: z.ZodType;
  readonly answer: z.ZodType;
  run(controls: Controls, input: Input<unknown, unknown>): unknown;
}
/** Told as 404. */
export class NotThere extends Error {
  readonly statusCode = 404;
}

/** The schemas give the types of what `run` gets. */
function route<B = undefined, Q = Record<string, never>>(
  method: Route['method'],
  path: string,
  does: string,
  parts: {
    readonly body?: z.ZodType<B>;
    readonly query?: z.ZodType<Q>;
    readonly answer?: z.ZodType;
    run(controls: Controls, input: Input<B, Q>): unknown;
  },
): Route {
  const { body = null, query = noneSchema, answer = noneSchema, run } = parts;
  return { method, path, does, body, query, answer, run: run as Route['run'] };
}

/** The control API, every call of it: registered, validated, documented from here. */
export const ROUTES: readonly Route[] = [
  route('POST', '/sim/messages', 'a user writes', {
    body: messageSchema,
    answer: answers.idsSchema,
    run(controls, { body }) {
      const ids = controls.message(body);
      return ids.length === 1 ? { id: ids[0] } : { id: ids[0], ids };
    },
  }),
  route('POST', '/sim/events', 'any other event of the platform happens', {
    body: eventSchema,
    answer: answers.eventAnswerSchema,
    run: (controls, { body }) => controls.event(body),
  }),
  route('POST', '/sim/frames', 'every connected bot, or one, gets this frame as it is', {
    body: framesSchema,
    answer: z.object({ sent: z.int() }),
    run: (controls, { body }) => ({ sent: controls.frames(body.raw, body.appId) }),
  }),
  route('GET', '/sim/replies', 'every attempt to send', {
    query: sinceSchema,
    answer: z.array(answers.replySchema),
    run: (controls, { query }) => controls.replies(query.since ?? 0),
  }),
  route('DELETE', '/sim/replies', 'forgets them', {
    run(controls) {
      controls.clearReplies();
      return {};
    },
  }),
  route('GET', '/sim/calls', 'every request that bots made', {
    answer: z.array(answers.callSchema),
    run: (controls) => controls.calls(),
  }),
  route('GET', '/sim/interactions', 'interactions and how bots acknowledged them', {
    answer: z.array(answers.interactionSchema),
    run: (controls) => controls.interactions(),
  }),
  route('GET', '/sim/state', 'counts', { answer: answers.stateSchema, run: (controls) => controls.state() }),
  route('POST', '/sim/faults', 'something goes wrong from now on', {
    body: faultSchema as z.ZodType<FaultRequest>,
    answer: answers.idSchema,
    run: (controls, { body }) => ({ id: controls.addFault(body).id }),
  }),
  route('GET', '/sim/faults', 'faults in force', {
    answer: z.array(answers.faultInForceSchema),
    run: (controls) => controls.faults(),
  }),
  route('DELETE', '/sim/faults', 'ends all faults', {
    run(controls) {
      controls.endFaults();
      return {};
    },
  }),
  route('DELETE', '/sim/faults/{id}', 'ends one fault', {
    run(controls, { id }) {
      if (controls.endFaults(id)) return {};
      throw new NotThere(`no fault "${id}" is in force; GET /sim/faults lists them`);
    },
  }),
  route('POST', '/sim/scenario', 'a timed list of faults, messages, events and frames begins', {
    body: scenarioSchema,
    answer: answers.scenarioProgressSchema,
    run: (controls, { body }) => controls.startScenario(Array.isArray(body) ? body : body.steps),
  }),
  route('GET', '/sim/scenario', 'how far the scenarios are', {
    answer: z.array(answers.scenarioProgressSchema),
    run: (controls) => controls.scenarios(),
  }),
  route('DELETE', '/sim/scenario', 'stops all scenarios and ends the faults that they added', {
    answer: z.object({ stopped: z.int() }),
    run: (controls) => ({ stopped: controls.stopScenarios() }),
  }),
  route('DELETE', '/sim/scenario/{id}', 'stops one scenario', {
    answer: z.object({ stopped: z.int() }),
    run(controls, { id }) {
      if (!controls.scenarios().some((scenario) => scenario.id === id))
        throw new NotThere(`there is no scenario "${id}"; GET /sim/scenario lists them`);
      return { stopped: controls.stopScenarios(id) };
    },
  }),
  route('POST', '/sim/bots', 'a bot is registered, or changed', {
    body: botSchema,
    answer: answers.botAnswerSchema,
    run: (controls, { body }) => controls.addBot(body),
  }),
  route('GET', '/sim/bots', 'bots that the platform knows', {
    answer: z.array(answers.botAnswerSchema),
    run: (controls) => controls.bots(),
  }),
  route('GET', '/sim/pushes', 'requests to webhooks', {
    answer: z.array(answers.pushSchema),
    run: (controls) => controls.pushes(),
  }),
];
