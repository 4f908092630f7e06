import { describe, expect, test } from '@jest/globals';
import type { Clock } from '../../src/actors/ports.js';

/** A clock and the means to move its time. */
export interface ClockRig {
  readonly clock: Clock;
  advance(ms: number): void;
}

/** What every clock must do; run against each adapter. */
export function clockContract(name: string, newRig: () => ClockRig): void {
  describe(`the clock contract: ${name}`, () => {
    test('gives whole milliseconds that never decrease', () => {
      const { clock, advance } = newRig();
      const times = [clock.now()];
      for (const ms of [0, 1, 0.5, 700]) {
        advance(ms);
        times.push(clock.now());
      }
      expect(times.every(Number.isInteger)).toBe(true);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(times.at(-1)! - times[0]!).toBe(701);
    });

    test('runs once, not before its time', () => {
      const { clock, advance } = newRig();
      const ran: number[] = [];
      const start = clock.now();
      clock.schedule(start + 100, () => void ran.push(clock.now() - start));
      advance(99);
      expect(ran).toEqual([]);
      advance(1);
      advance(500);
      expect(ran).toEqual([100]);
    });

    test('runs what is already due without delay', () => {
      const { clock, advance } = newRig();
      let ran = 0;
      clock.schedule(clock.now() - 5, () => {
        ran += 1;
      });
      advance(1);
      expect(ran).toBe(1);
    });

    test('runs nothing that was cancelled', () => {
      const { clock, advance } = newRig();
      let ran = 0;
      clock.schedule(clock.now() + 10, () => {
        ran += 1;
      })();
      advance(50);
      expect(ran).toBe(0);
    });

    test('[core 14] waits longer than a timer can hold', () => {
      const { clock, advance } = newRig();
      let ran = 0;
      clock.schedule(clock.now() + 2 ** 31 + 1_000, () => {
        ran += 1;
      });
      advance(2 ** 31 - 1);
      expect(ran).toBe(0);
      advance(1_001);
      expect(ran).toBe(1);
    });
  });
}
