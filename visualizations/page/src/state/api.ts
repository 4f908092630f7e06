import { signal } from '@preact/signals';
import type { ApiError, Pending } from '../../../src/protocol.js';
import { journal } from './place.js';

/** A question that the server refused, or that did not reach it (`status` 0). */
export class AskError extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
    this.name = 'AskError';
  }
}

export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** How far the server is with a moment that it has to fold first; null: nothing pending. */
export const folding = signal<Pending | null>(null);

/** Pause before a question that was answered "not yet" is asked again. */
const AGAIN_MS = 60;

/** The address of a call, relative to the page: it also works below a proxy's path. */
export function addressOf(call: string, query: Query = {}): string {
  const wanted = new URLSearchParams();
  if (journal.peek() !== 'main') wanted.set('journal', journal.peek());
  for (const [name, value] of Object.entries(query))
    if (value !== null && value !== undefined && value !== '') wanted.set(name, String(value));
  const text = wanted.toString();
  return text === '' ? call : `${call}?${text}`;
}

/** Asks until the answer is there. Throws `AskError`; an abort throws the signal's reason. */
export async function ask<T>(call: string, query: Query = {}, stop?: AbortSignal): Promise<T> {
  for (;;) {
    const response = await reach(addressOf(call, query), stop ? { signal: stop } : {});
    if (response.status !== 202) {
      if (folding.peek()) folding.value = null;
      return (await response.json()) as T;
    }
    folding.value = (await response.json()) as Pending;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    stop?.throwIfAborted();
  }
}

export interface Sending {
  readonly method?: 'POST' | 'DELETE';
  readonly query?: Query;
  /** Sent as JSON unless it is a file. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends something that changes something. */
export async function send<T>(call: string, { method = 'POST', query, body, headers }: Sending = {}): Promise<T> {
  const isFile = body instanceof Blob;
  const response = await reach(addressOf(call, query), {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': isFile ? 'application/x-ndjson' : 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: isFile ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return (text === '' ? {} : JSON.parse(text)) as T;
}

async function reach(address: string, init: RequestInit): Promise<Response> {
  let response: Response;
  // The reader's language, as the page has it: what is refused is told in it.
  const language = { 'accept-language': document.documentElement.lang || 'en' };
  const headers = { ...language, ...(init.headers as Record<string, string> | undefined) };
  try {
    response = await fetch(address, { ...init, headers });
  } catch (cause) {
    init.signal?.throwIfAborted();
    throw new AskError(String((cause as Error).message), 0);
  }
  if (response.ok) return response;
  const told = (await response.json().catch(() => null)) as ApiError | null;
  throw new AskError(told?.message ?? `HTTP ${response.status}`, response.status);
}
