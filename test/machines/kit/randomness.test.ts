import { describe, expect, test } from '@jest/globals';
import { randomFrom } from '../../../src/machines/kit/randomness.js';

describe('randomFrom', () => {
  test('says the same for the same id, for ever', () => {
    // Fixed numbers: a changed hash would make every journal replay differently.
    expect(randomFrom('')).toBe(0.6689221884589642);
    expect(randomFrom('f1')).toBe(0.4203458579722792);
    expect(randomFrom('f1', 'openMs')).toBe(0.8521120904479176);
    expect(randomFrom('消息')).toBe(0.2669761748984456);
  });

  test('stays within [0, 1) and spreads evenly, for ids that differ in one digit too', () => {
    for (const idOf of [
      (i: number) => `f${i}`,
      (i: number) => `V1StGXR8_Z5jdHi6B-myT.${i}`,
      (i: number) => `${i}.p1`,
    ]) {
      const boxes = new Array<number>(20).fill(0);
      const count = 20_000;
      for (let i = 0; i < count; i += 1) {
        const value = randomFrom(idOf(i));
        expect(value >= 0 && value < 1).toBe(true);
        boxes[Math.floor(value * boxes.length)]! += 1;
      }
      const fair = count / boxes.length;
      const chiSquare = boxes.reduce((sum, box) => sum + (box - fair) ** 2 / fair, 0);
      // 19 degrees of freedom: over 43.8 once in a thousand.
      expect(chiSquare).toBeLessThan(43.8);
    }
  });

  test('gives neighbours unrelated numbers', () => {
    let above = 0;
    for (let i = 0; i < 10_000; i += 1) if (randomFrom(`f${i + 1}`) > randomFrom(`f${i}`)) above += 1;
    expect(Math.abs(above - 5_000)).toBeLessThan(200);
  });

  test('gives another number for another purpose', () => {
    expect(randomFrom('f1', 'openMs')).not.toBe(randomFrom('f1', 'backOffMs'));
    expect(randomFrom('f1', 'openMs')).not.toBe(randomFrom('f1'));
  });
});
