import { describe, expect, test } from '@jest/globals';
import type { ClockWatcher, ProcessClock } from '../../src/actors/ports.js';

/** A clock and the means to move its time. */
export interface ClockRig {
  readonly clock: ProcessClock;
  advance(ms: number): void;
  /** Lets `ms` pass without the process; `arrived` stands for what had come in meanwhile and is read after it. */
  stall(ms: number, arrived?: () => void): void;
  /** Sets the machine's clock forward, or back. */
  setWall(ms: number): void;
}
type Told = Parameters<ClockWatcher['stalled']>[0] | Parameters<ClockWatcher['stepped']>[0];

function watched(clock: ProcessClock): Told[] {
  const told: Told[] = [];
  clock.watch({ stalled: (stall) => void told.push(stall), stepped: (step) => void told.push(step) });
  return told;
}

/** Turns of the event loop in which what has arrived is read: some ms of a faked time. */
const TURNS_MS = 10;

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
      expect(ran).toHaveLength(1);
      expect(ran[0]).toBeGreaterThanOrEqual(100);
      expect(ran[0]).toBeLessThan(100 + TURNS_MS);
    });

    test('runs what is already due without delay', () => {
      const { clock, advance } = newRig();
      let ran = 0;
      clock.schedule(clock.now() - 5, () => {
        ran += 1;
      });
      advance(TURNS_MS);
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
      clock.close();
      let ran = 0;
      clock.schedule(clock.now() + 2 ** 31 + 1_000, () => {
        ran += 1;
      });
      advance(2 ** 31 - 1);
      expect(ran).toBe(0);
      advance(1_001 + TURNS_MS);
      expect(ran).toBe(1);
    });

    test('[core 36] after a standstill, what had arrived comes before what became due in it', () => {
      const { clock, stall } = newRig();
      const order: string[] = [];
      clock.schedule(clock.now() + 1_000, () => void order.push('due'));
      stall(35_000, () => void order.push('arrived'));
      expect(order).toEqual(['arrived', 'due']);
    });

    test('[core 36] a standstill is told once, is in the time that has passed, and not in the time that was had', () => {
      const { clock, advance, stall } = newRig();
      const told = watched(clock);
      advance(1_000);
      const [now, lived] = [clock.now(), clock.livedMs()];
      stall(35_000);
      expect(clock.now() - now).toBe(35_000);
      expect(clock.livedMs() - lived).toBeLessThanOrEqual(500);
      advance(2_000);
      expect(clock.livedMs() - lived).toBeLessThanOrEqual(2_500);
      expect(told).toEqual([{ lostMs: expect.any(Number), cause: 'blocked' }]);
      expect(Math.abs((told[0] as { lostMs: number }).lostMs - 35_000)).toBeLessThanOrEqual(500);
    });

    test('[core 36] time had never decreases, whatever the pauses between two looks', () => {
      const { clock, advance, stall } = newRig();
      const seen = [clock.livedMs()];
      for (const ms of [100, 240, 260, 499, 501, 700, 3_000]) {
        stall(ms);
        seen.push(clock.livedMs());
        advance(ms);
        seen.push(clock.livedMs());
      }
      expect(seen).toEqual([...seen].sort((a, b) => a - b));
    });

    test('[case S6] a wall clock that was set moves no wait, is told once within a second, and is what the outside is compared with', () => {
      const { clock, advance, setWall } = newRig();
      const told = watched(clock);
      const apart = clock.wallNow() - clock.now();
      let ran = 0;
      clock.schedule(clock.now() + 10_000, () => {
        ran += 1;
      });
      for (const stepMs of [3_600_000, -7_200_000]) {
        const [now, wall] = [clock.now(), clock.wallNow()];
        setWall(stepMs);
        expect(clock.wallNow() - wall).toBe(stepMs);
        advance(1_000);
        expect(clock.now() - now).toBe(1_000);
      }
      expect(told).toEqual([
        { stepMs: 3_600_000, apartMs: 3_600_000 },
        { stepMs: -7_200_000, apartMs: -3_600_000 },
      ]);
      expect(Math.abs(clock.wallNow() - clock.now() - apart + 3_600_000)).toBeLessThanOrEqual(1);
      expect(ran).toBe(0);
      advance(8_000 + TURNS_MS);
      expect(ran).toBe(1);
    });

    test('[core 36] nobody who ended the watch is told', () => {
      const { clock, advance, stall, setWall } = newRig();
      let told = 0;
      clock.watch({ stalled: () => (told += 1), stepped: () => (told += 1) })();
      stall(5_000);
      setWall(5_000);
      advance(1_000);
      expect(told).toBe(0);
    });
  });
}
