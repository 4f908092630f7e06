import type { InboundMessage, PlaceKind } from '../../../machines/vocabulary/base.js';
import type { EventFact } from '../../../machines/vocabulary/facts/eventFacts.js';
import type { Dice } from '../plan/dice.js';
import type { PlatformEvent } from './platform.js';

export const PLACE_KINDS = ['guild', 'direct', 'group', 'c2c'] as const satisfies readonly PlaceKind[];
const OFTEN: readonly PlaceKind[] = ['guild', ...PLACE_KINDS, 'guild'];

/** The n-th message of a run: who writes what where. */
export function messageOf(n: number, dice: Dice): InboundMessage {
  const purpose = `message ${n}`;
  const kind = dice.pick(OFTEN, purpose);
  const channelId = `${kind}${dice.below(4, purpose)}`;
  const isGuild = kind === 'guild' || kind === 'direct';
  const luck = dice.next(purpose);
  const work = luck < 0.12 ? { work: 'command' as const } : luck < 0.22 ? { work: 'low' as const } : {};
  return {
    id: `m${n}`,
    place: { kind, guildId: isGuild ? `g${channelId}` : '', channelId },
    author: { id: `u${dice.below(6, purpose)}`, username: 'x', bot: dice.chance(0.01, purpose), roles: [] },
    content: 'c',
    mentionsBot: kind !== 'group' || dice.chance(0.6, purpose),
    ...work,
    ...(dice.chance(0.02, purpose) ? { pressed: true as const } : {}),
    ...(kind !== 'guild' && dice.chance(0.3, purpose) ? { index: `i${n}` } : {}),
  };
}

export function received(message: InboundMessage): PlatformEvent {
  return (socket, s) => ({ type: 'message.received', socket, s, eventId: `E${message.id}`, message });
}

/** What else happens: all that is not a message moves `s` and does no more, but for a button's callback. */
export function otherEvent(n: number, dice: Dice): PlatformEvent {
  const purpose = `event ${n}`;
  const kind = dice.below(6, purpose);
  return (socket, s) => {
    const from = { socket, s, eventId: `e${n}` };
    if (kind === 0) return { type: 'event.unrecognised', socket, s, name: 'NEW_THING', eventId: `e${n}` };
    if (kind === 1) return { type: 'frame.rejected', socket, s, reason: 'shape', bytes: 12 };
    if (kind === 2) return { type: 'heartbeat.requested', socket };
    return { ...from, ...happening(kind, n) } as EventFact;
  };
}

function happening(kind: number, n: number): object {
  if (kind === 3) return { type: 'interaction.created', interaction: `n${n}`, kind: 11 };
  if (kind === 4)
    return {
      type: 'guild.changed',
      change: 'updated',
      guild: { id: 'g', name: 'g', ownerId: null },
      members: 3,
      by: null,
    };
  return { type: 'contact.changed', change: 'added', kind: 'group', openid: `o${n}`, by: null };
}
