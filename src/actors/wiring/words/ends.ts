import type { ContextOf, MachineName } from '../../../machines/cards.js';
import { placeName, runOf } from '../../../machines/message/words.js';
import type { FactOf } from '../../../machines/vocabulary/facts/facts.js';
import type { Effect } from '../../ports.js';
import { contextOf } from '../../step/reading.js';
import type { ActorState, StateView } from '../../step/state.js';
import type { SignalWord } from '../rows/rows.js';
import { externalId } from './places.js';

/** Words about actors that end outside their charts: who waits for their end, and what goes on without them. */
type Crashed<R> = SignalWord<'actor.crashed', R>;

/** The last good context of one that was of this machine. */
function lastOf<M extends MachineName>({ machine, context }: Parameters<Crashed<void>>[0], wanted: M): ContextOf<M> {
  const last = contextOf({ machine, snapshot: { context } }, wanted);
  if (last) return last;
  throw new Error(`a row of the topology means the end of a ${wanted}, and heard that of a ${machine}`);
}

export const isReply: Crashed<boolean> = ({ machine }) => machine === 'delivery';
/** Its message had come so far that the intake knows of it. */
export const isInHand: Crashed<boolean> = ({ machine, value }) =>
  machine === 'message' && value !== null && value !== 'pairing';
export const isUncounted: Crashed<boolean> = ({ machine, value }) =>
  machine === 'message' && (value === null || value === 'pairing');

export const itsMessage: Crashed<string> = (crash) => lastOf(crash, 'delivery').message;
export const replyEnded: Crashed<object> = (crash) => {
  const { event, error } = crash;
  const { id: delivery, message, ordinal, isOut } = lastOf(crash, 'delivery');
  const verdict = event === 'actor.quarantined' && isOut ? 'uncertain' : 'deadLettered';
  return { type: 'delivery.ended', delivery, message, ordinal, verdict, reason: reasonOf(event, error) };
};
/** With its replies: one of which a call is out is perhaps seen, so that its message is uncertain. */
export const messageEnded: Crashed<object> = (crash, view) => {
  const { actor, event, error } = crash;
  const context = lastOf(crash, 'message');
  const { inbound, isAside } = context;
  const isOut = repliesOf(context, view).some((id) => contextOf(view.actor(id), 'delivery')?.isOut);
  const retry = inbound.retry === undefined ? {} : { retry: inbound.retry };
  const message = inbound.id ?? actor.slice('message:'.length);
  return {
    type: 'message.ended',
    message,
    ...retry,
    verdict: isOut ? 'uncertain' : 'deadLettered',
    reason: reasonOf(event, error),
    ...(isAside ? { aside: true } : {}),
    ...(inbound.place ? { place: placeName(inbound) } : {}),
  };
};
const reasonOf = (event: string, error: string): string =>
  `${event === 'actor.quarantined' ? 'diverged' : 'crashed'}: ${error}`;

/** Living actors that are nothing without this one, and end with it. */
export function dependentsOf(actor: ActorState, view: StateView): readonly string[] {
  const context = contextOf(actor, 'message');
  if (!context) return [];
  return [...repliesOf(context, view), ...actor.open.flatMap((run) => callsOf(run, actor, view))];
}
function repliesOf({ inbound, ordinals }: ContextOf<'message'>, view: StateView): readonly string[] {
  return ordinals.map((ordinal) => `delivery:${runOf(inbound)}.${ordinal}`).filter((id) => view.actor(id));
}

/** The other replies to the same message that live. */
export const siblingsOf: SignalWord<'budget.spent', readonly string[]> = ({ message, delivery }, view) => {
  const context = contextOf(view.actor(message), 'message');
  return context ? repliesOf(context, view).filter((id) => id !== delivery) : [];
};

/** Calls of a foreign API that were asked for in this run of a handler and live. */
export function callsOf(run: string, asker: ActorState | undefined, view: StateView): readonly string[] {
  const asked = contextOf(asker, 'message')?.externals ?? 0;
  return Array.from({ length: asked }, (_, n) => externalId(run, n)).filter((id) => view.actor(id));
}
/** The run is over, however it ended: nobody waits for what it has asked for. */
export const callsOfRun = (_fact: unknown, view: StateView, effect: Effect | undefined): readonly string[] =>
  effect?.type === 'handler.run' ? callsOf(effect.id, view.actor(effect.actor), view) : [];
export const callsOfOverdue: SignalWord<'handler.overdue', readonly string[]> = ({ message }, view) => {
  const actor = view.actor(`message:${message}`);
  return (actor?.open ?? []).flatMap((run) => callsOf(run, actor, view));
};

/**
 * QQ tells some messages of groups twice; only one of the two says that the bot is mentioned, and it may be the second.
 */
export const isTwinWaitedFor = ({ message, mention }: FactOf<'message.duplicated'>, view: StateView): boolean =>
  mention !== undefined && view.actor(`message:${message}`) !== undefined;
