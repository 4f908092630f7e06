import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Effect, Record, Step } from '../../../src/actors/ports.js';
import { recordOf, stepOrReject } from '../../../src/actors/step/records.js';
import type { Topology } from '../../../src/actors/step/routes.js';
import { SystemState } from '../../../src/actors/step/state.js';
import { Agenda } from '../../../src/actors/system/heap.js';
import { answersFor } from '../../../src/actors/whatIf/whatIfAnswers.js';
import { Course } from '../../../src/actors/whatIf/whatIfCourse.js';
import { withChanges } from '../../../src/actors/whatIf/whatIfOptions.js';
import { EffectKeys, isTimeless, OUTAGE_FAILURES, RecordedStretch } from '../../../src/actors/whatIf/whatIfRecorded.js';
import { MARKS_MAX, Tally } from '../../../src/actors/whatIf/whatIfTally.js';
import { topology } from '../../../src/actors/wiring/topology.js';
import type { PlaceKind } from '../../../src/machines/vocabulary/base.js';
import type { Fact } from '../../../src/machines/vocabulary/facts/facts.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import type { Rung } from '../../../src/machines/vocabulary/replies/rungs.js';
import { toyTopology } from '../toyTopology.js';
import { World } from '../world.js';

const call = (id: string, more: { kind?: PlaceKind; rung?: Rung; attempt?: number; rehearse?: true } = {}): Effect => {
  const { kind = 'guild', rung = 'embed', attempt = 1, ...rest } = more;
  const place = { kind, guildId: 'g', channelId: 'c' };
  const permit = { id: 'p', generation: 1 };
  const delivery = `delivery:${id}.0`;
  const form = { text: 'hi', embed: true };
  return {
    type: 'call.start',
    id: `${id}.e`,
    actor: delivery,
    delivery,
    breaker: 'breaker:messages',
    permit,
    probe: false,
    place,
    msgId: id,
    rung,
    form,
    late: false,
    attempt,
    timeoutMs: 1,
    ...rest,
  };
};
const ended = (effect: Effect, kind: string, more: object = {}): Fact =>
  ({
    type: ['ok', 'underAudit', 'duplicate'].includes(kind) ? 'call.succeeded' : 'call.failed',
    effectId: effect.id,
    class: kind,
    status: 1,
    code: null,
    latencyMs: 7,
    retryAfterMs: null,
    traceId: null,
    messageId: 'm',
    ...more,
  }) as unknown as Fact;

/** A stretch of calls: when each was made, what it was, and how it ended 7 ms later. */
function stretchOf(calls: readonly (readonly [at: number, effect: Effect, kind: string])[]): RecordedStretch {
  const stretch = new RecordedStretch([], 0);
  let seq = 0;
  const add = (at: number, fact: Fact, effects: readonly Effect[]): void => {
    seq += 1;
    stretch.add({ seq, id: `f${seq}`, at, epoch: 1, fact: { ...fact, ver: 1 }, steps: [], effects } as Record);
  };
  for (const [at, effect, kind] of calls) {
    add(at, { type: 'stop.requested', signal: 'x' }, [effect]);
    add(at + 7, ended(effect, kind), []);
  }
  return stretch;
}
const witness = (stretch: RecordedStretch, effect: Effect, at: number): string | undefined =>
  stretch.nearest(effect, at)?.effect.id;

describe('which recorded outcome stands for a new call', () => {
  test('that of the nearest call in time; of two, the earlier', () => {
    const stretch = stretchOf([
      [100, call('a'), 'ok'],
      [200, call('b'), 'transient'],
      [300, call('c'), 'ok'],
    ]);
    expect([90, 149, 150, 151, 249, 250, 251, 900].map((at) => witness(stretch, call('n'), at))).toEqual([
      'a.e',
      'a.e',
      'a.e',
      'b.e',
      'b.e',
      'b.e',
      'c.e',
      'c.e',
    ]);
  });

  test('whether the host was well is told by any call; what it says to a form, by an answer to that form', () => {
    const stretch = stretchOf([
      [100, call('a', { rung: 'embed' }), 'rejectedForm'],
      [200, call('b', { rung: 'text', kind: 'group' }), 'ok'],
      [300, call('c', { rung: 'text', kind: 'group' }), 'transient'],
    ]);
    expect(witness(stretch, call('n', { rung: 'embed' }), 210)).toBe('a.e');
    expect(witness(stretch, call('n', { rung: 'text' }), 210)).toBe('b.e');
    expect(witness(stretch, call('n', { rung: 'embed' }), 290)).toBe('c.e');
    expect(witness(stretch, call('n', { rung: 'keyboard' }), 210)).toBeUndefined();
  });

  test('never one that is about another message alone, or was failed on purpose', () => {
    const stretch = stretchOf([
      [100, call('a'), 'ok'],
      [200, call('b'), 'rejectedTarget'],
      [201, call('c'), 'local'],
      [202, call('d', { rehearse: true }), 'transient'],
    ]);
    expect(witness(stretch, call('n'), 200)).toBe('a.e');
  });

  test('none at all: accepted at once', () => {
    expect(answersFor(call('n'), undefined, 5)).toMatchObject([{ afterMs: 0, fact: { class: 'ok', effectId: 'n.e' } }]);
    expect(answersFor({ type: 'token.fetch', id: 't', actor: 'token' }, undefined, 5)).toEqual([]);
  });

  test('an audit and a duplicate of another message are taken as accepted; a rehearsal fails whatever happened', () => {
    const stretch = stretchOf([[100, call('a'), 'underAudit']]);
    const answers = answersFor(call('n'), stretch.nearest(call('n'), 100), 400);
    expect(answers).toMatchObject([{ afterMs: 7, fact: { type: 'call.succeeded', class: 'ok', messageId: null } }]);
    expect(answersFor(call('n', { rehearse: true }), stretch.nearest(call('n'), 1), 1)[0]!.fact).toMatchObject({
      code: 'REHEARSED',
    });
  });
});

test('outcomes about the message, its form or its channel stand whenever the call is made', () => {
  const kinds = [
    'ok',
    'transient',
    'ambiguous',
    'throttled',
    'auth',
    'rejectedForm',
    'rejectedTarget',
    'fatal',
    'local',
    'duplicate',
  ];
  expect(kinds.filter((kind) => isTimeless(ended(call('a'), kind)))).toEqual(kinds.slice(5));
  expect(isTimeless(ended(call('a'), 'transient', { code: 'REHEARSED' }))).toBe(true);
});

test('calls are told apart by delivery and attempt; the second of one name is another', () => {
  const keys = new EffectKeys();
  const take = (effect: Effect, at = 1) => keys.take(effect, at);
  expect([take(call('a')), take(call('a', { attempt: 2 })), take(call('a')), take(call('b'))]).toEqual([
    'call delivery:a.0 1',
    'call delivery:a.0 2',
    'call delivery:a.0 1 (2)',
    'call delivery:b.0 1',
  ]);
  expect(take({ type: 'process.exit', code: 0, reason: '', id: 'x', actor: 'bot' })).toBeNull();
  const run = { type: 'handler.run', runId: 'm1', attempt: 2, id: 'r', actor: 'message:m1' } as unknown as Effect;
  const external = { type: 'external.run', run: 'r', ordinal: 3, id: 'x', actor: 'external:r.3' } as unknown as Effect;
  expect([take(run), take(external)]).toEqual(['run m1 2', 'external run m1 2.3']);
  const check = { type: 'check.run', check: 'api', id: 'k', actor: 'recovery' } as unknown as Effect;
  expect([take(check, 5), take(check, 6), take(check, 6)]).toEqual(['check api 5', 'check api 6', 'check api 6 (2)']);
});

test('an outage is a row of failures without a success in it', () => {
  const row = (kinds: string) =>
    stretchOf(
      [...kinds].map((kind, i) => [100 * i, call(`${i}`), kind === 'x' ? 'transient' : 'ok'] as const),
    ).outages();
  expect(OUTAGE_FAILURES).toBe(3);
  expect(row('.xx.x.')).toEqual([]);
  expect(row('.xxx.xx.xxxx')).toEqual([
    { from: 100, to: 307 },
    { from: 800, to: 1_107 },
  ]);
});

test('options are changed by name, in a copy', () => {
  const changed = withChanges(defaultOptions, {
    'delivery.replyWindowMs.guild': 5,
    locale: 'zh',
    'gateway.shard': [0, 2],
  });
  expect([changed.delivery.replyWindowMs.guild, changed.locale, changed.gateway.shard]).toEqual([5, 'zh', [0, 2]]);
  expect(changed.delivery.replyWindowMs.group).toBe(defaultOptions.delivery.replyWindowMs.group);
  expect(defaultOptions.locale).toBe('en');
  expect(() => withChanges(defaultOptions, { 'retry.__proto__.x': 1 })).toThrow(RangeError);
  expect(() => withChanges(defaultOptions, { 'gateway.shard.0': 1 })).toThrow(RangeError);
});

test('[limit whatIfMarks] keeps the first marks of a run, and counts them all', () => {
  const tally = new Tally(new SystemState(), [], { from: 0, bucketMs: 1_000, count: 1 });
  const open: Step = { actor: 'breaker:messages', event: 'call.failed', from: 'closed', to: 'open', rules: [] };
  for (let at = 0; at <= MARKS_MAX; at += 1)
    tally.observe({ at, fact: { type: 'stop.requested', signal: 'x' }, steps: [open], effects: [] });
  expect(tally.series().marks).toHaveLength(MARKS_MAX);
  expect(tally.series().marks[0]!.at).toBe(0);
  expect(tally.summary().breakerOpenings).toBe(MARKS_MAX + 1);
});

test('an agenda gives what is earliest, and of one time what came first', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 60 }),
      fc.integer({ min: 0, max: 9 }),
      (times, cut) => {
        const agenda = new Agenda<readonly [number, number]>();
        times.forEach((at, order) => void agenda.add(at, [at, order]));
        agenda.keep(([at]) => at !== cut);
        const taken: (readonly [number, number])[] = [];
        for (let next = agenda.nextAt; next !== undefined; next = agenda.nextAt) {
          const item = agenda.take()!;
          expect(item[0]).toBe(next);
          taken.push(item);
        }
        const all = times.map((at, order) => [at, order] as const).filter(([at]) => at !== cut);
        expect(taken).toEqual(all.sort((a, b) => a[0] - b[0] || a[1] - b[1]));
        expect(agenda.take()).toBeUndefined();
      },
    ),
  );
});

test('a deadline that only the record lost, while its firing was late, fires in the other run', () => {
  // Orders "press if" reach the lamp only where retries are allowed.
  const toy: Topology = {
    ...toyTopology,
    routeFact: (fact, effect, view) =>
      fact.type === 'stop.requested' && fact.signal === 'press if' && view.options?.retry.retriesMax === 0
        ? []
        : toyTopology.routeFact(fact, effect, view),
  };
  const live = new SystemState();
  const stretch = new RecordedStretch([], 0);
  const records = [
    { type: 'run.started' as const, epoch: 1, behaviour: 1, options: defaultOptions, machineVersions: {} },
    { type: 'stop.requested' as const, signal: 'press' },
    // The lamp's second is over at 1,000, but the process is busy until 1,003 and hears this first.
    { type: 'stop.requested' as const, signal: 'press if' },
    { type: 'stop.requested' as const, signal: 'ask' },
  ].map((fact, i) => {
    const stamped = { ...fact, id: `f${i}`, at: [0, 0, 1_003, 1_500][i]! };
    const { changes } = stepOrReject(toy, live, stamped);
    live.apply(changes);
    const record = JSON.parse(JSON.stringify(recordOf(stamped, changes))) as Record;
    stretch.add(record);
    return record;
  });
  const [recorded, own] = [new SystemState(), new SystemState()];
  const told: Record[] = [];
  const course = new Course({
    topology: toy,
    stretch,
    changes: { 'retry.retriesMax': 0 },
    recorded,
    own,
    onRecorded: () => undefined,
    onOwn: (record) => void told.push(record),
  });
  for (const record of records) course.take(record);
  expect(course.divergence).toBeNull();
  expect([recorded.actor('lamp')?.snapshot.value, own.actor('lamp')?.snapshot.value]).toEqual(['lit', 'dark']);
  expect(told.find(({ fact }) => fact.type === 'timer.elapsed')).toMatchObject({ at: 1_003, fact: { actor: 'lamp' } });
  course.settle(5_000);
  expect(own.actor('lamp')?.timers).toEqual({});
});

test('an answer that was on its way when the process died never comes: the call is cut off', () => {
  const retry = { ...defaultOptions.retry, jitter: 'none' as const, baseMs: 3_500 };
  const world = new World({ ...defaultOptions, retry });
  world.begin();
  world.connect();
  world.receive('message-1');
  world.complete('message-1');
  world.now += 3_000;
  world.fail(world.calls[0]!); // what another call hears comes as long after it
  world.runTo(world.now + 3_500); // the second call of the record
  world.now += 10;
  world.receive('message-2', { bot: true });
  const death = world.now;
  world.now += 60_000;
  world.begin();
  world.connect();
  const stretch = new RecordedStretch([], 0);
  for (const record of world.records) stretch.add(record);
  const told: Record[] = [];
  const course = new Course({
    topology,
    stretch,
    changes: { 'retry.baseMs': 1_000 },
    recorded: new SystemState(),
    own: new SystemState(),
    onRecorded: () => undefined,
    onOwn: (record) => void told.push(record),
  });
  for (const record of world.records) course.take(record);
  const calls = told.flatMap(({ at, effects }) =>
    effects.filter(({ type }) => type === 'call.start').map(({ id }) => ({ at, id })),
  );
  const [, second] = calls;
  expect(second!.at + 3_000).toBeGreaterThan(death);
  const heard = told.filter(({ fact }) => 'effectId' in fact && fact.effectId === second!.id);
  expect(heard.map(({ fact }) => fact.type)).toEqual(['effect.interrupted']);
});
