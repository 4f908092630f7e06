import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Connected, ConnectionFaults } from '../../src/simulator/faults/connectionFaults.js';
import { type FaultRequest, Faults } from '../../src/simulator/faults/faults.js';
import { FakeTimers } from './fakeTimers.js';

let timers: FakeTimers;
let faults: Faults;
let strikes: ConnectionFaults;
let expired: (string | undefined)[];
let connections: FakeConnection[];
class FakeConnection implements Connected {
  readonly did: unknown[] = [];
  constructor(readonly appId: string | null) {}
  send(frame: object): void {
    this.did.push(frame);
  }
  close(code: number): void {
    this.did.push(code);
  }
  forgetSession(): void {
    this.did.push('forgotten');
  }
}
beforeEach(() => {
  timers = new FakeTimers();
  faults = new Faults(1, timers.now);
  strikes = new ConnectionFaults(faults, timers);
  expired = [];
  connections = [new FakeConnection('a'), new FakeConnection('b'), new FakeConnection(null)];
});
const add = (request: FaultRequest): void =>
  strikes.added(faults.add(request), { connections, expireTokens: (appId) => expired.push(appId) });
const did = (): unknown[][] => connections.map((connection) => connection.did);

describe('what acts at once', () => {
  test.each<[FaultRequest, number, unknown[]]>([
    [{ kind: 'dropConnection' }, 0, [4009]],
    [{ kind: 'dropConnection', closeCode: 1006 }, 0, [1006]],
    [{ kind: 'serverHeartbeat' }, 0, [{ op: 1, d: null }]],
    [{ kind: 'reconnect' }, 60_000, [{ op: 7 }]],
    [{ kind: 'reconnect', closeAfterMs: 100 }, 100, [{ op: 7 }, 4009]],
    [{ kind: 'invalidSession' }, 0, ['forgotten', { op: 9, d: false }, 4006]],
    [{ kind: 'invalidSession', closeCode: 4903, closeAfterMs: 50 }, 50, ['forgotten', { op: 9, d: false }, 4903]],
    [{ kind: 'invalidSession', staysOpen: true }, 60_000, ['forgotten', { op: 9, d: false }]],
    [{ kind: 'closeConnection', closeAfterMs: 20, closeCode: 4915 }, 20, [4915]],
  ])('%j within %i ms: %j', (fault, ms, expected) => {
    add(fault);
    timers.pass(ms);
    expect(connections[0]!.did).toEqual(expected);
  });
  test('strikes only the bot that it names, and only as many as it may', () => {
    add({ kind: 'dropConnection', appId: 'b' });
    add({ kind: 'serverHeartbeat', count: 1 });
    expect(did()).toEqual([[{ op: 1, d: null }], [4009], []]);
  });
  test('tokenExpired: all tokens, or one bot’s', () => {
    add({ kind: 'tokenExpired' });
    add({ kind: 'tokenExpired', appId: 'a' });
    expect(expired).toEqual([undefined, 'a']);
  });
});

describe('what happens to connections while it is in force', () => {
  test('closeConnection: also those that are established later, not those that never are', () => {
    add({ kind: 'closeConnection', closeAfterMs: 100 });
    timers.pass(100);
    expect(did()).toEqual([[4009], [4009], []]);
    const later = new FakeConnection('a');
    strikes.established(later);
    timers.pass(99);
    expect(later.did).toEqual([]);
    timers.pass(1);
    expect(later.did).toEqual([4009]);
  });
  test('a close that is still to come does not once the fault is deleted', () => {
    add({ kind: 'closeConnection', closeAfterMs: 100 });
    faults.remove();
    timers.pass(1_000);
    expect(did()).toEqual([[], [], []]);
  });
  test.each([
    [undefined, 'refused'],
    ['refused', 'refused'],
    ['reset', 'reset'],
    ['discovery', null],
  ] as const)('gatewayUnreachable by %s: the upgrade is %s', (manner, expected) => {
    add({ kind: 'gatewayUnreachable', manner, count: 1 });
    expect(strikes.refusesUpgrade()).toBe(expected);
    expect(strikes.refusesUpgrade()).toBe(null);
  });
  test.each([
    [undefined, { isOp9: false, closeCode: 4006 }],
    ['op9', { isOp9: true, closeCode: null }],
    ['4006', { isOp9: false, closeCode: 4006 }],
    ['4007', { isOp9: false, closeCode: 4007 }],
    ['4902', { isOp9: false, closeCode: 4902 }],
  ] as const)('resumeFails by %s', (refusal, expected) => {
    add({ kind: 'resumeFails', refusal, appId: 'a' });
    expect([strikes.resumeRefusal('a'), strikes.resumeRefusal('b')]).toEqual([expected, null]);
  });
});
