import { expect, test } from '@jest/globals';
import { type CallOutcome, isFailureClass, provesAlive } from '../../../src/machines/kit/callOutcome.js';
import type { ErrorClass } from '../../../src/machines/vocabulary/base.js';

const stamp = { at: 1, id: 'f1', latencyMs: 5, permit: { id: 'p', generation: 1 } };
const failed = (errorClass: ErrorClass, status: number | null): CallOutcome => ({
  type: 'call.failed',
  class: errorClass,
  retryAfterMs: null,
  status,
  ...stamp,
});

test('only transient and ambiguous ends count against the API', () => {
  const all: ErrorClass[] = [
    'throttled',
    'transient',
    'ambiguous',
    'auth',
    'rejectedForm',
    'rejectedTarget',
    'fatal',
    'local',
  ];
  expect(all.filter(isFailureClass)).toEqual(['transient', 'ambiguous']);
  const alive = all.filter((errorClass) => provesAlive(failed(errorClass, 400)));
  expect(alive).toEqual(['rejectedForm', 'rejectedTarget', 'local']);
});

test('our own error proves the API alive only if it answered', () => {
  expect(provesAlive(failed('local', null))).toBe(false);
  expect(provesAlive(failed('local', 400))).toBe(true);
});

test('every success proves it, one under audit and a duplicate too', () => {
  for (const good of ['ok', 'underAudit', 'duplicate'] as const) {
    expect(provesAlive({ type: 'call.succeeded', class: good, ...stamp })).toBe(true);
  }
});
