import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Timers } from '../kit/timers.js';
import type { Fault } from './faults.js';
import type { FaultKind } from './kinds.js';

/** How long a hanging request is kept before the server gives it up. */
export const HANG_MAX_MS = 600_000;
/** How often a hanging request looks whether its fault has ended. */
const HANG_CHECK_MS = 100;
/** Drops that a slow body comes in. */
const DROPS = 20;

/** Kinds that break the connection instead of answering. */
const BREAKING: readonly FaultKind[] = ['hang', 'halfOpen', 'reset', 'truncate'];
export function breaksAnswer(kind: FaultKind): boolean {
  return BREAKING.includes(kind);
}

/** No answer until the fault ends, none ever, none at all, or half of one. The caller has taken the reply over. */
export function breakAnswer(raw: ServerResponse, fault: Fault, isHeld: () => boolean, timers: Timers): void {
  if (fault.kind === 'halfOpen') return; // kept until the client hangs up
  if (fault.kind === 'hang') return hang(raw, isHeld, timers);
  if (fault.kind === 'truncate') {
    raw.writeHead(200, { 'content-type': 'application/json', 'content-length': '400' });
    raw.write('{"id":"08');
  }
  setImmediate(() => raw.destroy());
}

function hang(raw: ServerResponse, isHeld: () => boolean, timers: Timers): void {
  const startedAt = timers.now();
  const timer = setInterval(() => {
    if (isHeld() && timers.now() - startedAt < HANG_MAX_MS) return;
    clearInterval(timer);
    raw.destroy();
  }, HANG_CHECK_MS);
  raw.on('close', () => clearInterval(timer));
}

export interface WholeAnswer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly text: string;
}
/** The headers at once, then the body in equal drops; ends early when the client hangs up. */
export function dripAnswer(raw: ServerResponse, answer: WholeAnswer, overMs: number, timers: Timers): void {
  const bytes = Buffer.from(answer.text);
  raw.writeHead(answer.status, { ...answer.headers, 'content-length': bytes.length });
  raw.flushHeaders();
  const size = Math.max(1, Math.ceil(bytes.length / DROPS));
  const drops = Math.ceil(bytes.length / size);
  const drop = (index: number): void => {
    if (raw.destroyed) return;
    if (index >= drops) return void raw.end();
    raw.write(bytes.subarray(index * size, (index + 1) * size));
    timers.after(overMs / drops, () => drop(index + 1));
  };
  timers.after(drops === 0 ? 0 : overMs / drops, () => drop(0));
}
