import { fixed, type Limit } from '../../../src/base/limit.js';
import { CONTEXT_BYTES_MAX, DIFF_MAX, LIVE_BACKLOG_MAX } from '../protocol.js';

/** Estimated bytes of all kept states of one journal. */
export const KEYFRAME_BYTES_MAX = 256 * 1024 * 1024;
/** Bytes of packed records of the past. */
export const PACKED_BYTES_MAX = 96 * 1024 * 1024;
/** Pages of notes on 500 records each. */
export const PAGES_MAX = 10_000;
/** Actors of one machine in one moment. */
export const PER_GROUP_MAX = 500;
/** Pages that watch at once. */
export const WATCHERS_MAX = 32;
/** Unsent bytes of a watcher. */
export const WATCHER_BYTES_MAX = 4 * 1024 * 1024;
/** Uploaded journals that are open at once. */
export const UPLOADS_MAX = 4;
/** Bytes of one upload. */
export const UPLOAD_BYTES_MAX = 256 * 1024 * 1024;
/** Finished what-ifs that can still be asked for. */
export const WHAT_IF_JOBS_MAX = 16;
/** How long an inspector stays when its bot was killed or has crashed. */
export const STAY_MS = 60_000;
/** How often a watched bot is asked for a sign of life, and how many questions it may leave without an answer. */
export const ASK_MS = 2_000;
export const UNANSWERED_MAX = 3;
/** Records of one export from the page. */
export const EXPORT_RECORDS_MAX = 200_000;

/** For docs/LIMITS.md. */
export const serverLimits: readonly Limit[] = [
  fixed(
    'keptStates',
    'bytes of the states that the inspector keeps along a journal (estimated)',
    KEYFRAME_BYTES_MAX,
    'every second one is given up: going to a moment takes longer',
  ),
  fixed(
    'packedRecords',
    'bytes of packed records of the past that the inspector keeps',
    PACKED_BYTES_MAX,
    'the ones packed first are read from the journal again',
  ),
  fixed(
    'keptNotes',
    'pages of 500 records that the inspector keeps notes of',
    PAGES_MAX,
    'of older records search and lists read the journal; the timeline shows no counts',
  ),
  fixed('momentActors', 'actors of one machine in a moment', PER_GROUP_MAX, 'the rest is counted by state'),
  fixed(
    'inspectedContext',
    'bytes of one context in the inspector',
    CONTEXT_BYTES_MAX,
    'it is cut, with ✂ where something is left out',
  ),
  fixed(
    'whatIfJobs',
    'what-ifs of the inspector that can still be asked for',
    WHAT_IF_JOBS_MAX,
    'the oldest is forgotten',
  ),
  fixed('differences', 'places told in which a context changed', DIFF_MAX, 'the rest is counted'),
  fixed('pageWatchers', 'pages of the inspector that watch at once', WATCHERS_MAX, 'a further one is closed with 1013'),
  fixed(
    'pageBuffer',
    'unsent bytes for a page that watches',
    WATCHER_BYTES_MAX,
    'the page is closed with 1013 and goes on where it stopped',
  ),
  fixed(
    'liveBacklog',
    'records that a page is told of after a break',
    LIVE_BACKLOG_MAX,
    'it is told that there is a gap, and asks for the moment anew',
  ),
  fixed(
    'uploads',
    'uploaded journals open at once',
    UPLOADS_MAX,
    'a further one is refused with 409 until one is closed',
  ),
  fixed(
    'botSilence',
    'ms that a watched bot may leave the inspector without a sign of life',
    ASK_MS * (UNANSWERED_MAX + 1),
    'the page says so',
  ),
  fixed('inspectorStay', 'ms that the inspector stays when its bot was killed or has crashed', STAY_MS, 'it ends'),
  fixed('uploadBytes', 'bytes of an uploaded journal', UPLOAD_BYTES_MAX, 'it is refused with 413'),
  fixed(
    'exportRecords',
    'records in one export from the page',
    EXPORT_RECORDS_MAX,
    'it is refused; npm run journal -- export has no limit',
  ),
];
