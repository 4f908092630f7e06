import { expect, test } from '@jest/globals';
import type { Performer } from '../../../src/actors/ports.js';
import { topology } from '../../../src/actors/wiring/topology.js';
import { createMemoryStore } from '../../../src/adapters/journal/memoryJournal.js';
import type { Fact } from '../../../src/machines/vocabulary/facts/facts.js';
import { live, records } from '../life.js';

const nothing: Performer = () => undefined;
const performers = new Proxy({}, { get: () => nothing }) as { [type: string]: Performer };
const message = (s: number): Fact => ({
  type: 'message.received',
  socket: 's',
  s,
  eventId: `E${s}`,
  message: {
    id: 'message-1',
    place: { kind: 'guild', guildId: 'g', channelId: 'c' },
    author: { id: 'u', username: 'u', bot: false, roles: [] },
    content: 'hello',
    mentionsBot: true,
  },
});

test.each([
  ['killed', false],
  ['stopped, with a checkpoint', true],
])(
  '[core 19] a message that comes again is a duplicate: at once, and after a restart of a bot that was %s',
  async (_how, isStopped) => {
    const store = createMemoryStore();
    const first = await live(store, { topology, performers });
    first.system.post(message(1));
    first.system.post(message(2));
    await first.settle();
    if (isStopped) await first.system.stop();
    first.journal.kill();
    const second = await live(store, { topology, performers });
    second.system.post(message(3));
    await second.settle();
    const types = records(store).map(({ fact }) => fact.type);
    expect(types.filter((type) => type.startsWith('message.'))).toEqual([
      'message.received',
      'message.duplicated',
      'message.duplicated',
    ]);
  },
);
