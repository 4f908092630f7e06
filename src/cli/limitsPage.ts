import { SIGNALS_EACH_MAX, SIGNALS_MAX } from '../actors/step/deliveries.js';
import { ENDED_MAX, SEEN_MAX } from '../actors/step/state.js';
import { INBOX_MAX } from '../actors/system/actorSystem.js';
import { BATCH_MAX } from '../actors/system/loop.js';
import { WHAT_IF_RECORDS_MAX } from '../actors/whatIf/whatIf.js';
import { MARKS_MAX } from '../actors/whatIf/whatIfTally.js';
import { COMMAND_MS_MAX } from '../adapters/author/authorModule.js';
import { CALLS_MAX, EXTERNALS_MAX } from '../adapters/author/externalCalls.js';
import { REPLIES_MAX } from '../adapters/author/handlerRunner.js';
import { BUTTONS_MAX, COMMAND_MAX, IMAGE_MAX, LABEL_MAX, REPLY_MAX } from '../adapters/author/replyForm.js';
import { STRAYS_MAX } from '../adapters/author/strayErrors.js';
import { LIVE_RECORDS_MAX } from '../adapters/journal/archiving.js';
import { CHECKPOINTS_MAX } from '../adapters/journal/sqliteCheckpoints.js';
import { FINDINGS_MAX } from '../adapters/journal/verifyJournal.js';
import { WATCHER_BUFFER_MAX, WATCHERS_MAX } from '../adapters/operator/http/createHttpServer.js';
import { ACTION_MAX, ACTIONS_MAX } from '../adapters/operator/http/operatorEntry.js';
import { LOG_WAITING_MAX } from '../adapters/process/logOutput.js';
import { ATTACHMENTS_MAX as FILES_MAX, MENTIONS_MAX } from '../adapters/qq/decodeMessages.js';
import { BODY_MAX, BODY_TIMES_MAX, PENDING_MAX } from '../adapters/qq/httpTransport.js';
import { FILE_MAX, UPLOADS_MAX } from '../adapters/qq/pictures.js';
import { FRAME_MAX } from '../adapters/qq/qqGateway.js';
import { REQUEST_MAX, SIGNATURES_MAX } from '../adapters/qq/qqWebhook.js';
import { guardLimits } from '../base/guardedServer.js';
import { fixed, type Limit } from '../base/limit.js';
import { AUDITS_MAX } from '../machines/audits/chart.js';
import { GRANTS_MAX } from '../machines/circuitBreaker/context.js';
import { TARGETS_MAX } from '../machines/circuitBreaker/targets.js';
import { REFUSALS_MAX, THROTTLES_MAX } from '../machines/feature/context.js';
import { ASIDE_MAX } from '../machines/intake/ahead.js';
import { RETRIES_MAX, TOLD_MAX } from '../machines/intake/chart.js';
import { USERS_MAX } from '../machines/intake/commandLimit.js';
import { PLACE_MAX } from '../machines/intake/crowd.js';
import { BUCKETS_MAX } from '../machines/kit/callWindow.js';
import { URGENT_MAX } from '../machines/lane/chart.js';
import { OPERATOR_WAITING_MAX } from '../machines/operatorBreaker/chart.js';
import { OWN_MESSAGES_MAX } from '../machines/ownMessages/chart.js';
import { defaultOptions } from '../machines/vocabulary/options.js';
import { journalLimits } from './journal/journalLimits.js';
import { simulatorLimits } from './simulatorLimits.js';

const set = (id: string, what: string, option: string, max: number, atMax: string): Limit => ({
  id,
  what,
  max,
  option,
  atMax,
});
const { calls, circuitBreaker, delivery, lane, handlers, intake, bot, commands, recovery } = defaultOptions;

/** Every queue, window, cache and size that is bounded, what its maximum is and what happens there. */
export const ownLimits: readonly Limit[] = [
  fixed(
    'inbox',
    'facts waiting to be stepped',
    INBOX_MAX,
    'the gateway is no longer read until half is free; the platform keeps what comes',
  ),
  fixed('batch', 'facts in one append', BATCH_MAX, 'the rest goes with the next append'),
  fixed(
    'signals',
    `signals that one fact may cause, or ${SIGNALS_EACH_MAX} for each living actor when that is more`,
    SIGNALS_MAX,
    'the fact is recorded without effect and an error is logged',
  ),
  fixed(
    'seen',
    'message ids kept to recognise a second delivery (and one day)',
    SEEN_MAX,
    'the oldest is forgotten; its second delivery would be handled again',
  ),
  fixed(
    'ended',
    'ended actors that can be asked about (and one day)',
    ENDED_MAX,
    'the oldest is forgotten; the journal still has it',
  ),
  fixed(
    'journalLive',
    'records at hand in the journal file',
    LIVE_RECORDS_MAX,
    'after each checkpoint the oldest 10,000 move to the archive; nothing is deleted, the archive is yours to move or thin',
  ),
  fixed(
    'journalCheckpoints',
    'checkpoints that are kept (one for each 100,000 records)',
    CHECKPOINTS_MAX,
    'they are kept half as dense',
  ),
  fixed('journalFindings', 'places of damage that are told', FINDINGS_MAX, 'the rest is not looked at'),
  set(
    'handlersAtOnce',
    'handlers at once',
    'handlers.concurrencyMax',
    handlers.concurrencyMax,
    'messages wait in line',
  ),
  set(
    'handlersWaiting',
    'messages waiting for a handler',
    'handlers.queueMax',
    handlers.queueMax,
    'a busy reply; the message ends refused',
  ),
  fixed(
    'commandTime',
    'time that a command may ask for, ms; without `timeoutMs` of its own it has `handlers.timeoutMs`',
    COMMAND_MS_MAX,
    'the file is refused at the start, naming the command',
  ),
  set(
    'ahead',
    'messages in hand when little ends; else what ended in the last `intake.aheadMs`',
    'intake.aheadMin',
    intake.aheadMin,
    'nothing more is read: the rest waits at the platform',
  ),
  fixed(
    'aside',
    'messages set aside for an audit, or beyond what counts of their place, that do not count as in hand',
    ASIDE_MAX,
    'further ones count; each ends by `delivery.auditMs` or its reply window at the latest',
  ),
  fixed(
    'place',
    'messages of one place that count as in hand',
    PLACE_MAX,
    'further ones of it are taken in beside, so that other places are read; while memory is tight they count',
  ),
  set(
    'unlinked',
    'messages in hand while there is no gateway session, which must be read to come back',
    'intake.unlinkedMax',
    intake.unlinkedMax,
    'the next one is refused in silence; those in hand end with their reply windows at the latest',
  ),
  fixed(
    'busyTold',
    'writers remembered who were told of late that the bot is busy',
    TOLD_MAX,
    'the oldest is forgotten, and told again if it writes',
  ),
  set(
    'commands',
    'built-in commands of one user in 10 s',
    'commands.perUserMax',
    commands.perUserMax,
    'one refusal, then silence until the window is over',
  ),
  fixed(
    'commandUsers',
    'users whose commands are remembered',
    USERS_MAX,
    'those whose window is over go first, then the oldest',
  ),
  set(
    'deadLetters',
    'dead letters in the list',
    'bot.deadLettersMax',
    bot.deadLettersMax,
    'the oldest leaves the list; the journal still has it',
  ),
  fixed('retriesOfOne', 'times that one dead letter is handled again', RETRIES_MAX, 'refused (rule I23)'),
  fixed('replies', 'replies to one message', REPLIES_MAX, 'ctx.reply throws RangeError'),
  fixed('replyText', 'characters of one reply', REPLY_MAX, 'ctx.reply throws RangeError'),
  fixed('buttons', 'buttons of one reply', BUTTONS_MAX, 'ctx.reply throws RangeError'),
  fixed('buttonText', "characters of a button's label", LABEL_MAX, 'ctx.reply throws TypeError'),
  fixed('buttonCommand', "characters of a button's command", COMMAND_MAX, 'ctx.reply throws TypeError'),
  fixed('image', "characters of a picture's address", IMAGE_MAX, 'ctx.reply throws TypeError'),
  fixed('pictureFile', 'bytes of a picture from disk', FILE_MAX, 'its name is sent in its place'),
  fixed('uploads', 'uploaded pictures that are remembered', UPLOADS_MAX, 'the oldest is uploaded again'),
  set(
    'text',
    'characters of one message',
    'delivery.textMax',
    delivery.textMax,
    'a longer text goes in numbered parts',
  ),
  fixed('mentions', 'users mentioned in a message that are told', MENTIONS_MAX, 'further ones are left out'),
  fixed('attachments', 'files of a message that are told', FILES_MAX, 'further ones are left out'),
  fixed(
    'audits',
    'audits under way, and outcomes that came early',
    AUDITS_MAX,
    'the oldest is forgotten; its reply ends by `delivery.auditMs`',
  ),
  fixed(
    'ownMessages',
    'own messages remembered to tell a reply in doubt from others (private bots)',
    OWN_MESSAGES_MAX,
    'the oldest is forgotten; replies to older messages stay in doubt',
  ),
  fixed('webhookBody', 'bytes of a pushed event', REQUEST_MAX, 'refused with 413'),
  fixed(
    'webhookReplays',
    'signatures remembered against replays',
    SIGNATURES_MAX,
    'refused with 503 until old ones expire',
  ),
  fixed('externalNames', 'names of external APIs', EXTERNALS_MAX, 'ctx.callExternal throws RangeError'),
  fixed('externalCalls', 'external calls for one message', CALLS_MAX, 'ctx.callExternal throws RangeError'),
  set('lane', 'replies waiting in one channel', 'lane.queueMax', lane.queueMax, 'the reply is a dead letter'),
  fixed('laneUrgent', 'places beyond that for answers to commands', URGENT_MAX, 'the answer is a dead letter'),
  set('pace', 'messages in a channel in a second', 'lane.paceMax', lane.paceMax, 'the next one waits'),
  set(
    'callsAtOnce',
    'calls at once',
    'calls.inFlightMax',
    calls.inFlightMax,
    'replies wait for a permit, earliest deadline first',
  ),
  set(
    'permits',
    'replies waiting for a permit',
    'circuitBreaker.waitingMax',
    circuitBreaker.waitingMax,
    'the reply asks again later, without spending an attempt',
  ),
  fixed(
    'operatorPermits',
    'answers to commands waiting for the reserved permit',
    OPERATOR_WAITING_MAX,
    'the answer asks again later',
  ),
  fixed('targets', 'failing targets that one breaker knows', TARGETS_MAX, 'the oldest failure is forgotten'),
  set('aside', 'pause of a lane whose target fails on, ms', 'lane.asideMaxMs', lane.asideMaxMs, 'tried this often'),
  fixed('grants', 'permits given in one step', GRANTS_MAX, 'the next outcome brings the next ones'),
  fixed('window', 'parts of a window of outcomes', BUCKETS_MAX, 'the oldest part is dropped'),
  fixed('featureRefusals', 'refused contents that a feature remembers', REFUSALS_MAX, 'the oldest is forgotten'),
  fixed('featureThrottles', 'throttled answers that a feature remembers', THROTTLES_MAX, 'the oldest is forgotten'),
  set(
    'recoveryActions',
    'runs of the same recovery action in an hour',
    'recovery.actionsMax',
    recovery.actionsMax,
    'the action rests; the loop alerts',
  ),
  fixed(
    'pending',
    'HTTP requests under way or waiting',
    PENDING_MAX,
    'the request is not sent and counts as transient',
  ),
  fixed(
    'body',
    'bytes of an HTTP answer',
    BODY_MAX,
    'the connection is closed; the head decides: a 2xx counts as accepted, another status by its class',
  ),
  fixed(
    'bodyTime',
    'time of an HTTP answer whose body flows, in times of `calls.timeoutMs`',
    BODY_TIMES_MAX,
    'the connection is closed; the head decides',
  ),
  fixed('frame', 'bytes of a gateway frame', FRAME_MAX, 'the frame is rejected and the socket ends with 1009'),
  ...guardLimits,
  fixed(
    'logWaiting',
    'bytes of log lines that nobody takes',
    LOG_WAITING_MAX,
    'further lines are dropped; how many is told with the next line that is taken',
  ),
  fixed(
    'strays',
    "places of the author's code whose stray errors are told apart",
    STRAYS_MAX,
    'the oldest is forgotten: its next error is told as a first one',
  ),
  fixed('operatorActions', 'requests a second to POST /operator with, or without, the token', ACTIONS_MAX, '429'),
  fixed('operatorBody', 'bytes of a request to POST /operator', ACTION_MAX, 'refused with 413'),
  fixed('watchers', 'watchers of the live feed', WATCHERS_MAX, 'a further one is closed with 1013'),
  fixed('watcherBuffer', 'unsent bytes for a watcher', WATCHER_BUFFER_MAX, 'the watcher is closed with 1013'),
  fixed('whatIf', 'records of one what-if', WHAT_IF_RECORDS_MAX, 'refused; a stretch is to be chosen'),
  fixed(
    'whatIfMarks',
    'marks on one line of time of a what-if',
    MARKS_MAX,
    'the first ones are kept; the counts are whole',
  ),
  ...simulatorLimits,
  ...journalLimits,
];

/** docs/LIMITS.md. */
export function renderLimits(limits: readonly Limit[]): string {
  const head = `# Limits

Every queue, window, cache and size that is bounded. Written by \`npm run limits\` from [src/cli/limitsPage.ts](../src/cli/limitsPage.ts); for each
one a test whose title has \`[limit ID]\` reaches the maximum.

| id | what | maximum | set by | what happens there |
| --- | --- | --- | --- | --- |
`;
  const rows = limits.map(
    ({ id, what, max, option, atMax }) =>
      `| ${id} | ${what} | ${max.toLocaleString('en')} | ${option ? `\`${option}\`` : ''} | ${atMax} |`,
  );
  return `${head}${rows.join('\n')}\n`;
}
