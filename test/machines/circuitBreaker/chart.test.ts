import { describe, expect, test } from '@jest/globals';
import type { ErrorClass } from '../../../src/machines/vocabulary/base.js';
import { type BreakerOptions, type BreakerRig, createBreakerRig } from './breakerRig.js';

interface Row {
  title: string;
  options?: Partial<BreakerOptions>;
  inFlightMax?: number;
  /** What came before. */
  given?: (b: BreakerRig) => void;
  when: (b: BreakerRig) => void;
  rules: string[];
  state: string;
  granted?: string[];
  told?: string[];
  line?: string[];
  inFlight?: number;
  context?: object;
}

/** Opened, and two in line. */
const openWithTwo = (b: BreakerRig) => {
  b.trip();
  b.request('late', 3_000_000);
  b.request('early', 2_500_000);
};
const probing = (b: BreakerRig) => {
  openWithTwo(b);
  b.elapse();
};
const ramping = (b: BreakerRig) => {
  b.trip();
  b.elapse();
  b.request('probe');
  b.succeed('probe');
};
const isolatedWithTwo = (b: BreakerRig) => {
  b.operator('isolated');
  b.request('late', 3_000_000);
  b.request('early', 2_500_000);
};
const full = (b: BreakerRig) => {
  b.requests(4);
  b.request('late', 3_000_000);
  b.request('early', 2_500_000);
};
const probeOut = (b: BreakerRig) => {
  b.trip();
  b.elapse();
  b.request('probe');
};

/** Others have answered, and the ill one has failed once. */
const oneIll = (b: BreakerRig) => {
  b.request('well1', undefined, 'well');
  b.succeed('well1');
  b.request('ill1', undefined, 'ill');
  b.fail('ill1');
};
const failsAgain = (b: BreakerRig, times: number) => {
  for (let n = 0; n < times; n += 1) {
    b.request(`again${n}`, undefined, 'ill');
    b.fail(`again${n}`);
  }
};

/** A good probe has ended an outage of one target, which fails on; the slow start has been ended by it once. */
const relapsed = (b: BreakerRig) => {
  failsAgain(b, 3);
  b.request('well', undefined, 'well');
  b.succeed('well');
  b.request('fresh', undefined, 'fresh');
  b.fail('fresh');
};

const impatient = (delivery: string, target?: string) => ({
  type: 'permit.requested',
  delivery,
  deadline: 3_000_000,
  operator: false,
  waits: false,
  ...(target === undefined ? {} : { target }),
});

const rows: Row[] = [
  {
    title: '[B61] [case B3] lets nobody call with a token that QQ has refused',
    given: full,
    when: (b) => b.fail('d1', 'auth', { status: 401 }),
    rules: ['B61'],
    state: 'closed',
    granted: [],
    line: ['early', 'late'],
    inFlight: 3,
  },
  {
    title: '[B2] who asks without a token waits',
    given: (b) => {
      b.request('d1');
      b.fail('d1', 'auth', { status: 401 });
    },
    when: (b) => b.request('d2'),
    rules: ['B2'],
    state: 'closed',
    line: ['d2'],
  },
  {
    title: '[B62] [case B3] goes on with the line when there is a token again',
    given: (b) => {
      full(b);
      b.fail('d1', 'auth', { status: 401 });
    },
    when: (b) => b.send({ type: 'token.changed', ref: 'r' }),
    rules: ['B62'],
    state: 'closed',
    granted: ['early'],
    line: ['late'],
  },
  {
    title: '[B63] notes while it is open that there is a token again',
    given: (b) => {
      b.request('d1');
      b.request('d2');
      b.fail('d1', 'auth', { status: 401 });
      b.operator('isolated');
    },
    when: (b) => b.send({ type: 'token.changed', ref: 'r' }),
    rules: ['B63'],
    state: 'isolated',
    context: { isTokenless: false },
  },
  {
    title: '[B59] [core 37] counts the failures of one target once while others answer',
    given: oneIll,
    when: (b) => failsAgain(b, 20),
    rules: ['B59'],
    state: 'closed',
    inFlight: 0,
    context: { failures: 1 },
  },
  {
    title: '[B4] [core 37] counts each failure of one target while nobody else answers',
    given: (b) => failsAgain(b, 2),
    when: (b) => {
      b.request('last', undefined, 'ill');
      b.fail('last');
    },
    rules: ['B4'],
    state: 'open',
  },
  {
    title: '[B4] tells no target apart when all failures are to count',
    options: { targetFailures: 'each' },
    given: (b) => {
      oneIll(b);
      failsAgain(b, 1);
      b.request('last', undefined, 'ill');
    },
    when: (b) => b.fail('last'),
    rules: ['B4'],
    state: 'open',
  },
  {
    title: '[B59] goes on with the slow start when a target fails that has failed before',
    given: (b) => {
      failsAgain(b, 3);
      b.request('well', undefined, 'well');
      b.succeed('well');
      b.request('again', undefined, 'ill');
    },
    when: (b) => b.fail('again'),
    rules: ['B59'],
    state: 'halfOpen.ramping',
  },
  {
    title: '[B66] [core 37] [case B1] lets the next one probe when the probe of a target fails that fails on while others answer',
    given: (b) => {
      relapsed(b);
      b.request('again', 1_500_000, 'ill');
      b.elapse();
      b.request('other', undefined, 'other');
    },
    when: (b) => b.fail('again'),
    rules: ['B66'],
    state: 'halfOpen.probing',
    granted: ['other?'],
    line: [],
    inFlight: 1,
  },
  {
    title: '[B67] [core 37] [case B1] such a probe keeps nobody waiting who comes later',
    given: (b) => {
      relapsed(b);
      b.request('again', undefined, 'ill');
      b.elapse();
    },
    when: (b) => b.fail('again'),
    rules: ['B67'],
    state: 'halfOpen.awaitingProbe',
    inFlight: 0,
    context: { probe: null },
  },
  {
    title: '[B19] [core 37] [case B1] of what failed once in an outage the next failure ends the slow start',
    given: (b) => {
      relapsed(b);
      b.elapse();
      b.request('well2', undefined, 'well');
      b.succeed('well2');
      b.request('fresh2', undefined, 'fresh');
    },
    when: (b) => b.fail('fresh2'),
    rules: ['B19'],
    state: 'open',
  },
  {
    title: '[B59] [core 37] [case B1] and those after it no other: several that fail on are known in the end',
    given: (b) => {
      relapsed(b);
      b.elapse();
      b.request('well2', undefined, 'well');
      b.succeed('well2');
      b.request('fresh2', undefined, 'fresh');
      b.fail('fresh2');
      b.elapse();
      b.request('well3', undefined, 'well');
      b.succeed('well3');
      b.request('fresh3', undefined, 'fresh');
    },
    when: (b) => b.fail('fresh3'),
    rules: ['B59'],
    state: 'halfOpen.ramping',
  },
  {
    title: '[B59] notes such a failure while it observes',
    options: { mode: 'observing' },
    given: oneIll,
    when: (b) => failsAgain(b, 5),
    rules: ['B59'],
    state: 'observing',
    context: { failures: 1, wouldOpen: 0 },
  },
  {
    title: '[B60] [core 37] [case B1] lets another target probe at once when all failures were of one',
    given: (b) => {
      failsAgain(b, 3);
      b.request('ill', 1_500_000, 'ill');
    },
    when: (b) => b.request('well', undefined, 'well'),
    rules: ['B2', 'B60'],
    state: 'halfOpen.probing',
    granted: ['well?'],
    line: ['ill'],
  },
  {
    title: '[B64] [case B2] [core 37] refuses who does not wait for the end of an outage',
    given: (b) => b.trip(),
    when: (b) => b.send(impatient('d9')),
    rules: ['B64'],
    state: 'open',
    told: ['permit.denied'],
    line: [],
  },
  {
    title: '[B2] who does not wait for the end of an outage waits for that of a probe',
    given: (b) => {
      b.trip();
      b.request('first');
      b.elapse();
    },
    when: (b) => b.send(impatient('d9')),
    rules: ['B2'],
    state: 'halfOpen.probing',
    line: ['d9'],
  },
  {
    title: '[B64] also while an operator holds it open',
    given: (b) => b.operator('isolated'),
    when: (b) => b.send(impatient('d9')),
    rules: ['B64'],
    state: 'isolated',
    told: ['permit.denied'],
  },
  {
    title: '[B60] [core 37] who does not wait probes at once where another target is to blame',
    given: (b) => failsAgain(b, 3),
    when: (b) => b.send(impatient('d9', 'well')),
    rules: ['B2', 'B60'],
    state: 'halfOpen.probing',
    granted: ['d9?'],
  },
  {
    title: '[B64] [core 37] but not where it is the target to blame',
    given: (b) => failsAgain(b, 3),
    when: (b) => b.send(impatient('d9', 'ill')),
    rules: ['B64'],
    state: 'open',
    told: ['permit.denied'],
  },
  {
    title: '[B15] who does not wait may probe when it is time',
    given: (b) => {
      b.trip();
      b.elapse();
    },
    when: (b) => b.send(impatient('d9')),
    rules: ['B15'],
    state: 'halfOpen.probing',
    granted: ['d9?'],
  },
  {
    title: '[B2] another request of the target that alone has failed waits',
    given: (b) => failsAgain(b, 3),
    when: (b) => b.request('ill', undefined, 'ill'),
    rules: ['B2'],
    state: 'open',
    line: ['ill'],
  },
  {
    title: '[B2] no other target probes before its time once it has failed as well',
    given: (b) => {
      failsAgain(b, 3);
      b.request('well', undefined, 'well');
      b.fail('well');
    },
    when: (b) => b.request('third', undefined, 'third'),
    rules: ['B2'],
    state: 'open',
    line: ['third'],
  },
  {
    title: '[B6] [core 37] after a failed probe another target probes, though its deadline is later',
    given: (b) => {
      failsAgain(b, 3);
      b.request('well', undefined, 'well');
      b.request('second', 1_000_500, 'well');
      b.fail('well');
      b.request('third', 1_900_000, 'third');
    },
    when: (b) => b.elapse(),
    rules: ['B6'],
    state: 'halfOpen.probing',
    granted: ['third?'],
    line: ['second'],
  },
  {
    title: '[B1] grants at once while a place is free',
    when: (b) => b.request('d1'),
    rules: ['B1'],
    state: 'closed',
    granted: ['d1'],
    inFlight: 1,
  },
  {
    title: '[B1] grants at once when disabled and when observing too',
    options: { mode: 'observing' },
    when: (b) => b.request('d1'),
    rules: ['B1'],
    state: 'observing',
    granted: ['d1'],
    inFlight: 1,
  },
  {
    title: '[B2] lets one wait when every place is taken, earliest deadline first',
    given: (b) => b.requests(4),
    when: (b) => {
      b.request('late', 3_000_000);
      b.request('early', 2_500_000);
    },
    rules: ['B2'],
    state: 'closed',
    told: [],
    line: ['early', 'late'],
    inFlight: 4,
  },
  {
    title: '[B2] lets one wait while open, instead of refusing',
    given: (b) => b.trip(),
    when: (b) => b.request('d1'),
    rules: ['B2'],
    state: 'open',
    told: [],
    line: ['d1'],
  },
  {
    title: '[B3] [limit permits] refuses the one who asks when the list is full',
    given: (b) => {
      openWithTwo(b);
      b.request('third');
    },
    when: (b) => b.request('fourth', 1),
    rules: ['B3'],
    state: 'open',
    told: ['permit.denied'],
    line: ['third', 'early', 'late'],
  },
  {
    title: '[B68] [core 37] one target that fills the list keeps no other out: its last gives way, and the other probes',
    given: (b) => {
      failsAgain(b, 3);
      for (const name of ['ill1', 'ill2', 'ill3']) b.request(name, undefined, 'ill');
    },
    when: (b) => b.request('well', undefined, 'well'),
    rules: ['B68', 'B60'],
    state: 'halfOpen.probing',
    told: ['permit.denied', 'permit.granted'],
    granted: ['well?'],
    line: ['ill1', 'ill2'],
  },
  {
    title: '[B68] [core 37] also while its probe is out',
    given: (b) => {
      failsAgain(b, 3);
      for (const name of ['ill1', 'ill2', 'ill3']) b.request(name, undefined, 'ill');
      b.elapse();
      b.request('ill4', undefined, 'ill');
    },
    when: (b) => b.request('well', 1_000_500, 'well'),
    rules: ['B68'],
    state: 'halfOpen.probing',
    told: ['permit.denied'],
    line: ['well', 'ill2', 'ill3'],
  },
  {
    title: '[B3] another request of the target to blame finds no room in a full list',
    given: (b) => {
      failsAgain(b, 3);
      for (const name of ['ill1', 'ill2', 'ill3']) b.request(name, undefined, 'ill');
    },
    when: (b) => b.request('ill4', undefined, 'ill'),
    rules: ['B3'],
    state: 'open',
    told: ['permit.denied'],
    line: ['ill1', 'ill2', 'ill3'],
  },
  {
    title: '[B3] nobody gives way once another target has failed as well',
    given: (b) => {
      failsAgain(b, 3);
      b.request('well', undefined, 'well');
      b.fail('well');
      for (const name of ['ill1', 'ill2', 'ill3']) b.request(name, undefined, 'ill');
    },
    when: (b) => b.request('third', undefined, 'third'),
    rules: ['B3'],
    state: 'open',
    line: ['ill1', 'ill2', 'ill3'],
  },
  {
    title: '[B4] opens on the last straw of failures in a row',
    given: (b) => {
      b.requests(3);
      b.fail('d1');
      b.fail('d2', 'ambiguous');
    },
    when: (b) => b.fail('d3'),
    rules: ['B4'],
    state: 'open',
    told: ['breaker.opened'],
    inFlight: 0,
    context: { reason: 'consecutiveFailures', failures: 3, window: [], opens: 1 },
  },
  {
    title: '[B4] opens when failures are half of the calls in the window, though never many in a row',
    given: (b) => {
      b.requests(4);
      b.succeed('d1');
      b.succeed('d2');
      b.fail('d3');
    },
    when: (b) => b.fail('d4'),
    rules: ['B4'],
    state: 'open',
    told: ['breaker.opened'],
    context: { reason: 'failureRate' },
  },
  {
    title: '[B5] counts a failure that is not the last straw, and lets the next one go',
    given: full,
    when: (b) => b.fail('d1'),
    rules: ['B5'],
    state: 'closed',
    granted: ['early'],
    line: ['late'],
    inFlight: 4,
    context: { failures: 1 },
  },
  {
    title: '[B5] does not open below the minimum of calls, whatever their share',
    given: (b) => {
      b.requests(2);
      b.fail('d1');
    },
    when: (b) => b.fail('d2'),
    rules: ['B5'],
    state: 'closed',
  },
  {
    title: '[B6] probes with the earliest deadline when the open time is over',
    given: openWithTwo,
    when: (b) => b.elapse(),
    rules: ['B6'],
    state: 'halfOpen.probing',
    granted: ['early?'],
    line: ['late'],
    inFlight: 1,
  },
  {
    title: '[B7] waits for a request when the open time is over and nobody is in line',
    given: (b) => b.trip(),
    when: (b) => b.elapse(),
    rules: ['B7'],
    state: 'halfOpen.awaitingProbe',
    told: [],
  },
  {
    title: '[B8] starts the slow start after a good probe, with a generation of its own',
    given: probing,
    when: (b) => b.succeed('early'),
    rules: ['B8'],
    state: 'halfOpen.ramping',
    granted: ['late'],
    line: [],
    inFlight: 1,
    context: { generation: 2, stage: 0, failures: 0, probe: null },
  },
  {
    title: '[B9] takes a refusal by a working API for a good probe',
    given: probing,
    when: (b) => b.fail('early', 'rejectedForm'),
    rules: ['B9'],
    state: 'halfOpen.ramping',
    granted: ['late'],
  },
  {
    title: '[B10] opens again after a failed probe',
    given: probing,
    when: (b) => b.fail('early'),
    rules: ['B10'],
    state: 'open',
    told: ['breaker.opened'],
    line: ['late'],
    inFlight: 0,
    context: { reason: 'probeFailed', opens: 2, failures: 4, probe: null },
  },
  {
    title: '[B11] probes again later when the probe was throttled, and the pause does not grow',
    given: probing,
    when: (b) => b.fail('early', 'throttled', { status: 429 }),
    rules: ['B11'],
    state: 'open',
    told: ['breaker.opened'],
    line: ['late'],
    context: { reason: 'probeUndecided', opens: 1, failures: 3 },
  },
  {
    title: '[B12] counts a probe that is out too long as failed, and its late answer never',
    given: probing,
    when: (b) => b.elapse(),
    rules: ['B12'],
    state: 'open',
    told: ['breaker.opened'],
    inFlight: 0,
    context: { reason: 'leaseExpired', opens: 2, generation: 2 },
  },
  {
    title: '[B13] probes with the next one when the probe comes back unused',
    given: probing,
    when: (b) => b.release('early'),
    rules: ['B13'],
    state: 'halfOpen.probing',
    granted: ['late?'],
    line: [],
    inFlight: 1,
  },
  {
    title: '[B14] waits for a request when the probe comes back unused and nobody is in line',
    given: probeOut,
    when: (b) => b.release('probe'),
    rules: ['B14'],
    state: 'halfOpen.awaitingProbe',
    inFlight: 0,
    context: { probe: null },
  },
  {
    title: '[B15] makes the next request the probe',
    given: (b) => {
      b.trip();
      b.elapse();
    },
    when: (b) => b.request('d1'),
    rules: ['B15'],
    state: 'halfOpen.probing',
    granted: ['d1?'],
    inFlight: 1,
  },
  {
    title: '[B16] pulls the probe forward at a sign of life',
    given: openWithTwo,
    when: (b) => b.send({ type: 'evidence.gathered', breaker: 'breaker:messages' }),
    rules: ['B16'],
    state: 'halfOpen.probing',
    granted: ['early?'],
    context: { evidenceUsed: true },
  },
  {
    title: '[B55] probes at once when that is wanted',
    given: openWithTwo,
    when: (b) => b.send({ type: 'probe.requested', breaker: 'breaker:messages' }),
    rules: ['B55'],
    state: 'halfOpen.probing',
    granted: ['early?'],
  },
  {
    title: '[B56] lets the next request probe when a probe is wanted and nobody is in line',
    given: (b) => b.trip(),
    when: (b) => b.send({ type: 'probe.requested', breaker: 'breaker:messages' }),
    rules: ['B56'],
    state: 'halfOpen.awaitingProbe',
  },
  {
    title: '[B57] halves the calls at once while load is reduced',
    when: (b) => b.send({ type: 'load.reduced' }),
    rules: ['B57'],
    state: 'closed',
    context: { inFlightMax: 2 },
  },
  {
    title: '[B58] has all its places again afterwards',
    given: (b) => {
      b.send({ type: 'load.reduced' });
      b.operator('isolated');
    },
    when: (b) => b.send({ type: 'load.restored' }),
    rules: ['B58'],
    state: 'isolated',
    context: { inFlightMax: 4 },
  },
  {
    title: '[B65] [core 15] gives its line the places that it has again',
    given: (b) => {
      b.send({ type: 'load.reduced' });
      b.requests(2);
      b.request('late', 3_000_000);
      b.request('early', 2_500_000);
    },
    when: (b) => b.send({ type: 'load.restored' }),
    rules: ['B65'],
    state: 'closed',
    granted: ['early', 'late'],
    inFlight: 4,
    line: [],
  },
  {
    title: '[B17] lets the next request probe at a sign of life when nobody is in line',
    given: (b) => b.trip(),
    when: (b) => b.send({ type: 'gateway.readied', resumed: true }),
    rules: ['B17'],
    state: 'halfOpen.awaitingProbe',
    context: { evidenceUsed: true },
  },
  {
    title: '[B18] grants at once while the slow start has a place',
    given: ramping,
    when: (b) => b.request('d1'),
    rules: ['B18'],
    state: 'halfOpen.ramping',
    granted: ['d1'],
    inFlight: 1,
  },
  {
    title: '[B19] opens at the first failure of the slow start',
    given: (b) => {
      ramping(b);
      b.request('d1');
    },
    when: (b) => b.fail('d1'),
    rules: ['B19'],
    state: 'open',
    told: ['breaker.opened'],
    context: { reason: 'rampFailed', opens: 2 },
  },
  {
    title: '[B20] opens when the slow start is too slow',
    options: { minimumCalls: 1 },
    given: (b) => {
      ramping(b);
      b.request('d1');
    },
    when: (b) => b.succeed('d1', 5_001),
    rules: ['B20'],
    state: 'open',
    told: ['breaker.opened'],
    context: { reason: 'slowRate' },
  },
  {
    title: '[B21] goes on with the slow start after a success',
    given: (b) => {
      ramping(b);
      b.request('d1');
      b.request('d2');
    },
    when: (b) => b.succeed('d1'),
    rules: ['B21'],
    state: 'halfOpen.ramping',
    granted: ['d2'],
    inFlight: 1,
  },
  {
    title: '[B22] does not count a refusal during the slow start',
    given: (b) => {
      ramping(b);
      b.request('d1');
      b.request('d2');
    },
    when: (b) => b.fail('d1', 'rejectedTarget'),
    rules: ['B22'],
    state: 'halfOpen.ramping',
    granted: ['d2'],
    context: { window: [], failures: 0 },
  },
  {
    title: '[B23] lets more through in the next part of the slow start',
    given: (b) => {
      ramping(b);
      b.request('d1');
      b.request('d2');
      b.request('d3');
    },
    when: (b) => b.elapse(),
    rules: ['B23'],
    state: 'halfOpen.ramping',
    granted: ['d2'],
    line: ['d3'],
    inFlight: 2,
    context: { stage: 1 },
  },
  {
    title: '[B24] closes after the last part of the slow start, and forgets the outage and its evidence',
    given: (b) => {
      b.trip();
      b.send({ type: 'gateway.readied', resumed: true });
      b.request('probe');
      b.succeed('probe');
      b.elapse();
      b.elapse();
    },
    when: (b) => b.elapse(),
    rules: ['B24'],
    state: 'closed',
    told: ['breaker.closed'],
    context: { opens: 0, firstOpenedAt: null, evidenceUsed: false },
  },
  {
    title: '[B25] opens when too many calls are slow, successes too',
    given: (b) => {
      b.requests(4);
      b.succeed('d1', 5_001);
      b.succeed('d2', 5_001);
      b.succeed('d3', 5_000);
    },
    when: (b) => b.succeed('d4', 5_001),
    rules: ['B25'],
    state: 'open',
    told: ['breaker.opened'],
    inFlight: 0,
    context: { reason: 'slowRate', failures: 0 },
  },
  {
    title: '[B26] ends the streak at a success, and lets the next one go',
    given: (b) => {
      full(b);
      b.fail('d1');
      b.fail('d2');
    },
    when: (b) => b.succeed('d3'),
    rules: ['B26'],
    state: 'closed',
    inFlight: 3,
    context: { failures: 0 },
  },
  {
    title: '[B26] does not take a call of exactly slowMs for slow',
    given: (b) => {
      b.requests(4);
      b.succeed('d1', 5_001);
      b.succeed('d2', 5_001);
      b.succeed('d3', 5_000);
    },
    when: (b) => b.succeed('d4', 5_000),
    rules: ['B26'],
    state: 'closed',
  },
  {
    title: '[B27] frees the place of an uncounted outcome, and lets the next one go',
    given: full,
    when: (b) => b.fail('d1', 'throttled'),
    rules: ['B27'],
    state: 'closed',
    granted: ['early'],
    inFlight: 4,
    context: { failures: 0, window: [] },
  },
  {
    title: '[B27] frees the place of a permit that comes back unused',
    given: full,
    when: (b) => b.release('d4'),
    rules: ['B27'],
    state: 'closed',
    granted: ['early'],
    inFlight: 4,
  },
  {
    title: '[B27] counts nothing at all while disabled',
    options: { mode: 'disabled', failureThreshold: 1 },
    given: full,
    when: (b) => b.fail('d1'),
    rules: ['B27'],
    state: 'disabled',
    granted: ['early'],
    context: { failures: 0, window: [] },
  },
  {
    title: '[B28] notes that it would have opened, while observing',
    options: { mode: 'observing' },
    given: (b) => {
      b.requests(3);
      b.fail('d1');
      b.fail('d2');
    },
    when: (b) => b.fail('d3'),
    rules: ['B28'],
    state: 'observing',
    told: [],
    inFlight: 0,
    context: { wouldOpen: 1, failures: 0, window: [] },
  },
  {
    title: '[B29] records an outcome of another generation and never counts it',
    given: (b) => {
      b.request('d1');
      b.restart();
      b.request('d2');
    },
    when: (b) => b.fail('d1'),
    rules: ['B29'],
    state: 'closed',
    told: [],
    inFlight: 1,
    context: { failures: 0 },
  },
  {
    title: '[B30] only frees the place of an outcome that comes while open',
    given: (b) => {
      b.request('slow');
      b.trip();
    },
    when: (b) => b.succeed('slow'),
    rules: ['B30'],
    state: 'open',
    told: [],
    inFlight: 0,
    context: { failures: 3 },
  },
  {
    title: '[B30] does not take another call for the probe',
    given: (b) => {
      b.request('slow');
      probing(b);
    },
    when: (b) => b.fail('slow'),
    rules: ['B30'],
    state: 'halfOpen.probing',
    told: [],
    inFlight: 1,
  },
  {
    title: '[B31] forgets one who no longer waits',
    given: openWithTwo,
    when: (b) => b.send({ type: 'permit.cancelled', delivery: 'early', deadline: 2_500_000 }),
    rules: ['B31'],
    state: 'open',
    line: ['late'],
  },
  {
    title: '[B32] is held open by the operator, from anywhere',
    given: probing,
    when: (b) => b.operator('isolated'),
    rules: ['B32'],
    state: 'isolated',
    told: [],
    line: ['late'],
    context: { probe: null, reason: 'isolated' },
  },
  {
    title: '[B33] probes with the earliest deadline when let go',
    given: isolatedWithTwo,
    when: (b) => b.operator('released'),
    rules: ['B33'],
    state: 'halfOpen.probing',
    granted: ['early?'],
    line: ['late'],
  },
  {
    title: '[B34] waits for a request when let go and nobody is in line',
    given: (b) => b.operator('isolated'),
    when: (b) => b.operator('released'),
    rules: ['B34'],
    state: 'halfOpen.awaitingProbe',
  },
  {
    title: '[B35] lets everybody go when the operator switches judging off',
    given: openWithTwo,
    when: (b) => b.operator('disabled'),
    rules: ['B35'],
    state: 'disabled',
    told: ['breaker.closed', 'permit.granted', 'permit.granted'],
    granted: ['early', 'late'],
    line: [],
    inFlight: 2,
    context: { opens: 0, firstOpenedAt: null, failures: 0 },
  },
  {
    title: '[B36] lets everybody go when the operator wants it to watch only',
    given: isolatedWithTwo,
    when: (b) => b.operator('observed'),
    rules: ['B36'],
    state: 'observing',
    told: ['permit.granted', 'permit.granted'],
    line: [],
  },
  {
    title: '[B37] judges again when enabled, from a clean slate',
    options: { mode: 'observing' },
    given: (b) => {
      b.requests(2);
      b.fail('d1');
    },
    when: (b) => b.operator('enabled'),
    rules: ['B37'],
    state: 'closed',
    inFlight: 1,
    context: { failures: 0, window: [] },
  },
  {
    title: '[B38] clears everything at a reset, and those in line go',
    given: probing,
    when: (b) => b.operator('reset'),
    rules: ['B38'],
    state: 'closed',
    told: ['breaker.closed', 'permit.granted'],
    granted: ['late'],
    inFlight: 1,
    context: { generation: 2, failures: 0, opens: 0, firstOpenedAt: null, window: [], wouldOpen: 0 },
  },
  {
    title: '[B39] is disabled when a new life brings that option',
    given: openWithTwo,
    when: (b) => b.restart({ mode: 'disabled' }),
    rules: ['B39'],
    state: 'disabled',
    told: ['breaker.closed', 'permit.granted', 'permit.granted'],
    inFlight: 2,
    context: { generation: 2 },
  },
  {
    title: '[B40] observes when a new life brings that option',
    when: (b) => b.restart({ mode: 'observing' }),
    rules: ['B40'],
    state: 'observing',
  },
  {
    title: '[B41] is enabled when a new life brings that option',
    options: { mode: 'disabled' },
    when: (b) => b.restart({ mode: 'enabled' }),
    rules: ['B41'],
    state: 'closed',
    context: { generation: 2 },
  },
  {
    title: '[B42] lets those in line go in a new life, since the permits of the old one are gone',
    given: full,
    when: (b) => b.restart(),
    rules: ['B42'],
    state: 'closed',
    granted: ['early', 'late'],
    line: [],
    inFlight: 2,
    context: { generation: 2 },
  },
  {
    title: '[B42] stays as the operator left it when the option did not change',
    given: (b) => b.operator('disabled'),
    when: (b) => b.restart(),
    rules: ['B42'],
    state: 'disabled',
  },
  {
    title: '[B43] goes on with the slow start in a new life',
    given: (b) => {
      ramping(b);
      b.request('d1');
      b.request('d2');
    },
    when: (b) => b.restart(),
    rules: ['B43'],
    state: 'halfOpen.ramping',
    granted: ['d2'],
    inFlight: 1,
    context: { stage: 0 },
  },
  {
    title: '[B44] probes with the next one when the probe died with its process',
    given: probing,
    when: (b) => b.restart(),
    rules: ['B44'],
    state: 'halfOpen.probing',
    granted: ['late?'],
    inFlight: 1,
    context: { generation: 2 },
  },
  {
    title: '[B45] waits for a request when the probe died with its process and nobody is in line',
    given: probeOut,
    when: (b) => b.restart(),
    rules: ['B45'],
    state: 'halfOpen.awaitingProbe',
    inFlight: 0,
    context: { probe: null },
  },
  {
    title: '[B46] stays open in a new life, with its line, and takes the new options',
    given: openWithTwo,
    when: (b) => b.restart({ failureThreshold: 9 }, 2),
    rules: ['B46'],
    state: 'open',
    told: [],
    line: ['early', 'late'],
    inFlight: 0,
    context: { generation: 2, inFlightMax: 2 },
  },
  {
    title: '[B53] lets a request wait while there is no gateway session',
    given: (b) => b.send({ type: 'gateway.lost' }),
    when: (b) => b.send({ type: 'permit.requested', delivery: 'd', deadline: 2_000_000, operator: false }),
    rules: ['B2'],
    state: 'closed',
    granted: [],
    line: ['d'],
  },
  {
    title: '[B52] goes on with the line once there is a gateway session',
    given: (b) => {
      b.send({ type: 'gateway.lost' });
      b.send({ type: 'permit.requested', delivery: 'd', deadline: 2_000_000, operator: false });
    },
    when: (b) => b.send({ type: 'gateway.readied' }),
    rules: ['B52'],
    state: 'closed',
    granted: ['d'],
    line: [],
  },
  {
    title: '[B54] notes a gateway session while held open by the operator',
    given: (b) => {
      b.operator('isolated');
      b.send({ type: 'gateway.lost' });
    },
    when: (b) => b.send({ type: 'gateway.readied' }),
    rules: ['B54'],
    state: 'isolated',
    context: { held: false },
  },
];

describe('the breaker, rule by rule', () => {
  test.each(rows.map((row) => [row.title, row] as const))('%s', (_title, row) => {
    const b = createBreakerRig(row.options, row.inFlightMax);
    row.given?.(b);
    row.when(b);
    expect(b.rules).toEqual(row.rules);
    expect(b.state).toBe(row.state);
    if (row.granted) expect(b.granted).toEqual(row.granted);
    if (row.told) expect(b.told).toEqual(row.told);
    if (row.line) expect(b.line).toEqual(row.line);
    if (row.inFlight !== undefined) expect(b.context.inFlight).toBe(row.inFlight);
    if (row.context) expect(b.context).toMatchObject(row.context);
  });

  test('[B47] [B48] [B49] [B50] is born as its options say', () => {
    expect(createBreakerRig({ mode: 'disabled' }).rules).toEqual(['B48']);
    expect(createBreakerRig({ mode: 'disabled' }).state).toBe('disabled');
    expect(createBreakerRig({ mode: 'observing' }).rules).toEqual(['B49']);
    expect(createBreakerRig({ mode: 'observing' }).state).toBe('observing');
    expect(createBreakerRig().rules).toEqual(['B50']);
    expect(createBreakerRig().state).toBe('closed');
    expect(createBreakerRig().context).toMatchObject({ generation: 1, inFlight: 0, failures: 0 });
  });
});

describe('the open time', () => {
  const openMs = (b: BreakerRig) => b.context.openForMs;
  const between = (ms: number, low: number, high: number) => {
    expect(ms).toBeGreaterThanOrEqual(low);
    expect(ms).toBeLessThanOrEqual(high);
  };
  const failProbe = (b: BreakerRig, more?: { retryAfterMs?: number }) => {
    b.elapse();
    if (b.state === 'halfOpen.awaitingProbe') b.request(`probe${b.now}`);
    b.fail(b.granted[0]!.replace('?', ''), 'transient', more);
  };

  test('doubles from openMs to its early cap, each time with equal jitter', () => {
    const b = createBreakerRig();
    b.trip();
    for (const whole of [1_000, 2_000, 4_000, 5_000, 5_000]) {
      between(openMs(b), whole / 2, whole);
      failProbe(b);
    }
  });

  test('is the late one once the outage is old', () => {
    const b = createBreakerRig({ earlyMs: 3_000 });
    b.trip();
    b.wait(3_000);
    failProbeNow(b);
    between(openMs(b), 15_000, 30_000);
  });

  test('is never shorter than openMs, should that be over the caps', () => {
    const b = createBreakerRig({ openMs: 60_000, earlyMs: 3_000 });
    b.trip();
    between(openMs(b), 30_000, 60_000);
    failProbe(b);
    between(openMs(b), 30_000, 60_000);
  });

  test('is at least what Retry-After asks, up to five minutes', () => {
    const b = createBreakerRig({ failureThreshold: 1 });
    b.request('d1');
    b.fail('d1', 'transient', { retryAfterMs: 20_000 });
    expect(openMs(b)).toBe(20_000);
    failProbe(b, { retryAfterMs: 900_000 });
    expect(openMs(b)).toBe(300_000);
    failProbe(b, { retryAfterMs: -5 });
    between(openMs(b), 1_000, 30_000);
  });

  test('begins small again after it was closed', () => {
    const b = createBreakerRig();
    b.trip();
    failProbe(b);
    failProbe(b);
    b.elapse();
    b.request('good');
    b.succeed('good');
    for (let part = 0; part < 3; part += 1) b.elapse();
    expect(b.state).toBe('closed');
    b.trip();
    between(openMs(b), 500, 1_000);
  });

  test('differs from event to event', () => {
    const times = Array.from({ length: 20 }, (_, skip) => {
      const b = createBreakerRig();
      for (let i = 0; i < skip; i += 1) b.send({ type: 'gateway.readied', resumed: false });
      b.trip();
      return openMs(b);
    });
    expect(new Set(times).size).toBeGreaterThan(15);
  });

  test('is cut short by a sign of life once in an outage, and not before a Retry-After is over', () => {
    const b = createBreakerRig({ failureThreshold: 1 });
    b.request('d1');
    b.fail('d1', 'transient', { retryAfterMs: 5_000 });
    b.wait(4_999);
    b.send({ type: 'evidence.gathered', breaker: 'breaker:messages' });
    expect(b.state).toBe('open');
    b.elapse();
    b.request('p1');
    b.fail('p1');
    b.send({ type: 'evidence.gathered', breaker: 'breaker:messages' });
    expect(b.state).toBe('halfOpen.awaitingProbe');
    b.request('p2');
    b.fail('p2');
    b.send({ type: 'evidence.gathered', breaker: 'breaker:messages' });
    expect(b.state).toBe('open');
  });

  function failProbeNow(b: BreakerRig): void {
    expect(b.state).toBe('halfOpen.awaitingProbe');
    b.request('now');
    b.fail('now');
  }
});

describe('a probe', () => {
  const cases: [ErrorClass, number | null, string][] = [
    ['transient', 503, 'open'],
    ['ambiguous', null, 'open'],
    ['throttled', 429, 'open'],
    ['auth', 401, 'open'],
    ['fatal', 403, 'open'],
    ['local', null, 'open'],
    ['local', 400, 'halfOpen.ramping'],
    ['rejectedForm', 400, 'halfOpen.ramping'],
    ['rejectedTarget', 400, 'halfOpen.ramping'],
  ];
  test.each(cases)('that ends as %s (status %s) leads to %s', (errorClass, status, state) => {
    const b = createBreakerRig();
    probing(b);
    b.fail('early', errorClass, { status });
    expect(b.state).toBe(state);
  });

  test('keeps its lease when time passes in many small pieces', () => {
    const b = createBreakerRig({ leaseMs: 6_000 });
    probing(b);
    for (let i = 0; i < 5_999; i += 500) b.wait(Math.min(500, 5_999 - i));
    expect(b.state).toBe('halfOpen.probing');
    b.wait(1);
    expect(b.state).toBe('open');
  });
});

describe('many waiters', () => {
  test('go in batches of at most 100, and each that ends brings the next ones', () => {
    const b = createBreakerRig({ waitingMax: 1_000 }, 500);
    b.operator('isolated');
    for (let i = 0; i < 300; i += 1) b.request(`w${i}`);
    b.operator('reset');
    expect(b.granted.length).toBe(100);
    b.succeed('w0');
    expect(b.granted.length).toBe(100);
    b.succeed('w1');
    expect(b.granted.length).toBe(100);
    expect(b.context.inFlight).toBe(298);
    expect(b.line).toEqual([]);
  });

  test('leave a list of 10,000 in order of deadline, one by one', () => {
    const b = createBreakerRig({ waitingMax: 10_000 }, 1);
    b.request('first');
    for (let i = 0; i < 10_000; i += 1) b.request(`w${i}`, 5_000_000 - i);
    expect(b.context.waiting.chunks.length).toBeLessThan(200);
    let last = 'first';
    for (let i = 9_999; i >= 9_000; i -= 1) {
      b.succeed(last);
      last = `w${i}`;
      expect(b.granted).toEqual([last]);
    }
  });
});
