import { bearing, heard } from '../../../machines/kit/heard.js';
import type { Place } from '../../../machines/vocabulary/base.js';
import type { BotOptions } from '../../../machines/vocabulary/options/options.js';
import { contextOf } from '../../step/reading.js';
import type { StateView } from '../../step/state.js';
import type { FactWord } from '../rows/rows.js';
import { isCounted } from './outcomes.js';
import { laneOf, optionsOf, READS } from './places.js';

/**
 * Reading channels back: QQ gives what stands in them to private bots, which are the ones that may ask for
 * GUILD_MESSAGES.
 */
const GUILD_MESSAGES = 1 << 9;
export const OWN_MESSAGES = 'ownMessages';
const IN_DOUBT: readonly unknown[] = ['doubting', 'awaitingReading', 'reading'];

function mayReadBack(options: BotOptions): boolean {
  // Lives that did not know the option did not read.
  return options.delivery.verifyUncertain === true && (options.gateway.intents & GUILD_MESSAGES) !== 0;
}

/** The actor that knows our messages lives from the first life on that may read channels. */
export const isReading: FactWord<'run.started', boolean> = ({ options }) => mayReadBack(options);

/** Whether a new delivery to this place may later read it back. */
export function readsBack({ kind }: Place, view: StateView): { readsBack?: true } {
  if (kind !== 'guild' || !mayReadBack(optionsOf(view))) return {};
  return view.actor(OWN_MESSAGES)?.snapshot.value === 'reading' ? { readsBack: true } : {};
}

const knowsOurs = (view: StateView): boolean => mayReadBack(optionsOf(view)) && view.actor(OWN_MESSAGES) !== undefined;
/** A message of ours stands in a channel. Under audit it does not yet. */
export const isSeenInChannel: FactWord<'call.succeeded', boolean> = (fact, view, effect) =>
  isCounted(null, null, effect) &&
  bearing(effect!, 'place').place.kind === 'guild' &&
  fact.class !== 'underAudit' &&
  knowsOurs(view);
export const isOurs: FactWord<'audit.passed', boolean> = (_fact, view) => knowsOurs(view);
export const messageSent: FactWord<'call.succeeded', object> = ({ messageId }) => sent(messageId);
export const messagePassed: FactWord<'audit.passed', object> = ({ message }) => sent(message);
const sent = (message: string | null): object => ({ type: 'message.sent', message });

type Checked<R> = FactWord<'channel.checked', R>;
/** Under a permit of the breaker for readings. That our token is refused is told by calls. */
export const isJudged: Checked<boolean> = ({ class: kind }, _view, effect) =>
  effect !== undefined && heard(effect, 'channel.check').breaker === READS && kind !== 'auth';
export const isUnjudged: Checked<boolean> = (fact, view, effect) =>
  effect !== undefined && !isJudged(fact, view, effect);
/** To its breaker as the end of a call like any other, but how long it took is not judged. */
export const asEndOfReading: Checked<object> = ({ class: kind }, _view, effect) => {
  const { permit, place } = heard(effect!, 'channel.check');
  const type = kind === 'ok' ? 'call.succeeded' : 'call.failed';
  return { type, class: kind, latencyMs: 0, status: null, retryAfterMs: null, permit, target: laneOf(place) };
};

/** With whose doubt it is, since when, and whether no other reply of that channel is under way. */
export const withDoubt: FactWord<'channel.checked', object> = (fact, view, effect) => {
  const { delivery } = heard(effect!, 'channel.check');
  const reply = contextOf(view.actor(delivery), 'delivery');
  const lane = reply && contextOf(view.actor(reply.lane), 'lane');
  const holders = Object.keys(lane?.holders ?? {});
  const isAlone = holders.every((id) => id === delivery || IN_DOUBT.includes(view.actor(id)?.snapshot.value));
  return { ...fact, delivery, receivedAt: reply?.receivedAt ?? 0, isAlone };
};
