import type { EventObject } from 'xstate';
import { type ContextOf, cardOf } from '../../machines/cards.js';
import { joined, nobody } from '../../machines/intake/crowd.js';
import { at } from '../../machines/kit/byKey.js';
import { withdraw } from '../../machines/kit/deadlineQueue.js';
import { placeName } from '../../machines/message/words.js';
import type { Lease, Self } from '../../machines/vocabulary/leases.js';
import type { Signal } from '../../machines/vocabulary/signals.js';
import { contextOf } from '../step/reading.js';
import type { Passage, Route } from '../step/routes.js';
import type { ActorState, StateView } from '../step/state.js';
import { type SignalWord, to } from './rows/rows.js';
import { anew } from './words/births.js';
import { canariesOf } from './words/degradation.js';
import { MESSAGES, OF_QQ } from './words/places.js';

/** Who holds and who waits for what: read from states and open effects by the cards of the machines that ask. */
const NONE: readonly Lease[] = [];

export function leasesOf(id: string, { machine, snapshot, open }: Asker, view: StateView): readonly Lease[] {
  const card = cardOf(machine);
  if (!card?.leases) return NONE;
  const { value, context } = snapshot;
  return card.leases({ id, value, context: context as never, permits: open.length === 0 ? [] : permitsOf(open, view) });
}
type Asker = Pick<ActorState, 'machine' | 'snapshot' | 'open'>;

function permitsOf(open: readonly string[], view: StateView): Self<never>['permits'] {
  return open.flatMap((id) => {
    const effect = view.openEffect(id);
    return effect && 'permit' in effect ? [{ breaker: effect.breaker, permit: effect.permit }] : [];
  });
}

/** The breaker in whose line a reply stands; none: its grant is under way. */
export const lineOf: SignalWord<'permit.cancelled', readonly string[]> = ({ delivery, deadline }, view) =>
  OF_QQ.filter((id) => {
    const waiting = contextOf(view.actor(id), 'circuitBreaker', 'operatorBreaker')?.waiting;
    return waiting !== undefined && withdraw(waiting, { delivery, deadline }) !== waiting;
  });

/** What goes back when a grant finds nobody who waits for it. */
export function refusalOf(to: string, grant: EventObject, giver: string, view: StateView): Signal {
  const signal = grant as Extract<Signal, { type: 'slot.granted' | 'turn.granted' | 'permit.granted' }>;
  if (signal.type === 'slot.granted') return { type: 'slot.released', message: signal.message };
  if (signal.type === 'permit.granted')
    return { type: 'permit.released', breaker: signal.breaker, permit: signal.permit };
  const holders = contextOf(view.actor(giver), 'lane')?.holders;
  return {
    type: 'turn.returned',
    delivery: to,
    lane: giver,
    key: (holders && at(holders, to)) ?? '',
    startedAt: null,
    blockedMs: null,
  };
}

export function waitsAt({ ask, back }: Lease, view: StateView): string | null {
  if (ask.type === 'slot.requested') return 'intake';
  if (ask.type === 'turn.requested') return ask.lane;
  if (ask.type === 'permit.requested' && ask.breaker !== undefined) return ask.breaker;
  return back.type === 'permit.cancelled' ? (lineOf(back, view, '')[0] ?? null) : null;
}

/** States of a reply on its way to QQ in the form that it tries: its picture is uploaded first. */
const TRYING: readonly unknown[] = ['awaitingUpload', 'uploading', 'awaitingPermit', 'sending'];

/**
 * A canary's try lasts as long as its call, its upload before it, and goes back undecided when that says nothing about
 * the form.
 */
export function triesOf(id: string, { before, after, said }: Passage, view: StateView): readonly Route[] {
  if (before.machine !== 'delivery') return [];
  const was = before.snapshot.value;
  const isOver = TRYING.includes(was) && (!TRYING.includes(after) || (was === 'sending' && after === 'awaitingPermit'));
  if (!isOver || said.some(({ type }) => type === 'form.refused')) return [];
  return canariesOf(id, view).map((feature) => to(feature, { type: 'form.undecided', delivery: id }));
}

/**
 * An actor that was taken out and must live is born again in the same step, with what is remembered of the one before
 * and what is out of its hands. Others than these stay away.
 */
export function bornAnew(id: string, before: ActorState, view: StateView): Route | null {
  const { machine } = before;
  const input = anew(machine, view);
  return input && { to: id, spawn: { machine, input: { ...input, ...leftOf(id, before, view) }, deliver: false } };
}

function leftOf(id: string, before: ActorState, view: StateView): object {
  const { machine } = before;
  // A permit of the one before has another generation: recorded, never counted.
  if (machine === 'ownMessages') return { epoch: view.epoch };
  if (machine === 'operatorBreaker') return { generation: view.seq };
  if (machine === 'circuitBreaker') return { generation: view.seq, held: id === MESSAGES };
  const lane = contextOf(before, 'lane');
  if (lane) return { holders: holdersOf(id, view), sentAt: lane.sentAt };
  const intake = contextOf(before, 'intake');
  return intake ? { left: { ...inHandOf(intake, view), isStillFull: before.snapshot.value === 'full' } } : {};
}

function holdersOf(lane: string, view: StateView): { readonly [delivery: string]: string } {
  const holders: [string, string][] = [];
  for (const id of view.living()) {
    for (const { kind, isHeld, ask } of leasesOf(id, view.actor(id) as ActorState, view))
      if (kind === 'turn' && isHeld && ask.type === 'turn.requested' && ask.lane === lane) holders.push([id, ask.key]);
  }
  return Object.fromEntries(holders);
}

/** Messages in hand that hold a slot, or need none any more; those that wait for one ask again and are counted then. */
function inHandOf(before: ContextOf<'intake'>, view: StateView): object {
  let handling = 0;
  let replying = 0;
  let aside = 0;
  let crowd = nobody;
  for (const id of view.living()) {
    const actor = view.actor(id);
    const message = contextOf(actor, 'message');
    if (!actor || !message) continue;
    const { value } = actor.snapshot;
    if (message.isAside) aside += 1;
    if (value === 'handling' || value === 'pausing') handling += 1;
    else if (value === 'replying') replying += 1;
    else continue;
    crowd = joined(crowd, placeName(message.inbound));
  }
  const { ended, duplicates, deadLetters, good, bad } = before;
  const inHand = handling + replying;
  const received = Object.values(ended).reduce((sum, count) => sum + count, inHand);
  return { handling, inHand, aside, crowd, received, ended, duplicates, deadLetters, good, bad };
}
