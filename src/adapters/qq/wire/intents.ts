import { IntentEvents } from 'qq-guild-bot';
import { UnknownName } from '../../../base/nearest.js';
import { EVENT_ROWS } from './decodeEvents.js';

/** Names that QQ's documents have and qq-guild-bot 2.9.5 lacks. */
const MISSING = {
  OPEN_FORUMS_EVENT: 1 << 18,
  AUDIO_OR_LIVE_CHANNEL_MEMBER: 1 << 19,
  ENTER_AIO: 1 << 23,
  GROUP_MEMBERS: 1 << 24,
  GROUP_AND_C2C_EVENT: 1 << 25,
};

/**
 * Every intent and its bit. The package's `IntentEvents` holds masks and agrees with the documents; its `Intents` holds
 * bit numbers under other names and is not used.
 */
export const INTENTS: Readonly<Record<string, number>> = Object.freeze({ ...IntentEvents, ...MISSING });

/** The mask of these names. Throws UnknownName, which lists the valid ones. */
export function intentsOf(names: readonly string[]): number {
  let mask = 0;
  for (const name of names) {
    const bit = Object.hasOwn(INTENTS, name) ? INTENTS[name] : undefined;
    if (bit === undefined) throw new UnknownName('intent', name, Object.keys(INTENTS));
    mask |= bit;
  }
  return mask;
}

/** Intents that an author's handlers need beside the default ones. */
export function intentsOfModule({ on = {}, onGroupMessage, onButton }: Handlers): number {
  const wanted = new Set(Object.keys(on));
  const names = EVENT_ROWS.flatMap(({ type, intent }) => (intent !== null && wanted.has(type) ? [intent] : []));
  if (onGroupMessage) names.push('GROUP_AND_C2C_EVENT');
  if (onButton || wanted.has('interaction.created')) names.push('INTERACTION');
  return intentsOf(names);
}
type Handlers = { readonly on?: object; readonly onGroupMessage?: unknown; readonly onButton?: unknown };

/** The names in a mask, lowest bit first; a bit without a name is `bit N`. */
export function namesOfIntents(mask: number): readonly string[] {
  const names: string[] = [];
  for (let bit = 0; bit < 31; bit += 1) {
    if ((mask & (1 << bit)) === 0) continue;
    const found = Object.entries(INTENTS).find(([, value]) => value === 1 << bit);
    names.push(found ? found[0] : `bit ${bit}`);
  }
  return names;
}
