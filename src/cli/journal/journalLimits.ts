import { EXPORT_LINE_MAX } from '../../adapters/journal/exportedJournal.js';
import { UNPACKED_MAX } from '../../adapters/journal/segments.js';
import { fixed, type Limit } from '../../base/limit.js';
import { NAMES_MAX } from './find.js';
import { AHEAD_MAX } from './show.js';

/** Of the commands that read journals. */
export const journalLimits: readonly Limit[] = [
  fixed('exportLine', 'bytes of a line of an exported journal', EXPORT_LINE_MAX, 'the file is refused as damaged'),
  fixed('segmentUnpacked', 'bytes of a segment when it is unpacked', UNPACKED_MAX, 'it is refused as damaged, by name'),
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
