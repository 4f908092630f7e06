import { fixed, type Limit } from '../../../src/base/limit.js';

/** Actors shown to viewers at once; the viewers known grow slow with hundreds. */
export const SHOWN_MAX = 500;
/** Viewers of one bridge at once. */
export const VIEWERS_MAX = 8;
/** Unsent bytes of a viewer. */
export const VIEWER_BUFFER_MAX = 64 * 1024 * 1024;
/** Bytes of one message of a viewer. */
export const VIEWER_MESSAGE_MAX = 64 * 1024;
/** Characters of a context or an event that a viewer gets. */
export const SHOWN_SIZE_MAX = 64 * 1024;
/** Characters of one text in it. */
export const SHOWN_TEXT_MAX = 2_000;
/** Entries of one list or object in it. */
export const SHOWN_ENTRIES_MAX = 100;
/** Nesting in it. */
export const SHOWN_DEPTH_MAX = 12;
/** Events of viewers that are on their way to the bot at once. */
export const VIEWER_ACTIONS_MAX = 8;
/** Messages that the page for Stately's inspector keeps until that is there. */
export const WAITING_MAX = 5_000;

const cut = 'the rest is left out, a note in its place says how much';
/** For docs/LIMITS.md. */
export const bridgeLimits: readonly Limit[] = [
  fixed(
    'shownActors',
    'actors shown to viewers of others',
    SHOWN_MAX,
    'a further one is shown when one that is shown ends',
  ),
  fixed('viewers', 'viewers of others at one port', VIEWERS_MAX, 'a further one is closed with 1013'),
  fixed('viewerBuffer', 'unsent bytes for a viewer of others', VIEWER_BUFFER_MAX, 'the viewer is closed with 1013'),
  fixed(
    'viewerMessage',
    'bytes of a message from a viewer of others',
    VIEWER_MESSAGE_MAX,
    'the viewer is closed with 1009',
  ),
  fixed('viewerActions', 'actions of viewers of others under way', VIEWER_ACTIONS_MAX, 'a further one is refused'),
  fixed('shownSize', 'characters of a context or event shown to viewers of others', SHOWN_SIZE_MAX, cut),
  fixed('shownText', 'characters of one text in it', SHOWN_TEXT_MAX, cut),
  fixed('shownEntries', 'entries of one list or object in it', SHOWN_ENTRIES_MAX, cut),
  fixed('shownDepth', 'nesting in it', SHOWN_DEPTH_MAX, cut),
  fixed(
    'viewerWaiting',
    "messages kept for Stately's inspector until it is there",
    WAITING_MAX,
    'the oldest is dropped',
  ),
];
