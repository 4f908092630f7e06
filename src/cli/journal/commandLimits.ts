import { fixed, type Limit } from '../../base/limit.js';
import { AHEAD_MAX } from './show.js';
import { NAMES_MAX } from './telling/find.js';

/** Of the commands that read journals. */
export const commandLimits: readonly Limit[] = [
  fixed(
    'journalAhead',
    'records after a record in which `journal show` looks for its outcomes',
    AHEAD_MAX,
    'it says that it has looked no further',
  ),
  fixed(
    'journalNames',
    'names out of which `journal` offers the nearest',
    NAMES_MAX,
    'further ones are not offered; an exact name is found all the same',
  ),
];
