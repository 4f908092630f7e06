import type { EventObject } from 'xstate';
import type { LaneContext } from '../../machines/lane/chart.js';
import type { Place, Stamped } from '../../machines/vocabulary/base.js';
import type { EffectOf } from '../../machines/vocabulary/effects.js';
import type { FactOf } from '../../machines/vocabulary/facts.js';
import { type BotOptions, defaultOptions } from '../../machines/vocabulary/options.js';
import type { Effect } from '../ports.js';
import type { Route } from '../step/routes.js';
import type { StateView } from '../step/state.js';

/** Reading channels back: QQ gives what stands in them to private bots, which are the ones that may ask for GUILD_MESSAGES. */
const GUILD_MESSAGES = 1 << 9;
export const OWN_MESSAGES = 'ownMessages';
const IN_DOUBT: readonly unknown[] = ['doubting', 'awaitingReading', 'reading'];

function mayReadBack(options: BotOptions): boolean {
  // Lives that did not know the option did not read.
  return options.delivery.verifyUncertain === true && (options.gateway.intents & GUILD_MESSAGES) !== 0;
}

/** The actor that knows our messages, born with the first life that may read channels. */
export function ownMessagesOf({ options, epoch }: Stamped<FactOf<'run.started'>>): readonly Route[] {
  if (!mayReadBack(options)) return [];
  const input = { epoch, permissionMs: options.features.permissionMs };
  return [{ to: OWN_MESSAGES, spawn: { machine: 'ownMessages', input, deliver: false } }];
}

/** Whether a new delivery to this place may later read it back. */
export function readsBack({ kind }: Place, view: StateView): { readsBack?: true } {
  if (kind !== 'guild' || !mayReadBack(view.options ?? defaultOptions)) return {};
  return view.actor(OWN_MESSAGES)?.snapshot.value === 'reading' ? { readsBack: true } : {};
}

/** A message of ours stands in a channel. Under audit it does not yet. */
export function sentRoutes(fact: FactOf<'call.succeeded'>, { kind }: Place, view: StateView): readonly Route[] {
  if (kind !== 'guild' || fact.class === 'underAudit') return [];
  return knownRoutes(fact.messageId, view);
}
export function knownRoutes(message: string | null, view: StateView): readonly Route[] {
  if (!mayReadBack(view.options ?? defaultOptions) || !view.actor(OWN_MESSAGES)) return [];
  return [{ to: OWN_MESSAGES, event: { type: 'message.sent', message } as EventObject }];
}

/** What was read goes to the one who knows our messages; the permit goes back: a reading says nothing about sending. */
export function checkedRoutes(
  fact: Stamped<FactOf<'channel.checked'>>,
  effect: (EffectOf<'channel.check'> & Effect) | undefined,
  view: StateView,
): readonly Route[] {
  if (!effect) return [];
  const { permit, breaker, delivery } = effect;
  const { lane, receivedAt } = (view.actor(delivery)?.snapshot.context ?? {}) as { lane?: string; receivedAt?: number };
  const holders = Object.keys((view.actor(lane ?? '')?.snapshot.context as LaneContext | undefined)?.holders ?? {});
  const isAlone = holders.every((id) => id === delivery || IN_DOUBT.includes(view.actor(id)?.snapshot.value));
  return [
    { to: breaker, event: { type: 'permit.released', breaker, permit } as EventObject },
    { to: OWN_MESSAGES, event: { ...fact, delivery, receivedAt: receivedAt ?? 0, isAlone } as object as EventObject },
  ];
}

/** A permit to read is no permit to try a form. */
export function isToRead(delivery: string, view: StateView): boolean {
  return view.actor(delivery)?.snapshot.value === 'awaitingReading';
}
