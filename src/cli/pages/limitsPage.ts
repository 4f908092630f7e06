import { SIGNALS_EACH_MAX, SIGNALS_MAX } from '../../actors/step/deliveries.js';
import { ENDED_MAX, SEEN_MAX } from '../../actors/step/state.js';
import { INBOX_MAX } from '../../actors/system/actorSystem.js';
import { BATCH_MAX } from '../../actors/system/loop.js';
import { WHAT_IF_RECORDS_MAX } from '../../actors/whatIf/whatIf.js';
import { MARKS_MAX } from '../../actors/whatIf/whatIfTally.js';
import { COMMAND_MS_MAX } from '../../adapters/author/authorModule.js';
import { CALLS_MAX, EXTERNALS_MAX } from '../../adapters/author/externalCalls.js';
import { REPLIES_MAX } from '../../adapters/author/handlerRunner.js';
import { BUTTONS_MAX, COMMAND_MAX, IMAGE_MAX, LABEL_MAX, REPLY_MAX } from '../../adapters/author/replyForm.js';
import { STRAYS_MAX } from '../../adapters/author/strayErrors.js';
import { journalLimits } from '../../adapters/journal/journalLimits.js';
import { WATCHER_BUFFER_MAX, WATCHERS_MAX } from '../../adapters/operator/http/createHttpServer.js';
import { ACTION_MAX, ACTIONS_MAX } from '../../adapters/operator/http/operatorEntry.js';
import { LOG_WAITING_MAX } from '../../adapters/process/logOutput.js';
import { FILE_MAX, UPLOADS_MAX } from '../../adapters/qq/calls/pictures.js';
import { BODY_MAX, BODY_TIMES_MAX, PENDING_MAX } from '../../adapters/qq/http/httpTransport.js';
import { FRAME_MAX } from '../../adapters/qq/qqGateway.js';
import { REQUEST_MAX, SIGNATURES_MAX } from '../../adapters/qq/qqWebhook.js';
import { ATTACHMENTS_MAX as FILES_MAX, MENTIONS_MAX } from '../../adapters/qq/wire/decodeMessages.js';
import { fixed, type Limit } from '../../base/limit.js';
import { guardLimits } from '../../base/servers/guardedServer.js';
import { CARDS } from '../../machines/cards.js';
import { commandLimits } from '../journal/commandLimits.js';
import { simulatorLimits } from './simulatorLimits.js';

/** Every queue, window, cache and size that is bounded, what its maximum is and what happens there. */
export const ownLimits: readonly Limit[] = [
  ...Object.values(CARDS).flatMap(({ limits }) => limits),
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
  ...journalLimits,
  fixed(
    'commandTime',
    'time that a command may ask for, ms; without `timeoutMs` of its own it has `handlers.timeoutMs`',
    COMMAND_MS_MAX,
    'the file is refused at the start, naming the command',
  ),
  fixed('replies', 'replies to one message', REPLIES_MAX, 'ctx.reply throws RangeError'),
  fixed('replyText', 'characters of one reply', REPLY_MAX, 'ctx.reply throws RangeError'),
  fixed('buttons', 'buttons of one reply', BUTTONS_MAX, 'ctx.reply throws RangeError'),
  fixed('buttonText', "characters of a button's label", LABEL_MAX, 'ctx.reply throws TypeError'),
  fixed('buttonCommand', "characters of a button's command", COMMAND_MAX, 'ctx.reply throws TypeError'),
  fixed('image', "characters of a picture's address", IMAGE_MAX, 'ctx.reply throws TypeError'),
  fixed('pictureFile', 'bytes of a picture from disk', FILE_MAX, 'its name is sent in its place'),
  fixed('uploads', 'uploaded pictures that are remembered', UPLOADS_MAX, 'the oldest is uploaded again'),
  fixed('mentions', 'users mentioned in a message that are told', MENTIONS_MAX, 'further ones are left out'),
  fixed('attachments', 'files of a message that are told', FILES_MAX, 'further ones are left out'),
  fixed('webhookBody', 'bytes of a pushed event', REQUEST_MAX, 'refused with 413'),
  fixed(
    'webhookReplays',
    'signatures remembered against replays',
    SIGNATURES_MAX,
    'refused with 503 until old ones expire',
  ),
  fixed('externalNames', 'names of external APIs', EXTERNALS_MAX, 'ctx.callExternal throws RangeError'),
  fixed('externalCalls', 'external calls for one message', CALLS_MAX, 'ctx.callExternal throws RangeError'),
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
  ...commandLimits,
];

/** docs/LIMITS.md. */
export function renderLimits(limits: readonly Limit[]): string {
  const head = `# Limits

Every queue, window, cache and size that is bounded. Written by \`npm run limits\` from [src/cli/pages/limitsPage.ts](../src/cli/pages/limitsPage.ts); for each
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
