import { RESERVED as OPERATOR, READS } from '../../../machines/delivery/context.js';
import { UPLOADS } from '../../../machines/delivery/pictures.js';
import type { Place } from '../../../machines/vocabulary/base.js';
import { type BotOptions, defaultOptions } from '../../../machines/vocabulary/options/options.js';
import type { StateView } from '../../step/state.js';

/** Ids by which the rows find actors, and what they read of the whole. */
export const MESSAGES = 'breaker:messages';
export { OPERATOR, READS, UPLOADS };
/** The breakers of QQ's services, where replies ask. */
export const OF_QQ = [MESSAGES, OPERATOR, READS, UPLOADS] as const;

export function laneOf(place: Place): string {
  if (place.kind === 'direct') return `lane:dm:${place.guildId}`;
  return place.kind === 'guild' ? `lane:${place.channelId}` : `lane:${place.kind}:${place.channelId}`;
}
export const externalId = (run: string, ordinal: number): string => `external:${run}.${ordinal}`;

export function optionsOf(view: StateView): BotOptions {
  return view.options ?? defaultOptions;
}

export function isAdmitting(view: StateView, breaker = MESSAGES): boolean {
  return view.actor(breaker)?.snapshot.hasTag('admitting') ?? false;
}
