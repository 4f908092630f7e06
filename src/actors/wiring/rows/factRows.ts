import { HEALTH_PARTS } from '../../../machines/vocabulary/base.js';
import { FEATURES } from '../../../machines/vocabulary/replies/features.js';
import type { Route } from '../../step/routes.js';
import { acknowledgement, alwaysLiving, newMessage, ownMessagesBorn } from '../words/births.js';
import * as heal from '../words/degradation.js';
import { isTwinWaitedFor } from '../words/ends.js';
import { MESSAGES, OF_QQ, optionsOf, READS, UPLOADS } from '../words/places.js';
import * as reading from '../words/readingBack.js';
import { HANDLER_BAD, LIMITED, OUTCOMES } from './outcomeRows.js';
import type { Entry, FactRows, FactWord } from './rows.js';

/** Who hears what has happened. */
const FRAME: Entry<unknown, unknown> = { from: ['qqGateway'], rows: [{ to: 'gateway' }] };

/** Of what else happens the gateway wants the sequence number. */
const numbered = ({ socket, s }: { readonly socket: string; readonly s: number | null }): object => ({
  type: 'event.received',
  socket,
  s,
});
const NUMBERED = {
  to: 'gateway',
  as: 'event.received',
  event: numbered,
  rule: 'P1 it wants the sequence number of whatever happens',
} as const;
const EVENT = { from: ['qqGateway'], rows: [NUMBERED] } as const;

const isByBot: FactWord<'message.received', boolean> = ({ message }) => message.author.bot;
const isByUser: FactWord<'message.received', boolean> = ({ message }) => !message.author.bot;
const isPressed: FactWord<'message.received', boolean> = ({ message }) =>
  !message.author.bot && message.pressed === true;
const messageBorn: FactWord<'message.received', readonly Route[]> = ({ message }, view) => [newMessage(message, view)];
const pressTaken: FactWord<'message.received', readonly Route[]> = ({ message }, view) => [
  acknowledgement(message.id, view),
];
const interactionTaken: FactWord<'interaction.created', readonly Route[]> = ({ interaction }, view) => [
  acknowledgement(interaction, view),
];
const itsTwin: FactWord<'message.duplicated', string> = ({ message }) => `message:${message}`;
const mentionTold: FactWord<'message.duplicated', object> = ({ mention, work, timeoutMs }) => ({
  type: 'mention.told',
  content: mention,
  ...(work === undefined ? {} : { work }),
  ...(timeoutMs === undefined ? {} : { timeoutMs }),
});
const itsBreaker = ({ breaker }: { readonly breaker: string }): string => breaker;
const itsFeature = ({ feature }: { readonly feature: string }): string => `feature:${feature}`;
const isForced: FactWord<'recovery.requested', boolean> = ({ force }) => force;
const everyBreaker: FactWord<'recovery.requested', readonly string[]> = ({ breakers }, view) => [
  MESSAGES,
  ...[READS, UPLOADS].filter((id) => view.actor(id)),
  ...breakers,
];
const everyFeature = (): readonly string[] => FEATURES.map((name) => `feature:${name}`);
const everyPart = (): readonly string[] => HEALTH_PARTS.map((part) => `health:${part}`);
/** The end of the reply window stands in the options; the intake judges by it. */
const withDeadline: FactWord<'operator.retried', object> = (fact, view) => ({
  ...fact,
  deadline: fact.receivedAt + optionsOf(view).delivery.replyWindowMs[fact.message.place.kind],
});

const OPERATED: Entry<{ readonly breaker: string }, unknown> = {
  from: ['operator'],
  rows: [{ to: [...OF_QQ, 'breaker:external'], ids: itsBreaker }],
};
const TOKEN: Entry<unknown, unknown> = { from: ['qqApi'], rows: [{ to: 'token' }] };
/** For readers of the journal alone, or the runtime's own. */
const UNHEARD: Entry<unknown, unknown> = { from: null, rows: [] };

export const FACTS: FactRows = {
  ...OUTCOMES,
  'run.started': {
    from: null,
    rows: [
      {
        to: 'any',
        born: alwaysLiving,
        rule: 'P8 a process life begins: those that always live are born, or hear of it; then all others that have a row for it',
      },
      {
        to: 'ownMessages',
        when: reading.isReading,
        born: ownMessagesBorn,
        rule: 'P9 the bot may read channels: somebody remembers what it has sent',
      },
    ],
  },
  'actor.quarantined': UNHEARD,
  'machines.upgraded': UNHEARD,
  'clock.stepped': UNHEARD,
  'time.lost': UNHEARD,
  'checkpoint.diverged': UNHEARD,
  'timer.elapsed': UNHEARD,
  'author.strayed': {
    from: ['author'],
    rows: [{ ...HANDLER_BAD, rule: 'P56 what failed where nobody waited for it speaks against the handlers' }],
  },
  'stop.requested': { from: ['operator'], rows: [{ to: 'bot' }] },

  'token.fetched': TOKEN,
  'token.fetchFailed': TOKEN,
  'token.lost': TOKEN,
  'gateway.discovered': { from: ['qqApi'], rows: [{ to: 'gateway' }] },
  'gateway.discoveryFailed': {
    from: ['qqApi'],
    rows: [
      { to: 'gateway' },
      {
        to: 'token',
        when: heal.isAuth,
        as: 'token.rejected',
        rule: 'P10 a token that QQ does not take is fetched anew',
      },
      LIMITED,
    ],
  },
  'socket.opened': FRAME,
  'socket.closed': FRAME,
  'hello.received': FRAME,
  'session.started': FRAME,
  'session.resumed': FRAME,
  'session.invalidated': FRAME,
  'reconnect.requested': FRAME,
  'webhook.opened': FRAME,
  'heartbeat.acknowledged': FRAME,
  'heartbeat.requested': FRAME,
  'frame.rejected': FRAME,
  'event.unrecognised': FRAME,

  'message.received': {
    from: ['qqGateway'],
    rows: [
      { to: 'gateway' },
      { to: 'intake', when: isByBot, rule: 'P11 what bots write is counted, never handled' },
      { to: 'interaction', when: isPressed, born: pressTaken, rule: 'P12 a press is acknowledged beside its handling' },
      { to: 'message', when: isByUser, born: messageBorn, rule: 'P13 a message is born' },
    ],
  },
  'message.duplicated': {
    from: ['qqGateway'],
    rows: [
      { to: 'gateway' },
      { to: 'intake' },
      {
        to: 'message',
        when: isTwinWaitedFor,
        ids: itsTwin,
        as: 'mention.told',
        event: mentionTold,
        rule: 'P14 the second copy of a message in a group may be the one that mentions the bot',
      },
    ],
  },
  'guild.changed': EVENT,
  'channel.changed': EVENT,
  'member.changed': EVENT,
  'reaction.changed': EVENT,
  'message.deleted': EVENT,
  'contact.changed': EVENT,
  'groupMember.changed': EVENT,
  'chat.entered': EVENT,
  'subscription.changed': EVENT,
  'audioMember.changed': EVENT,
  'audio.changed': EVENT,
  'forum.changed': EVENT,
  'interaction.created': {
    from: ['qqGateway'],
    rows: [
      NUMBERED,
      { to: 'interaction', born: interactionTaken, rule: 'P15 whatever a user presses is acknowledged' },
    ],
  },
  'audit.passed': {
    from: ['qqGateway'],
    rows: [
      NUMBERED,
      { to: 'audits' },
      {
        to: 'ownMessages',
        when: reading.isOurs,
        as: 'message.sent',
        event: reading.messagePassed,
        rule: 'P16 what passed its audit stands in its channel',
      },
    ],
  },
  'audit.rejected': { from: ['qqGateway'], rows: [NUMBERED, { to: 'audits' }] },

  'recovery.requested': {
    from: ['operator'],
    rows: [
      {
        to: [MESSAGES, READS, UPLOADS, 'breaker:external'],
        when: isForced,
        ids: everyBreaker,
        as: 'operator.reset',
        rule: 'P31 a forced recovery: breakers begin anew',
      },
      {
        to: 'feature',
        when: isForced,
        ids: everyFeature,
        as: 'recovery.forced',
        rule: 'P32 a forced recovery: every feature is on',
      },
      {
        to: 'health',
        when: isForced,
        ids: everyPart,
        as: 'recovery.forced',
        rule: 'P33 a forced recovery: windows begin anew',
      },
      { to: 'recovery' },
    ],
  },
  'operator.isolated': OPERATED,
  'operator.released': OPERATED,
  'operator.disabled': OPERATED,
  'operator.observed': OPERATED,
  'operator.enabled': OPERATED,
  'operator.reset': OPERATED,
  'operator.forced': { from: ['operator'], rows: [{ to: 'feature', ids: itsFeature }] },
  'operator.unforced': { from: ['operator'], rows: [{ to: 'feature', ids: itsFeature }] },
  'operator.retried': {
    from: ['operator'],
    rows: [{ to: 'intake', event: withDeadline, rule: 'P34 the intake judges by the end of the reply window' }],
  },
};
