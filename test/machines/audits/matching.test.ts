import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { auditsMachine } from '../../../src/machines/audits/chart.js';
import { createMachineDriver } from '../machineDriver.js';

const ids = ['a', 'b', 'c', 'd'];
const acts = fc.array(
  fc.record({
    do: fc.constantFrom('begun' as const, 'passed' as const, 'rejected' as const),
    auditId: fc.constantFrom(...ids),
  }),
  { maxLength: 20, size: 'medium' },
);

test('[A2] [A3] [A4] [A5] [A6] [A7] each outcome goes to the delivery of its own audit, whichever of the two comes first, and once', () => {
  fc.assert(
    fc.property(acts, (list) => {
      const chart = createMachineDriver(auditsMachine, {});
      const waiting: { auditId: string; delivery: string }[] = [];
      const early: { auditId: string; passed: boolean; message: string | null }[] = [];
      const without = (from: { auditId: string }[], auditId: string): void => {
        for (let i = from.length - 1; i >= 0; i -= 1) if (from[i]!.auditId === auditId) from.splice(i, 1);
      };
      for (const [i, { do: what, auditId }] of list.entries()) {
        const delivery = `delivery:${i}`;
        const outcome = { auditId, passed: what === 'passed', message: what === 'passed' ? `m${i}` : null };
        const wanted: object[] = [];
        if (what === 'begun') {
          const kept = early.find((one) => one.auditId === auditId);
          if (kept) wanted.push({ type: 'audit.ended', delivery, passed: kept.passed, message: kept.message });
          if (kept) without(early, auditId);
          else waiting.push({ auditId, delivery });
          chart.send({ type: 'audit.begun', auditId, delivery });
        } else {
          const awaited = waiting.find((one) => one.auditId === auditId);
          if (awaited)
            wanted.push({
              type: 'audit.ended',
              delivery: awaited.delivery,
              passed: outcome.passed,
              message: outcome.message,
            });
          if (awaited) without(waiting, auditId);
          else early.push(outcome);
          chart.send({ type: `audit.${what}`, auditId, ...(what === 'passed' ? { message: outcome.message } : {}) });
        }
        expect(chart.emitted).toEqual(wanted);
        expect(chart.snapshot.context).toEqual({ waiting, early });
      }
    }),
    { numRuns: 100 },
  );
});
