import type { CrashPoint } from '../../src/actors/crashPoints.js';
import { createCrash } from '../../src/adapters/crashAt.js';
import { compactJournal } from '../../src/adapters/journal/compactJournal.js';

/** A process of its own that compacts a journal and may die on the way: JOURNAL [POINT]. */
const [path = '', point = ''] = process.argv.slice(2);
await compactJournal(path, { reached: createCrash(point === '' ? null : { point: point as CrashPoint, time: 1 }) });
