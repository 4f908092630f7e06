import { fixed, type Limit } from '../../base/limit.js';
import { LIVE_RECORDS_MAX } from './archive/archiving.js';
import { UNPACKED_MAX } from './archive/segments.js';
import { EXPORT_LINE_MAX } from './exported/exportedJournal.js';
import { CHECKPOINTS_MAX } from './sqlite/sqliteCheckpoints.js';
import { FINDINGS_MAX } from './verifyJournal.js';

/** Of the files of journals. */
export const journalLimits: readonly Limit[] = [
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
  fixed('exportLine', 'bytes of a line of an exported journal', EXPORT_LINE_MAX, 'the file is refused as damaged'),
  fixed('segmentUnpacked', 'bytes of a segment when it is unpacked', UNPACKED_MAX, 'it is refused as damaged, by name'),
];
