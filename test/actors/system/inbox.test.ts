import { describe, expect, test } from '@jest/globals';
import { Inbox } from '../../../src/actors/system/inbox.js';
import type { Stamped } from '../../../src/machines/vocabulary/base.js';
import type { Fact } from '../../../src/machines/vocabulary/facts/facts.js';

const fact = (id: string, type: string, socket?: string): Stamped<Fact> =>
  ({ type, id, at: 1, ...(socket === undefined ? {} : { socket }) }) as unknown as Stamped<Fact>;
const message = (id: string) => fact(id, 'message.received', 'k');
const ack = (id: string) => fact(id, 'heartbeat.acknowledged', 'k');
const outcome = (id: string) => fact(id, 'call.succeeded');
const closed = (id: string) => fact(id, 'socket.closed', 'k');
const filled = (...facts: Stamped<Fact>[]): Inbox => {
  const inbox = new Inbox();
  for (const one of facts) inbox.put(one);
  return inbox;
};
const all = (inbox: Inbox): string[] => {
  const ids: string[] = [];
  for (let next = inbox.take(); next; next = inbox.take()) ids.push(next.id);
  return ids;
};

describe('the inbox', () => {
  test('[core 38] gives outcomes first, then arrivals in their order', () => {
    expect(all(filled(message('m1'), ack('a1'), outcome('o1'), message('m2'), outcome('o2')))).toEqual([
      'o1',
      'o2',
      'm1',
      'a1',
      'm2',
    ]);
  });

  test('what is told of a socket, but not by it, does not wait behind what it brought', () => {
    expect(all(filled(message('m1'), fact('p', 'reading.paused', 'k')))).toEqual(['p', 'm1']);
  });

  test('[core 38] held, it gives no message and nothing behind one, but all that ends work', () => {
    const inbox = filled(ack('a1'), message('m1'), ack('a2'), outcome('o1'));
    inbox.isHeld = true;
    expect([all(inbox), inbox.hasNext, inbox.length]).toEqual([['o1', 'a1'], false, 2]);
    inbox.isHeld = false;
    expect(all(inbox)).toEqual(['m1', 'a2']);
  });

  test('the end of a socket is heard although it is held, after what the socket brought', () => {
    const inbox = filled(message('m1'), ack('a1'), closed('c'), message('n1'));
    inbox.isHeld = true;
    expect(all(inbox)).toEqual(['m1', 'a1', 'c']);
    expect(inbox.length).toBe(1);
  });

  test('[core 2] what is given back comes again before all others, in its order', () => {
    const inbox = filled(message('m1'), outcome('o1'), message('m2'));
    const taken = [inbox.take()!, inbox.take()!];
    inbox.put(outcome('o2'));
    inbox.giveBack(taken);
    expect(all(inbox)).toEqual(['o1', 'm1', 'o2', 'm2']);
  });

  test('keeps its order over many', () => {
    const ids = Array.from({ length: 5_000 }, (_, i) => `m${i}`);
    expect(all(filled(...ids.map(message)))).toEqual(ids);
  });
});
