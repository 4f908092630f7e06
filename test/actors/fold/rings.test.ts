import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { loadCheckpoint } from '../../../src/actors/fold/checkpoint.js';
import { Checkpointer, takeCheckpoint } from '../../../src/actors/fold/checkpointer.js';
import { admit } from '../../../src/actors/step/records.js';
import { type Changes, ENDED_AGE_MS, SEEN_AGE_MS, SEEN_MAX, SystemState } from '../../../src/actors/step/state.js';
import type { Stamped } from '../../../src/machines/vocabulary/base.js';
import type { FactOf } from '../../../src/machines/vocabulary/facts/facts.js';
import { toyTopology } from '../toyTopology.js';

const message = (id: string, at: number): Stamped<FactOf<'message.received'>> => ({
  type: 'message.received',
  socket: 's',
  s: 1,
  eventId: 'e',
  message: {
    id,
    place: { kind: 'guild', guildId: 'g', channelId: 'c' },
    author: { id: 'u', username: 'u', bot: false, roles: [] },
    content: '',
    mentionsBot: true,
  },
  id: 'f',
  at,
});
function changes(state: SystemState, at: number, seen: readonly string[], ended: readonly string[]): Changes {
  const end = { machine: 'job', value: 'done', reason: null, parent: null };
  return {
    behaviour: 1,
    seq: state.seq + 1,
    at,
    epoch: 1,
    options: null,
    actors: new Map(),
    openEffects: new Map(),
    seen,
    ended: ended.map((id) => [id, end] as const),
    steps: [],
    effects: [],
  };
}
const ids = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'), { maxLength: 3 });
const acts = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ seen: ids, ended: ids }) },
    { weight: 2, arbitrary: fc.constantFrom('merge' as const, 'drop' as const) },
    { weight: 2, arbitrary: fc.constantFrom('checkpoint' as const, 'lostCheckpoint' as const) },
  ),
  { maxLength: 40, size: 'medium' },
);

describe('what the rings remember', () => {
  test('[core 24] both stand in every checkpoint, what is pending with its number, and come back as they were', () => {
    fc.assert(
      fc.property(acts, (list) => {
        const state = new SystemState();
        const checkpointer = new Checkpointer(state, {});
        const kept = new Map<string, unknown>();
        let at = 0;
        for (const act of list) {
          at += 1;
          if (act === 'merge') state.merge();
          else if (act === 'drop') state.drop();
          else if (typeof act === 'object') state.apply(changes(state, at, act.seen, act.ended));
          else {
            // As the loop does it: taken over what is pending, durable with it or dropped with it.
            const { parts } = checkpointer.take();
            if (act === 'lostCheckpoint') {
              state.drop();
              checkpointer.abandon();
            } else {
              for (const [key, part] of parts) {
                if (part === null) kept.delete(key);
                else kept.set(key, JSON.parse(JSON.stringify(part)));
              }
              state.merge();
              checkpointer.written();
              const back = new SystemState();
              loadCheckpoint(back, { seq: state.seq, at: state.at, parts: kept }, toyTopology);
              expect([back.seen.save(), back.endedActors.save()]).toEqual([
                state.seen.save(),
                state.endedActors.save(),
              ]);
              expect([...takeCheckpoint(back).parts.keys()]).toEqual([...takeCheckpoint(state).parts.keys()]);
            }
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test('[core 19] a message that comes again within a day is a duplicate, one a moment later is new', () => {
    expect([SEEN_AGE_MS, ENDED_AGE_MS]).toEqual([86_400_000, 86_400_000]);
    const state = new SystemState();
    state.apply(changes(state, 1_000, ['m'], ['job:a']));
    for (const isDurable of [false, true]) {
      if (isDurable) state.merge();
      const typeAt = (ms: number): string => admit(message('m', 1_000 + ms), state).type;
      expect([0, SEEN_AGE_MS, SEEN_AGE_MS + 1].map(typeAt)).toEqual([
        'message.duplicated',
        'message.duplicated',
        'message.received',
      ]);
      expect([ENDED_AGE_MS, ENDED_AGE_MS + 1].map((ms) => state.ended('job:a', 1_000 + ms)?.value)).toEqual([
        'done',
        undefined,
      ]);
    }
    state.apply(changes(state, 2_000, ['m'], []));
    expect(admit(message('m', 2_000 + SEEN_AGE_MS), state).type).toBe('message.duplicated');
  });

  test(`[core 19] the newest ${SEEN_MAX} are known, of more the oldest is forgotten; pending ones count`, () => {
    const state = new SystemState();
    const add = (from: number, count: number): void =>
      state.apply(
        changes(
          state,
          1,
          Array.from({ length: count }, (_, i) => `m${from + i}`),
          [],
        ),
      );
    add(0, SEEN_MAX);
    state.merge();
    expect(state.hasSeen('m0', 1)).toBe(true);
    add(SEEN_MAX, 1);
    expect([state.hasSeen('m0', 1), state.hasSeen('m1', 1)]).toEqual([false, true]);
    state.drop();
    expect(state.hasSeen('m0', 1)).toBe(true);
  });
});
