import { describe, expect, test } from '@jest/globals';
import { folderOf } from '../../../src/actors/charts/inertScope.js';
import { AUDITS_MAX, type AuditsContext, auditsMachine } from '../../../src/machines/audits/chart.js';
import { type Event, testRows } from '../rows.js';

const begun: Event = { type: 'audit.begun', auditId: 'a', delivery: 'delivery:m.0' };
const passed: Event = { type: 'audit.passed', socket: 's', s: 1, eventId: null, auditId: 'a', message: 'r' };
const rejected: Event = { type: 'audit.rejected', socket: 's', s: 1, eventId: null, auditId: 'a' };
const to = 'matching';
const ended = { type: 'audit.ended', delivery: 'delivery:m.0' };

describe(auditsMachine.id, () => {
  testRows(auditsMachine, {}, [
    { rule: 'A1', does: 'matches from the start', when: 'start', to },
    { rule: 'A2', does: 'knows an outcome that came before the answer', given: [rejected], when: begun, to, says: { ...ended, passed: false }, context: { waiting: [], early: [] } },
    { rule: 'A3', does: 'remembers whose audit it is', when: begun, to, emits: [], context: { waiting: [{ auditId: 'a', delivery: 'delivery:m.0' }] } },
    { rule: 'A4', does: 'tells the delivery that it passed', given: [begun], when: passed, to, says: { ...ended, passed: true, message: 'r' }, context: { waiting: [] } },
    { rule: 'A5', does: 'keeps an outcome that comes early', when: passed, to, emits: [], context: { early: [{ auditId: 'a', passed: true, message: 'r' }] } },
    { rule: 'A6', does: 'tells the delivery that it is refused', given: [begun], when: rejected, to, says: { ...ended, passed: false } },
    { rule: 'A7', does: 'keeps a refusal that comes early', when: rejected, to, context: { early: [{ auditId: 'a', passed: false, message: null }] } },
    { rule: 'A8', does: 'does not mind a delivery that has ended', when: { type: 'signal.undeliverable', actor: 'delivery:m.0', event: 'audit.ended' }, to },
  ]);

  test('[limit audits] the oldest are forgotten', () => {
    const folder = folderOf(auditsMachine);
    let fold = folder.start({});
    for (let i = 0; i <= AUDITS_MAX; i += 1) {
      for (const event of [
        { ...begun, auditId: `w${i}` },
        { ...passed, auditId: `e${i}` },
      ])
        fold = folder.transition(fold.snapshot, { at: 0, id: 'e', ...event });
    }
    const { waiting, early } = fold.snapshot.context as AuditsContext;
    expect([waiting.length, waiting[0]?.auditId, early.length, early[0]?.auditId]).toEqual([AUDITS_MAX, 'w1', AUDITS_MAX, 'e1']);
  });
});
