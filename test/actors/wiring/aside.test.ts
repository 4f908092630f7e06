import { expect, test } from '@jest/globals';
import { ASIDE_MAX } from '../../../src/machines/intake/ahead.js';
import { type BotOptions, defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { World } from '../world.js';

/** What waits for something that only comes by the source of messages is no reason to pause that source. */
const few: BotOptions = { ...defaultOptions, intake: { ...defaultOptions.intake, aheadMin: 4 } };
function underAudit(count: number): World {
  const world = new World(few);
  world.begin();
  world.connect();
  for (let n = 0; n < count; n += 1) {
    world.receive(`m${n}`, { channel: `c${n}`, author: `u${n}` });
    world.complete(`m${n}`);
    const { id: effectId } = world.calls[0]!;
    const auditId = `a${n}`;
    world.take({
      type: 'call.succeeded',
      effectId,
      class: 'underAudit',
      status: 202,
      code: 304023,
      latencyMs: 9,
      messageId: null,
      auditId,
    });
  }
  return world;
}
const intake = (world: World) => world.actor('intake').snapshot.context as { aside: number; inHand: number };

test('[core 38] with all that may be in hand under audit the sources are read, so that its word can come', () => {
  const world = underAudit(12);
  expect([world.value('intake'), intake(world)]).toMatchObject(['open', { aside: 12, inHand: 12 }]);
  for (let n = 0; n < 12; n += 1) {
    const told = {
      socket: 's1',
      s: 100 + n,
      eventId: null,
      auditId: `a${n}`,
      place: { kind: 'guild', guildId: 'g', channelId: 'c' },
      message: `r${n}`,
      audited: null,
    } as const;
    world.take({ type: 'audit.passed', ...told } as never);
  }
  expect(intake(world)).toMatchObject({ aside: 0, inHand: 0, ended: { answered: 12 } });
});

test('[core 38] a message without an audit still counts', () => {
  const world = underAudit(3);
  for (const id of ['a', 'b', 'c', 'd']) {
    world.receive(id, { channel: id, author: id });
    world.complete(id);
  }
  expect([world.value('intake'), ASIDE_MAX > 3]).toEqual(['full', true]);
});

test('[core 34] an intake that begins anew counts what is set aside, and a message that is taken out is so no more', () => {
  const world = underAudit(3);
  const quarantine = (actor: string) =>
    world.take({ type: 'actor.quarantined', actor, seq: 1, recorded: '', recomputed: '' });
  quarantine('intake');
  expect(intake(world)).toMatchObject({ aside: 3, inHand: 3 });
  quarantine('message:m0');
  expect(intake(world)).toMatchObject({ aside: 2, inHand: 2 });
});
