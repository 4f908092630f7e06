import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  CHUNK_MAX,
  type DeadlineQueue,
  earliest,
  emptyDeadlineQueue,
  enqueue,
  takeEarliest,
  type Waiter,
  withdraw,
} from '../../../src/machines/kit/deadlineQueue.js';

const waiter = (deadline: number, delivery = `d${deadline}`): Waiter => ({ deadline, delivery });
const queueOf = (...waiters: Waiter[]) => waiters.reduce(enqueue, emptyDeadlineQueue);
const listOf = (queue: DeadlineQueue) => queue.chunks.flat();
const byDeadline = (a: Waiter, b: Waiter) => a.deadline - b.deadline || (a.delivery < b.delivery ? -1 : 1);

function deepFreeze<T>(value: T): T {
  for (const part of Object.values(value as object)) if (typeof part === 'object') deepFreeze(part);
  return Object.freeze(value);
}

describe('a deadline queue', () => {
  test('gives the earliest deadline first, and equal ones by delivery', () => {
    const queue = queueOf(waiter(30), waiter(10, 'b'), waiter(20), waiter(10, 'a'));
    expect(earliest(queue)).toEqual(waiter(10, 'a'));
    const { taken, rest } = takeEarliest(queue, 3);
    expect(taken).toEqual([waiter(10, 'a'), waiter(10, 'b'), waiter(20)]);
    expect(listOf(rest)).toEqual([waiter(30)]);
    expect(rest.size).toBe(1);
  });

  test('keeps one who asks twice once', () => {
    const queue = queueOf(waiter(10), waiter(20));
    expect(enqueue(queue, waiter(10))).toBe(queue);
  });

  test('takes out by deadline and delivery together, and leaves strangers alone', () => {
    const queue = queueOf(waiter(10, 'a'), waiter(10, 'b'));
    expect(listOf(withdraw(queue, waiter(10, 'a')))).toEqual([waiter(10, 'b')]);
    expect(withdraw(queue, waiter(11, 'a'))).toBe(queue);
    expect(withdraw(queue, waiter(10, 'c'))).toBe(queue);
    expect(withdraw(emptyDeadlineQueue, waiter(10))).toBe(emptyDeadlineQueue);
  });

  test('is empty again, as at the beginning, when all have left', () => {
    const queue = withdraw(queueOf(waiter(10)), waiter(10));
    expect(queue).toEqual(emptyDeadlineQueue);
    expect(earliest(queue)).toBeNull();
    expect(takeEarliest(queueOf(waiter(10)), 5).rest).toEqual(emptyDeadlineQueue);
  });

  test('takes nobody for a count of nothing or less', () => {
    const queue = queueOf(waiter(10));
    expect(takeEarliest(queue, 0)).toEqual({ taken: [], rest: queue });
    expect(takeEarliest(queue, -3).rest).toBe(queue);
  });

  test('keeps its chunks short and few with 10,000 waiters, in whatever order they come', () => {
    const orders: ((index: number) => number)[] = [(i) => i, (i) => 10_000 - i, (i) => (i * 7_919) % 10_000];
    for (const order of orders) {
      const queue = queueOf(...Array.from({ length: 10_000 }, (_, i) => waiter(order(i))));
      expect(queue.size).toBe(10_000);
      expect(queue.chunks.length).toBeLessThan(200);
      expect(Math.max(...queue.chunks.map((chunk) => chunk.length))).toBeLessThanOrEqual(CHUNK_MAX);
    }
  });

  test('joins chunks that have become small, so that leaving does not wear it out, in either direction', () => {
    for (const order of [(i: number) => i, (i: number) => 9_999 - i]) {
      let queue = queueOf(...Array.from({ length: 10_000 }, (_, i) => waiter(i)));
      for (let i = 0; i < 10_000; i += 1) if (order(i) % 50 !== 0) queue = withdraw(queue, waiter(order(i)));
      expect(queue.size).toBe(200);
      expect(queue.chunks.length).toBeLessThanOrEqual(8);
    }
  });

  test('agrees with a sorted array, changes nothing in place and never keeps an empty chunk', () => {
    const change = fc.oneof(
      fc.record({ what: fc.constant('enqueue' as const), deadline: fc.nat({ max: 400 }) }),
      fc.record({ what: fc.constant('withdraw' as const), deadline: fc.nat({ max: 400 }) }),
      fc.record({ what: fc.constant('take' as const), deadline: fc.nat({ max: 5 }) }),
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 700, size: 'max' }), (changes) => {
        let queue: DeadlineQueue = emptyDeadlineQueue;
        let plain: Waiter[] = [];
        for (const { what, deadline } of changes) {
          deepFreeze(queue);
          const one = waiter(deadline, `d${deadline % 7}`);
          const others = plain.filter(({ deadline: at }) => at !== deadline);
          if (what === 'enqueue') {
            queue = enqueue(queue, one);
            plain = [...others, one].sort(byDeadline);
          } else if (what === 'withdraw') {
            queue = withdraw(queue, one);
            plain = others;
          } else {
            const { taken, rest } = takeEarliest(queue, deadline);
            expect(taken).toEqual(plain.slice(0, deadline));
            queue = rest;
            plain = plain.slice(deadline);
          }
          expect(queue.size).toBe(plain.length);
        }
        expect(listOf(queue)).toEqual(plain);
        expect(queue.chunks.every((chunk) => chunk.length > 0 && chunk.length <= CHUNK_MAX)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});
