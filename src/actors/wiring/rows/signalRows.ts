import type { EventObject } from 'xstate';
import { actorsOf, offBy } from '../../../machines/vocabulary/replies/features.js';
import type { Route } from '../../step/routes.js';
import { lineOf } from '../leases.js';
import { breakerOnDemand, laneOnDemand, newDelivery, newMessage } from '../words/births.js';
import { featureToTry, itsDelivery, withFormsThatAreOff } from '../words/degradation.js';
import {
  callsOfOverdue,
  isInHand,
  isReply,
  isUncounted,
  itsMessage,
  messageEnded,
  replyEnded,
  siblingsOf,
} from '../words/ends.js';
import { isAdmitting, MESSAGES, OF_QQ, OPERATOR, READS, UPLOADS } from '../words/places.js';
import { HANDLER_BAD } from './outcomeRows.js';
import type { SignalRows, SignalWord } from './rows.js';

/** Who hears what actors tell each other. */
type About = { readonly message: string };
const messageOf = ({ message }: About): string => `message:${message}`;
const deliveryOf = ({ delivery }: { readonly delivery: string }): string => delivery;
const laneOf = ({ lane }: { readonly lane: string }): string => lane;
const breakerOf = ({ breaker = '' }: { readonly breaker?: string }): string => breaker;
const senderOf = (_signal: unknown, _view: unknown, from: string): string => from;

const retriedBorn: SignalWord<'message.retried', readonly Route[]> = ({ message, receivedAt }, view) => [
  newMessage(message, view, receivedAt),
];
const repliesBorn: SignalWord<'deliveries.requested', readonly Route[]> = (signal, view) =>
  signal.replies.map((_, i) => newDelivery(signal, i, view));
const replyOfMessage: SignalWord<'delivery.ended' | 'audit.awaited', string> = ({ message }) => message;
const theirTurn: SignalWord<'turn.granted', readonly string[]> = ({ deliveries }) => deliveries;
const hasUploads: SignalWord<'token.changed', boolean> = (_signal, view) => view.actor(UPLOADS) !== undefined;
const isToUpload: SignalWord<'permit.requested', boolean> = ({ breaker }) => breaker === UPLOADS;
const isToRead: SignalWord<'permit.requested', boolean> = ({ breaker }) => breaker === READS;
const isToSend: SignalWord<'permit.requested', boolean> = ({ breaker }) => breaker === undefined;
/** An operator's command goes by the reserved breaker while the main one admits nothing. */
const mainOrReserved: SignalWord<'permit.requested', string> = ({ operator }, view) =>
  operator && !isAdmitting(view) ? OPERATOR : MESSAGES;
const isMain: SignalWord<'breaker.opened' | 'breaker.closed', boolean> = ({ breaker }) => breaker === MESSAGES;
const isIll: SignalWord<'health.changed', boolean> = ({ to }) => to === 'degraded' || to === 'unhealthy';
const itsFeature: SignalWord<'form.refused', string> = ({ feature }) => `feature:${feature}`;
const countedAndRefused = (): EventObject => ({ type: 'message.received' });

const BOT = [{ to: 'bot' }] as const;
const INTAKE = { from: ['message'], rows: [{ to: 'intake' }] } as const;
const SLOT = { from: ['intake'], rows: [{ to: 'message', ids: messageOf }] } as const;
const LOAD = { from: ['recovery'], rows: [{ to: 'intake' }, { to: MESSAGES }] } as const;
/** Two kinds of actors ask breakers for permits, each its own. */
type OfAsker = { readonly delivery: string };
const isReplys = ({ delivery }: OfAsker): boolean => !delivery.startsWith('external:');
const isCalls = ({ delivery }: OfAsker): boolean => delivery.startsWith('external:');
const isOfForeignApi = ({ breaker = '' }: { readonly breaker?: string }): boolean =>
  breaker.startsWith('breaker:external:');
const isOfQQ = (lease: { readonly breaker: string }): boolean => !isOfForeignApi(lease);
const TO_CALL = { to: 'external', from: ['breaker:external'], when: isCalls, ids: deliveryOf } as const;

export const SIGNALS: SignalRows = {
  'token.changed': { from: ['token'], rows: [{ to: 'gateway' }, { to: MESSAGES }, { to: UPLOADS, when: hasUploads }] },
  'token.refused': { from: ['token'], rows: BOT },
  'token.rejected': { from: ['gateway', 'recovery'], rows: [{ to: 'token' }] },
  'gateway.readied': {
    from: ['gateway'],
    rows: [
      { to: 'bot' },
      { to: MESSAGES },
      { to: 'intake' },
      { to: 'health:gateway', as: 'part.found', rule: 'P35 a session is a gateway that is well' },
      { to: 'recovery' },
    ],
  },
  'gateway.lost': {
    from: ['gateway'],
    rows: [
      { to: MESSAGES },
      { to: 'intake' },
      { to: 'health:gateway', as: 'part.lost', rule: 'P36 a lost session is a gateway that is ill' },
    ],
  },
  'gateway.stopped': { from: ['gateway'], rows: BOT },

  'slot.requested': INTAKE,
  'slot.released': INTAKE,
  'slot.cancelled': INTAKE,
  'slot.granted': SLOT,
  'slot.denied': SLOT,
  'message.ended': INTAKE,
  'message.setAside': INTAKE,
  'message.retried': {
    from: ['intake'],
    rows: [
      { to: 'message', born: retriedBorn, rule: 'P37 a dead letter that is handled again is a message of its own' },
    ],
  },
  'sources.paused': { from: ['intake'], rows: [{ to: 'gateway' }] },
  'sources.resumed': { from: ['intake'], rows: [{ to: 'gateway' }] },
  'intake.drained': { from: ['intake'], rows: BOT },
  'drain.started': { from: ['bot'], rows: [{ to: 'gateway' }, { to: 'intake' }, { to: 'recovery' }] },

  'deliveries.requested': {
    from: ['message'],
    rows: [{ to: 'delivery', born: repliesBorn, rule: 'P38 one delivery for each reply' }],
  },
  'delivery.ended': { from: ['delivery'], rows: [{ to: 'message', ids: replyOfMessage }] },
  'budget.spent': {
    from: ['delivery'],
    rows: [
      {
        to: 'delivery',
        ids: siblingsOf,
        rule: 'P52 the other replies to a message that takes no more for now wait as long',
      },
    ],
  },
  'audit.awaited': { from: ['delivery'], rows: [{ to: 'message', ids: replyOfMessage }] },
  'audit.ended': { from: ['audits'], rows: [{ to: 'delivery', ids: deliveryOf }] },
  'doubt.settled': { from: ['ownMessages'], rows: [{ to: 'delivery', ids: deliveryOf }] },

  'turn.requested': {
    from: ['delivery'],
    rows: [{ to: 'lane', born: laneOnDemand, rule: 'P39 a lane is made when its channel first needs it' }],
  },
  'turn.granted': { from: ['lane'], rows: [{ to: 'delivery', ids: theirTurn }] },
  'turn.denied': { from: ['lane'], rows: [{ to: 'delivery', ids: deliveryOf }] },
  'turn.returned': { from: ['delivery'], rows: [{ to: 'lane', ids: laneOf }] },

  'permit.requested': {
    from: ['delivery', 'external'],
    rows: [
      {
        to: [MESSAGES, OPERATOR],
        from: ['delivery'],
        when: isToSend,
        ids: mainOrReserved,
        rule: 'P40 an operator’s command goes by the reserved breaker while the main one admits nothing',
      },
      {
        to: READS,
        from: ['delivery'],
        when: isToRead,
        born: breakerOnDemand,
        rule: 'P54 readings have a breaker of their own, made when a channel is first read back',
      },
      {
        to: UPLOADS,
        from: ['delivery'],
        when: isToUpload,
        born: breakerOnDemand,
        rule: 'P57 uploads of pictures have a breaker of their own, made when the first is wanted',
      },
      {
        to: 'breaker:external',
        from: ['external'],
        when: isOfForeignApi,
        born: breakerOnDemand,
        rule: 'P41 the breaker of a foreign API is made when it is first called',
      },
    ],
  },
  'permit.granted': {
    from: [...OF_QQ, 'breaker:external'],
    rows: [
      {
        to: 'feature',
        from: [MESSAGES],
        ids: featureToTry,
        as: 'form.wanted',
        event: itsDelivery,
        rule: 'P42 a feature that waits for a reply to try it takes this one as its canary, when that is the form it would use',
      },
      {
        to: 'delivery',
        from: OF_QQ,
        when: isReplys,
        ids: deliveryOf,
        lateEvent: withFormsThatAreOff,
        rule: 'P43 a reply is told which forms are off now',
      },
      TO_CALL,
    ],
  },
  'permit.denied': {
    from: [...OF_QQ, 'breaker:external'],
    rows: [{ to: 'delivery', from: OF_QQ, when: isReplys, ids: deliveryOf }, TO_CALL],
  },
  'permit.cancelled': {
    from: ['delivery', 'external'],
    rows: [
      {
        to: OF_QQ,
        from: ['delivery'],
        when: isReplys,
        ids: lineOf,
        rule: 'P44 at whichever breaker it stands in line',
      },
      { to: 'breaker:external', from: ['external'], when: isCalls, ids: breakerOf },
    ],
  },
  'permit.released': {
    from: ['delivery', 'external'],
    rows: [
      { to: OF_QQ, from: ['delivery'], when: isOfQQ, ids: breakerOf },
      { to: 'breaker:external', from: ['external'], when: isOfForeignApi, ids: breakerOf },
    ],
  },
  'breaker.opened': {
    from: [MESSAGES],
    rows: [{ to: 'health:send', when: isMain, as: 'part.lost', rule: 'P45 the open breaker is sending that is ill' }],
  },
  'breaker.closed': {
    from: [MESSAGES],
    rows: [
      { to: 'health:send', when: isMain, as: 'part.found', rule: 'P46 the closed breaker is sending that is well' },
    ],
  },
  'evidence.gathered': { from: [OPERATOR], rows: [{ to: MESSAGES, ids: breakerOf }] },
  'probe.requested': { from: ['recovery'], rows: [{ to: MESSAGES, ids: breakerOf }] },
  'form.refused': { from: ['delivery'], rows: [{ to: 'feature', ids: itsFeature }] },

  'handler.overdue': {
    from: ['message'],
    rows: [
      { to: 'external', ids: callsOfOverdue, as: 'run.ended', rule: 'P2 a run that is over waits for no foreign call' },
      HANDLER_BAD,
    ],
  },
  'health.changed': {
    from: ['health'],
    rows: [{ to: 'recovery', when: isIll, rule: 'P47 what falls ill is diagnosed at once' }],
  },
  'network.failed': { from: ['recovery'], rows: [{ to: actorsOf(offBy('network')) }] },
  'caches.cleared': { from: ['recovery'], rows: [{ to: 'gateway' }] },
  'reconnect.advised': { from: ['recovery'], rows: [{ to: 'gateway' }] },
  'load.reduced': LOAD,
  'load.restored': LOAD,
  'recovery.stuck': { from: ['recovery'], rows: BOT },

  'actor.crashed': {
    from: null,
    rows: [
      {
        to: 'message',
        when: isReply,
        ids: itsMessage,
        as: 'delivery.ended',
        event: replyEnded,
        rule: 'P48 the message of a reply that is no more hears of its end',
      },
      {
        to: 'intake',
        when: isInHand,
        as: 'message.ended',
        event: messageEnded,
        rule: 'P49 the account takes in a message that is no more',
      },
      {
        to: 'intake',
        when: isUncounted,
        as: 'message.received',
        event: countedAndRefused,
        rule: 'P50 one that was never counted is received and refused',
      },
    ],
  },
  'signal.undeliverable': { from: null, rows: [{ to: 'any', ids: senderOf }] },
};
