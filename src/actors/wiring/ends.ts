import type { DeliveryContext } from '../../machines/delivery/context.js';
import { type MessageContext, placeName, runOf } from '../../machines/message/chart.js';
import type { FactOf } from '../../machines/vocabulary/facts.js';
import type { Effect } from '../ports.js';
import type { ActorState, StateView } from '../step/state.js';
import { externalId } from './places.js';
import type { SignalWord } from './rows.js';

/** Words about actors that end outside their charts: who waits for their end, and what goes on without them. */
type Crashed<R> = SignalWord<'actor.crashed', R>;

export const isReply: Crashed<boolean> = ({ machine }) => machine === 'delivery';
/** Its message had come so far that the intake knows of it. */
export const isInHand: Crashed<boolean> = ({ machine, value }) =>
  machine === 'message' && value !== null && value !== 'pairing';
export const isUncounted: Crashed<boolean> = ({ machine, value }) =>
  machine === 'message' && (value === null || value === 'pairing');

export const itsMessage: Crashed<string> = ({ context }) => (context as DeliveryContext).message;
export const replyEnded: Crashed<object> = ({ context, event, error }) => {
  const { id: delivery, message, ordinal, isOut } = context as DeliveryContext;
  const verdict = event === 'actor.quarantined' && isOut ? 'uncertain' : 'deadLettered';
  return { type: 'delivery.ended', delivery, message, ordinal, verdict, reason: reasonOf(event, error) };
};
/** With its replies: one of which a call is out is perhaps seen, so that its message is uncertain. */
export const messageEnded: Crashed<object> = ({ actor, context, event, error }, view) => {
  const { inbound, isAside } = context as MessageContext;
  const isOut = repliesOf(context as MessageContext, view).some(
    (id) => (view.actor(id) as ActorState).snapshot.context.isOut,
  );
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
export function dependentsOf({ machine, snapshot, open }: ActorState, view: StateView): readonly string[] {
  if (machine !== 'message') return [];
  const context = snapshot.context as MessageContext;
  return [...repliesOf(context, view), ...open.flatMap((run) => callsOf(run, context, view))];
}
function repliesOf({ inbound, ordinals }: MessageContext, view: StateView): readonly string[] {
  return ordinals.map((ordinal) => `delivery:${runOf(inbound)}.${ordinal}`).filter((id) => view.actor(id));
}

/** The other replies to the same message that live. */
export const siblingsOf: SignalWord<'budget.spent', readonly string[]> = ({ message, delivery }, view) => {
  const context = view.actor(message)?.snapshot.context as MessageContext | undefined;
  return context ? repliesOf(context, view).filter((id) => id !== delivery) : [];
};

/** Calls of a foreign API that were asked for in this run of a handler and live. */
export function callsOf(run: string, context: unknown, view: StateView): readonly string[] {
  const asked = (context as Partial<MessageContext> | undefined)?.externals ?? 0;
  return Array.from({ length: asked }, (_, n) => externalId(run, n)).filter((id) => view.actor(id));
}
/** The run is over, however it ended: nobody waits for what it has asked for. */
export const callsOfRun = (_fact: unknown, view: StateView, effect: Effect | undefined): readonly string[] =>
  effect?.type === 'handler.run' ? callsOf(effect.id, view.actor(effect.actor)?.snapshot.context, view) : [];
export const callsOfOverdue: SignalWord<'handler.overdue', readonly string[]> = ({ message }, view) => {
  const actor = view.actor(`message:${message}`);
  return (actor?.open ?? []).flatMap((run) => callsOf(run, actor?.snapshot.context, view));
};

/** QQ tells some messages of groups twice; only one of the two says that the bot is mentioned, and it may be the second. */
export const isTwinWaitedFor = ({ message, mention }: FactOf<'message.duplicated'>, view: StateView): boolean =>
  mention !== undefined && view.actor(`message:${message}`) !== undefined;
