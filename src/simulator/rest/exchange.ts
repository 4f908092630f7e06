import type { FastifyRequest } from 'fastify';
import type { Answer } from '../faults/answers.js';
import type { Bot } from '../world/bots.js';
import type { Reply } from '../world/ledger.js';

export type Body = { readonly [field: string]: unknown };
/** What a request gets when no fault strikes it, and what it leaves in the ledger. */
export interface Outcome {
  readonly answer: Answer;
  readonly entry?: Omit<Reply, 'at' | 'httpStatus' | 'code'>;
}
/** One request of a bot. */
export interface Exchange {
  readonly request: FastifyRequest;
  readonly bot: Bot;
  readonly body: Body;
  readonly query: { readonly [name: string]: string };
  /** Parameters of the path. */
  readonly path: { readonly [name: string]: string };
}

export type { Answer };

export function said(body: object, status = 200): Outcome {
  return { answer: { status, body } };
}
/** 204. */
export const NOTHING: Outcome = { answer: { status: 204, text: '' } };
export function refused(status: number, code: number, message: string): Outcome {
  return { answer: { status, code, message } };
}

/** A request that cannot be read. */
export const BAD_REQUEST = 12002;

/** Stands for a body that could not be read. */
export const NOT_JSON: unique symbol = Symbol('a body that is no JSON');

export function bodyOf(request: FastifyRequest): Body {
  const { body } = request;
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Body) : {};
}
