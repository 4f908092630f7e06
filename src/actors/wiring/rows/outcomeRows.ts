import { actorsOf, offBy } from '../../../machines/vocabulary/replies/features.js';
import type { Route } from '../../step/routes.js';
import { newExternalCall } from '../words/births.js';
import * as heal from '../words/degradation.js';
import { callsOfRun } from '../words/ends.js';
import * as call from '../words/outcomes.js';
import { MESSAGES, OF_QQ, OPERATOR, READS, UPLOADS } from '../words/places.js';
import * as reading from '../words/readingBack.js';
import type { Entry, FactRows, FactWord } from './rows.js';

/** Who hears of the ends of what the bot does: handlers, calls, checks. */
const externalBorn: FactWord<'external.requested', readonly Route[]> = (fact, view, effect) => [
  newExternalCall(fact, effect!, view),
];
const handlerBad = (): object => ({ type: 'outcome.bad', class: 'local' });
export const HANDLER_BAD = { to: 'health:handlers', as: 'outcome.bad', event: handlerBad } as const;
const RUN_OVER = {
  to: 'external',
  ids: callsOfRun,
  as: 'run.ended',
  rule: 'P2 a run that is over waits for no foreign call',
} as const;
const ASKER = { to: 'any', when: call.isAwaited, ids: call.askerOf } as const;
const BREAKERS = [MESSAGES, OPERATOR] as const;
const ACKNOWLEDGED = { to: 'interaction', when: call.isAcknowledgement, ids: call.askerOf } as const;
const REHEARSED = {
  to: MESSAGES,
  when: call.isRehearsed,
  ids: call.breakerOf,
  as: 'permit.released',
  event: call.itsPermitUnused,
  rule: 'P3 what failed on purpose says nothing about the API',
} as const;
const PICTURE_MISSING = {
  to: BREAKERS,
  when: call.isPictureMissing,
  ids: call.breakerOf,
  as: 'permit.released',
  event: call.itsPermitUnused,
  rule: 'P53 a reply whose picture is not there yet was not sent: its permit goes back',
} as const;
const UPLOAD_JUDGED = {
  to: UPLOADS,
  when: call.isUpload,
  event: call.asEndOfUpload,
  rule: 'P58 the breaker for uploads judges how they end, and no other',
} as const;
const UPLOADER = {
  to: 'delivery',
  when: call.isUpload,
  ids: call.deliveryOf,
  lateEvent: call.withUploadsState,
  rule: 'P59 then the reply, told how the breaker for uploads stands after this very outcome',
} as const;
const JUDGED = {
  to: BREAKERS,
  when: call.isCounted,
  ids: call.breakerOf,
  event: call.withPermit,
  rule: 'P4 the breaker judges first',
} as const;
const ITS_DELIVERY = {
  to: 'delivery',
  when: call.isCall,
  ids: call.deliveryOf,
  lateEvent: call.withBreakersState,
  rule: 'P5 then the reply, told how the breaker stands after this very outcome',
} as const;
const FOREIGN = {
  to: 'breaker:external',
  when: call.isAwaited,
  ids: call.breakerOf,
  rule: 'P24 the breaker of a foreign API hears the end of a call like any other',
} as const;
const HOST_REACHED = {
  to: actorsOf(offBy('network')),
  ids: heal.offForNetwork,
  as: 'api.answered',
  rule: 'P6 a call that reaches the host ends what was off for the network',
} as const;
export const LIMITED = {
  to: actorsOf(offBy('hostLimit')),
  when: heal.isThrottled,
  as: 'call.throttled',
  event: heal.throttledAnywhere,
  rule: 'P7 a limit of the host slows down what calls it',
} as const;
const RECOVERY: Entry<unknown, unknown> = { from: ['process'], rows: [{ to: 'recovery' }] };

export const OUTCOMES = {
  'effect.interrupted': { from: null, rows: [RUN_OVER, ASKER] },
  'effect.failed': {
    from: null,
    rows: [
      RUN_OVER,
      {
        to: [...OF_QQ, 'breaker:external'],
        when: call.isPermitted,
        ids: call.breakerOf,
        as: 'permit.released',
        event: call.itsPermitUnused,
        rule: 'P51 the adapter failed, our defect: the permit goes back',
      },
      ASKER,
    ],
  },
  'reply.requested': { from: ['author'], rows: [{ ...ASKER, to: 'message' }] },
  'handler.completed': {
    from: ['author'],
    rows: [RUN_OVER, { ...ASKER, to: 'message' }, { to: 'health:handlers', when: call.isAwaited, as: 'outcome.good' }],
  },
  'handler.failed': {
    from: ['author'],
    rows: [RUN_OVER, { ...ASKER, to: 'message' }, { ...HANDLER_BAD, when: call.isAwaited }],
  },

  'call.succeeded': {
    from: ['qqApi'],
    rows: [
      ACKNOWLEDGED,
      REHEARSED,
      JUDGED,
      { ...HOST_REACHED, when: call.isCounted },
      {
        to: 'feature',
        when: call.isCounted,
        ids: heal.featureConcerned,
        as: 'form.accepted',
        event: heal.formAccepted,
        rule: 'P17 a feature hears of its form while something is wrong with it',
      },
      ITS_DELIVERY,
      UPLOAD_JUDGED,
      UPLOADER,
      {
        to: 'ownMessages',
        when: reading.isSeenInChannel,
        as: 'message.sent',
        event: reading.messageSent,
        rule: 'P18 what was sent stands in its channel',
      },
      { to: 'health:send', when: call.isCounted, as: 'outcome.good' },
      {
        to: 'audits',
        when: call.isUnderAudit,
        as: 'audit.begun',
        event: call.itsAudit,
        rule: 'P19 a message under audit waits for its word',
      },
    ],
  },
  'call.failed': {
    from: ['qqApi'],
    rows: [
      ACKNOWLEDGED,
      REHEARSED,
      PICTURE_MISSING,
      { ...JUDGED, when: call.isJudged },
      ITS_DELIVERY,
      UPLOAD_JUDGED,
      UPLOADER,
      {
        to: 'health:send',
        when: call.isJudged,
        as: ['outcome.bad', 'outcome.noted'],
        event: heal.outcomeOfCall,
        rule: 'P21 only what blames the API makes sending ill; the rest is noted',
      },
      { ...LIMITED, when: heal.isThrottledCall, event: heal.throttledInChannel },
      { to: 'token', when: heal.isUnauthorised, rule: 'P22 a call refused for its token' },
    ],
  },

  'external.requested': {
    from: ['author'],
    rows: [
      { to: 'external', when: call.isAwaited, born: externalBorn, rule: 'P23 a call of a foreign API is born' },
      { ...ASKER, to: 'message' },
    ],
  },
  'external.succeeded': {
    from: ['foreignApi'],
    rows: [
      { ...FOREIGN, as: 'call.succeeded', event: call.asEndOfCall },
      { to: 'external', when: call.isAwaited, ids: call.callOf },
    ],
  },
  'external.failed': {
    from: ['foreignApi'],
    rows: [
      { ...FOREIGN, as: 'call.failed', event: call.asEndOfCall },
      { to: 'external', when: call.isAwaited, ids: call.callOf },
    ],
  },
  'channel.checked': {
    from: ['qqApi'],
    rows: [
      {
        to: READS,
        when: reading.isJudged,
        as: ['call.succeeded', 'call.failed'],
        event: reading.asEndOfReading,
        rule: 'P55 the breaker for readings judges how they end',
      },
      {
        to: [...BREAKERS, READS],
        when: reading.isUnjudged,
        ids: call.breakerOf,
        as: 'permit.released',
        event: call.itsPermitUnused,
        rule: 'P25 a reading says nothing about sending, nor one without a token about reading: its permit goes back',
      },
      {
        to: 'ownMessages',
        when: call.isAwaited,
        event: reading.withDoubt,
        rule: 'P26 who knows our messages settles the doubt',
      },
      {
        to: 'token',
        when: heal.isAuth,
        as: 'token.rejected',
        rule: 'P60 a token that QQ does not take for a reading is fetched anew',
      },
    ],
  },
  'network.checked': RECOVERY,
  'action.completed': RECOVERY,
  'api.checked': {
    from: ['qqApi'],
    rows: [
      { to: 'recovery' },
      { to: MESSAGES, when: heal.isOk, as: 'evidence.gathered', rule: 'P27 a check that goes well is a sign of life' },
      { ...HOST_REACHED, when: heal.isOk },
      LIMITED,
    ],
  },
  'memory.tightened': { from: ['process'], rows: [{ to: 'intake' }] },
  'memory.eased': { from: ['process'], rows: [{ to: 'intake' }] },
  'process.sampled': {
    from: ['process'],
    rows: [
      { to: 'recovery' },
      {
        to: 'health:memory',
        event: heal.memoryOutcome,
        as: ['outcome.good', 'outcome.bad'],
        rule: 'P28 the heap above its limit is a bad outcome',
      },
      {
        to: 'health:eventLoop',
        event: heal.loopOutcome,
        as: ['outcome.good', 'outcome.bad'],
        rule: 'P29 an event loop that lags is a bad outcome',
      },
      {
        to: 'health:journal',
        event: heal.journalOutcome,
        as: ['outcome.good', 'outcome.bad'],
        rule: 'P30 an append that fails or takes a second is a bad outcome',
      },
    ],
  },
} satisfies Partial<FactRows>;
