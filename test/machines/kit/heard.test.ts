import { describe, expect, test } from '@jest/globals';
import { initialTransition, transition } from 'xstate';
import { bearing, heard, said } from '../../../src/machines/kit/heard.js';
import { laneMachine } from '../../../src/machines/lane/chart.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';

type Heard =
  | { readonly type: 'door.opened'; readonly by: string }
  | { readonly type: 'door.closed' | 'door.locked'; readonly by: string; readonly at: number }
  | { readonly type: 'bell.rung'; readonly times: number };
const open: Heard = { type: 'door.opened', by: 'Ann' };
const rung: Heard = { type: 'bell.rung', times: 2 };

describe('what an action reads of its event', () => {
  test('the event of the type that it means, or of one of two', () => {
    expect(heard(open as Heard, 'door.opened').by).toBe('Ann');
    expect(heard(open as Heard, 'door.closed', 'door.opened').by).toBe('Ann');
  });

  test('another type throws, and both are named', () => {
    expect(() => heard(rung as Heard, 'door.opened').by).toThrow('heard "bell.rung", and means "door.opened"');
    expect(() => heard(rung as Heard, 'door.opened', 'door.closed').by).toThrow('means "door.opened" or "door.closed"');
  });

  test('whatever carries a field; what does not throws', () => {
    expect(bearing(open as Heard, 'by').by).toBe('Ann');
    expect(() => bearing(rung as Heard, 'by').by).toThrow('heard "bell.rung", and means an event with "by"');
  });

  test('a field that only some events have is undefined of the others', () => {
    expect(said(rung as Heard, 'times')).toBe(2);
    expect(said(open as Heard, 'times')).toBeUndefined();
  });

  test('what no event of the chart is or has does not compile', () => {
    // @ts-expect-error no such event
    expect(() => heard(open as Heard, 'door.slammed')).toThrow();
    // @ts-expect-error an event of this type has no such field
    expect(heard(open as Heard, 'door.opened').times).toBeUndefined();
    // @ts-expect-error no event has such a field
    expect(said(open as Heard, 'colour')).toBeUndefined();
  });

  test('an action in a row of another event fails with the names of both, not with undefined', () => {
    const misplaced = laneMachine.provide({
      guards: { isFull: laneMachine.implementations.guards.isBlocking as never },
    });
    const [idle] = initialTransition(misplaced, { options: defaultOptions.lane });
    const asked = {
      type: 'turn.requested',
      delivery: 'd1',
      lane: 'lane:1',
      key: 'k',
      urgent: false,
      id: 'f1',
      at: 1,
    } as const;
    const [full] = transition(misplaced, idle, asked);
    expect(() => transition(misplaced, full, { ...asked, id: 'f2', delivery: 'd2' })).toThrow(
      'heard "turn.requested", and means "turn.returned"',
    );
  });
});
