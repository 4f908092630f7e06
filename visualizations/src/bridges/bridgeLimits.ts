/** Actors shown to viewers at once; the viewers known grow slow with hundreds. */
export const SHOWN_MAX = 500;
/** Viewers of one bridge at once; a further one is closed with 1013. */
export const VIEWERS_MAX = 8;
/** Unsent bytes after which a viewer is too slow and is closed with 1013. */
export const VIEWER_BUFFER_MAX = 64 * 1024 * 1024;
/** Bytes of one message of a viewer; a longer one ends its connection with 1009. */
export const VIEWER_MESSAGE_MAX = 64 * 1024;
/** Characters of a context or an event that a viewer gets; of one text in it; entries of one list or object; nesting. */
export const SHOWN_SIZE_MAX = 64 * 1024;
export const SHOWN_TEXT_MAX = 2_000;
export const SHOWN_ENTRIES_MAX = 100;
export const SHOWN_DEPTH_MAX = 12;
/** Events of viewers that are on their way to the bot at once; a further one is refused. */
export const ACTIONS_MAX = 8;
