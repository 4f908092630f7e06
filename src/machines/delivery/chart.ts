import { type DeliveryContext, type DeliveryEvent, type DeliveryInput, newContext } from './context.js';
import { deliverySetup } from './words.js';

/**
 * One reply until it is delivered or dead: its place in the lane, its permit, its attempts, and the ladder of forms.
 * Attempts and pauses only delay; what ends it is the reply window or a refusal for good.
 * It refuses to know whether the API is well: the breaker does. Rules: D1 to D74 (docs/SPEC.md).
 */
export type { DeliveryContext, DeliveryInput };

export const deliveryEventTypes = [
  'turn.granted',
  'turn.denied',
  'permit.granted',
  'permit.denied',
  'call.succeeded',
  'call.failed',
  'effect.interrupted',
  'effect.failed',
  'audit.ended',
  'doubt.settled',
  'budget.spent',
] as const satisfies readonly DeliveryEvent['type'][];

/** Whatever it waits for, once the window has ended there is nothing left to wait for. */
const tooLate = {
  guard: 'isWindowOver',
  target: 'deadLettered',
  actions: 'expire',
  description: 'D56 what it waited for came after the window: a dead letter',
} as const;

// biome-ignore format: one transition a row
export const deliveryMachine = deliverySetup.createMachine({
  id: 'delivery',
  context: ({ input }) => newContext(input),
  initial: { target: 'queued', description: 'D1 a delivery first asks its lane for a turn' },
  after: {
    windowMs: { guard: 'isWaiting', target: '.deadLettered', actions: 'expire',
      description: 'D20 the reply window has ended: a dead letter, never an active push' },
  },
  states: {
    queued: {
      entry: 'requestTurn',
      always: { guard: 'isWindowOver', target: 'deadLettered', actions: 'expire',
        description: 'D52 its window has ended before it could ask: a dead letter at once' },
      on: {
        'turn.granted': [tooLate, { target: 'awaitingPermit', description: 'D2 its turn: ask the breaker' }],
        'budget.spent': { target: 'backingOff', actions: 'takeBudgetPause',
          description: 'D61 QQ takes no more replies to its message: it waits as long' },
        'turn.denied': { target: 'deadLettered', actions: 'rememberReason', description: 'D21 the lane is full' },
      },
    },
    awaitingPermit: {
      entry: 'requestPermit',
      on: {
        'permit.granted': [
          { guard: 'isWindowOver', target: 'deadLettered', actions: ['declinePermit', 'expire'],
            description: 'D53 a permit after the window: back, and a dead letter' },
          { target: 'sending', actions: 'takePermit', description: 'D3 a permit: send' },
        ],
        'permit.denied': [
          tooLate,
          { target: 'backingOff', actions: ['rememberReason', 'chooseSlowBackOff'],
            description: 'D4 no room to wait at the breaker: come again; no attempt spent' },
        ],
      },
    },
    sending: {
      entry: 'startCall',
      on: {
        'call.succeeded': [
          { guard: 'hasMorePartsTooLate', target: 'deadLettered', actions: ['dropPermit', 'expire'],
            description: 'D54 a part is there, and the window has ended before the next' },
          { guard: 'hasMoreParts', target: 'continuing', actions: ['dropPermit', 'takeNextPart'],
            description: 'D26 one part of a long text is there: the next' },
          { guard: 'isUnderAudit', target: 'underAudit', actions: 'keepOut', description: 'D8 accepted, under audit' },
          { target: 'delivered', description: 'D9 delivered' },
        ],
        'call.failed': [
          { guard: 'isTooLateUnseen', target: 'uncertain', actions: ['dropPermit', 'rememberReason'],
            description: 'D14 perhaps sent, and the window has ended' },
          { guard: 'isWindowOver', target: 'deadLettered', actions: ['dropPermit', 'rememberReason'],
            description: 'D15 failed, and the window has ended' },
          { guard: 'hasLinks', target: 'steppingDown',
            actions: ['dropPermit', 'rememberReason', 'tellLinks', 'leaveOutLinks'],
            description: 'D27 refused for its links: without them, and the author is told' },
          { guard: 'callsEveryone', target: 'steppingDown',
            actions: ['dropPermit', 'rememberReason', 'leaveOutEveryone'],
            description: 'D28 no @everyone left today: without it' },
          { guard: 'isTooLong', target: 'steppingDown', actions: ['dropPermit', 'rememberReason', 'shorten'],
            description: 'D29 too long for QQ: in shorter parts' },
          { guard: 'isPictureStuck', target: 'steppingDown', actions: ['dropPermit', 'rememberReason', 'nextRung'],
            description: 'D30 the picture cannot be had: its link or name instead' },
          { guard: 'isPictureSpent', target: 'steppingDown',
            actions: ['dropPermit', 'rememberReason', 'spendNoAttempt', 'leavePicture'],
            description: 'D58 the picture is not there after the quick tries: the text goes alone' },
          { guard: 'isPictureMissing', target: 'awaitingUpload', actions: ['dropPermit', 'spendNoAttempt'],
            description: 'D59 the picture is not there yet: upload it first; no attempt spent' },
          { guard: 'isTokenRefused', target: 'awaitingPermit',
            actions: ['dropPermit', 'rememberReason', 'spendNoAttempt'],
            description: 'D57 our token is refused: wait for another; no attempt spent' },
          { guard: 'isBarred', target: 'backingOff', actions: ['dropPermit', 'rememberReason', 'chooseBarredPause'],
            description: 'D51 barred for a time, by the IP whitelist or a mute: slowly again; no attempt spent' },
          { guard: 'isRefusedForGood', target: 'deadLettered', actions: ['dropPermit', 'rememberReason'],
            description: 'D10 refused for good' },
          { guard: 'hasNextRung', target: 'steppingDown',
            actions: ['dropPermit', 'rememberReason', 'tellRefusal', 'nextRung'],
            description: 'D11 this form is refused: the next one' },
          { guard: 'isFormless', target: 'deadLettered', actions: ['dropPermit', 'rememberReason'],
            description: 'D12 the last form is refused' },
          { guard: 'isDoubtful', target: 'doubting', actions: ['rememberReason', 'keepDoubt'],
            description: 'D36 perhaps sent, and the channel can be read: look there first' },
          { guard: 'isCutOff', target: 'uncertain', actions: ['dropPermit', 'rememberReason'],
            description: 'D13 perhaps sent, and at most once is wanted' },
          { guard: 'isBudgetSpent', target: 'backingOff',
            actions: ['dropPermit', 'rememberReason', 'chooseBudgetPause', 'tellBudget'],
            description: 'D60 QQ takes no more replies to this message: after a pause that grows; the lane goes on' },
          { guard: 'isThrottled', target: 'backingOff',
            actions: ['dropPermit', 'rememberReason', 'chooseThrottlePause'],
            description: 'D16 too fast: the lane pauses; no attempt spent' },
          { guard: 'isBreakerOpen', target: 'awaitingPermit',
            actions: ['dropPermit', 'rememberReason', 'markIfAmbiguous'],
            description: 'D6 failed and the breaker is open: wait there' },
          { guard: 'hasRetries', target: 'backingOff',
            actions: ['dropPermit', 'rememberReason', 'markIfAmbiguous', 'chooseBackOff'],
            description: 'D5 failed: back off and try again' },
          { target: 'backingOff', actions: ['dropPermit', 'rememberReason', 'markIfAmbiguous', 'chooseSlowBackOff'],
            description: 'D7 out of quick retries: the slow schedule until the window ends' },
        ],
        'effect.interrupted': [
          { guard: 'isKeyed', target: 'awaitingPermit', actions: ['dropPermit', 'rememberReason', 'markUncertain'],
            description: 'D31 cut off by a kill: again under the same key, QQ keeps one' },
          { guard: 'isReadable', target: 'doubting', actions: ['rememberReason', 'keepDoubt'],
            description: 'D35 cut off by a kill, and the channel can be read: look there first' },
          { guard: 'isAtMostOnce', target: 'uncertain', actions: ['dropPermit', 'rememberReason'],
            description: 'D17 cut off by a kill, and at most once is wanted' },
          { guard: 'isWindowOver', target: 'uncertain', actions: ['dropPermit', 'rememberReason'],
            description: 'D18 cut off by a kill, and the window has ended' },
          { target: 'awaitingPermit', actions: ['dropPermit', 'rememberReason', 'markUncertain'],
            description: 'D19 cut off by a kill: send again, counted as uncertain' },
        ],
        'effect.failed': { target: 'deadLettered', actions: ['dropPermit', 'rememberReason'],
          description: 'D22 the adapter failed: our defect' },
      },
    },
    awaitingUpload: {
      entry: 'requestUpload',
      on: {
        'permit.granted': [
          { guard: 'isWindowOver', target: 'deadLettered', actions: ['declinePermit', 'expire'],
            description: 'D62 a permit to upload after the window: back, and a dead letter' },
          { target: 'uploading', actions: 'takeUploadPermit', description: 'D63 a permit: upload the picture' },
        ],
        'permit.denied': [
          tooLate,
          { target: 'steppingDown', actions: ['rememberReason', 'leavePicture'],
            description: 'D64 no picture can be uploaded now: the text goes alone' },
        ],
      },
      after: { uploadWaitMs: { target: 'steppingDown', actions: ['cancelPermit', 'leavePicture'],
        description: 'D65 no permit to upload for long: the text goes alone' } },
    },
    uploading: {
      entry: 'startUpload',
      on: {
        'call.succeeded': [
          tooLate,
          { target: 'awaitingPermit', actions: 'dropPermit', description: 'D66 the picture is there: ask to send' },
        ],
        'call.failed': [
          tooLate,
          { guard: 'isTokenRefused', target: 'awaitingUpload',
            actions: ['dropPermit', 'rememberReason', 'forgiveUpload'],
            description: 'D67 our token is refused: wait for another; no try spent' },
          { guard: 'isFormless', target: 'steppingDown',
            actions: ['dropPermit', 'rememberReason', 'tellRefusal', 'leavePicture'],
            description: 'D68 QQ takes no such picture: the text goes alone' },
          { guard: 'isPictureGivenUp', target: 'steppingDown',
            actions: ['dropPermit', 'rememberReason', 'leavePicture'],
            description: 'D69 the picture cannot be had within the quick tries: the text goes alone' },
          { target: 'backingOff', actions: ['dropPermit', 'rememberReason', 'chooseUploadPause'],
            description: 'D70 the upload failed: quickly again' },
        ],
        'effect.interrupted': [
          tooLate,
          { guard: 'areUploadsSpent', target: 'steppingDown', actions: ['dropPermit', 'rememberReason', 'leavePicture'],
            description: 'D71 cut off once more than there are quick tries: the text goes alone' },
          { target: 'awaitingUpload', actions: ['dropPermit', 'rememberReason'],
            description: 'D72 cut off by a kill: upload again' },
        ],
        'effect.failed': { target: 'steppingDown', actions: ['dropPermit', 'rememberReason', 'leavePicture'],
          description: 'D73 the adapter failed, our defect: the text goes alone' },
      },
    },
    doubting: {
      after: { doubtMs: { target: 'awaitingReading',
        description: 'D37 what was under way has arrived by now, or never will' } },
    },
    awaitingReading: {
      entry: 'requestReading',
      on: {
        'permit.granted': { target: 'reading', actions: 'takeReadingPermit',
          description: 'D38 a permit: read the channel' },
        'permit.denied': { target: 'unsettled', description: 'D39 no room to wait at the breaker: it stays in doubt' },
      },
      after: { readingWaitMs: { target: 'unsettled', actions: 'cancelPermit',
        description: 'D40 no permit for long: it stays in doubt' } },
    },
    reading: {
      entry: 'startReading',
      on: {
        'doubt.settled': [
          { guard: 'isToReadAgain', target: 'doubting', actions: 'keepDoubt',
            description: 'D74 our token is refused: still in doubt, and read again with another' },
          { guard: 'isThereInPartTooLate', target: 'deadLettered', actions: ['dropPermit', 'expire'],
            description: 'D55 this part is there, and the window has ended before the next' },
          { guard: 'isThereInPart', target: 'continuing', actions: ['dropPermit', 'takeNextPart'],
            description: 'D41 this part is there: the next' },
          { guard: 'isThere', target: 'delivered', description: 'D42 it is there' },
          { guard: 'isAbsentTooLate', target: 'deadLettered', actions: ['dropPermit', 'expire'],
            description: 'D43 it is not there, and the window has ended' },
          { guard: 'isAbsent', target: 'backingOff', actions: ['dropPermit', 'chooseBackOff'],
            description: 'D44 it is not there: send it again, nothing is uncertain' },
          { target: 'unsettled', description: 'D45 it cannot be told' },
        ],
        'effect.interrupted': { target: 'awaitingReading', actions: 'keepDoubt',
          description: 'D46 cut off while it read: read again' },
        'effect.failed': { target: 'unsettled', description: 'D47 the adapter failed: our defect' },
      },
    },
    unsettled: {
      always: [
        { guard: 'isAtMostOnce', target: 'uncertain', actions: 'dropPermit',
          description: 'D48 still in doubt, and at most once is wanted' },
        { guard: 'isWindowOver', target: 'uncertain', actions: 'dropPermit',
          description: 'D49 still in doubt, and the window has ended' },
        { target: 'awaitingPermit', actions: ['dropPermit', 'markUncertain'],
          description: 'D50 still in doubt: send again, counted as uncertain' },
      ],
    },
    steppingDown: {
      after: { rungPauseMs: { target: 'awaitingPermit', description: 'D23 the pause between two forms is over' } },
    },
    continuing: {
      after: { partPauseMs: { target: 'awaitingPermit', description: 'D32 the pace allows the next part' } },
    },
    backingOff: {
      entry: 'returnTurn',
      exit: 'clearStart',
      after: { backOffMs: { target: 'queued', description: 'D24 try again, from the end of the lane' } },
    },
    underAudit: {
      entry: ['returnTurn', 'tellAudit'],
      on: {
        'audit.ended': [
          { guard: 'isPassed', target: 'delivered', description: 'D33 the audit let it pass' },
          { target: 'deadLettered', actions: 'rememberAudit', description: 'D34 the audit refused it' },
        ],
      },
      after: { auditMs: { target: 'delivered', description: 'D25 no word from the audit: it was accepted' } },
    },
    delivered: { type: 'final', entry: ['returnTurn', 'endDelivered'] },
    uncertain: { type: 'final', entry: ['returnTurn', 'endUncertain'] },
    deadLettered: { type: 'final', entry: ['returnTurn', 'endDead'] },
  },
});
