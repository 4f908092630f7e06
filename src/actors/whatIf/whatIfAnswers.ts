import type { Stamped } from '../../machines/vocabulary/base.js';
import type { Fact } from '../../machines/vocabulary/facts/facts.js';
import type { Effect } from '../ports.js';
import type { RecordedEffect } from './whatIfRecorded.js';

/**
 * A call that the other policy makes this much earlier or later than the recorded one is still the same call. Beyond it
 * the recorded outcome would tell of another moment: the nearest recorded call of that route tells better.
 */
export const SAME_TIME_MS = 1_000;

export interface Answer {
  readonly afterMs: number;
  readonly fact: Fact;
  /** The recorded fact's id. */
  readonly id: string | null;
}

/**
 * What comes of an effect, told by a recorded one like it. Where the record has none at all: a call succeeds at once,
 * everything else stays without an answer.
 */
export function answersFor(effect: Effect, witness: RecordedEffect | undefined, at: number): readonly Answer[] {
  if (effect.type === 'call.start' && effect.rehearse) return [{ afterMs: 0, fact: rehearsed(effect.id), id: null }];
  if (!witness) return effect.type === 'call.start' ? [{ afterMs: 0, fact: accepted(effect.id, 0), id: null }] : [];
  if (effect.type === 'channel.check' && isOtherMessage(effect, witness.effect))
    return [{ afterMs: 0, fact: unread(effect.id), id: null }];
  const isOther = witness.effect.id !== effect.id || witness.at !== at;
  return witness.answers.map(({ fact }) => ({
    afterMs: fact.at - witness.at,
    fact: isOther ? copied(fact, effect, witness, at) : fact,
    id: fact.id,
  }));
}

/** The recorded answer for another effect: its names, and times counted from now. */
function copied(fact: Stamped<Fact>, effect: Effect, witness: RecordedEffect, at: number): Fact {
  const { id: _id, at: _at, ...rest } = fact;
  if ('socket' in rest) return { ...rest, socket: effect.id } as Fact;
  const named = { ...rest, effectId: effect.id } as Fact;
  if (named.type === 'token.fetched') return { ...named, expiresAt: named.expiresAt + (at - witness.at) };
  // An audit or a duplicate belongs to the message that it was told of; for another one it means "taken".
  if (named.type === 'call.succeeded' && isOtherMessage(effect, witness.effect))
    return accepted(effect.id, named.latencyMs);
  return named;
}

function isOtherMessage(effect: Effect, other: Effect): boolean {
  if (effect.type === 'channel.check') return other.type !== effect.type || effect.delivery !== other.delivery;
  if (effect.type !== 'call.start' || other.type !== 'call.start') return effect.type === 'call.start';
  return effect.delivery !== other.delivery || effect.attempt !== other.attempt;
}

function accepted(effectId: string, latencyMs: number): Fact {
  return { type: 'call.succeeded', effectId, class: 'ok', status: 200, code: null, latencyMs, messageId: null };
}
/** What stands in a channel tells nothing of another message: it stays in doubt. */
function unread(effectId: string): Fact {
  return { type: 'channel.checked', effectId, class: 'ok', code: null, matches: [], isWhole: false };
}
function rehearsed(effectId: string): Fact {
  const nothing = { status: null, latencyMs: 0, retryAfterMs: null, traceId: null };
  return { type: 'call.failed', effectId, class: 'transient', code: 'REHEARSED', ...nothing };
}
