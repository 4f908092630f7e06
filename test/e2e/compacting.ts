import type { CrashPoint } from '../../src/actors/step/crashPoints.js';
import { compactJournal } from '../../src/adapters/journal/compactJournal.js';
import { createCrash } from '../../src/adapters/process/crashAt.js';

/** A process of its own that compacts a journal and may die on the way: JOURNAL [POINT]. */
const [path = '', point = ''] = process.argv.slice(2);
await compactJournal(path, { reached: createCrash(point === '' ? null : { point: point as CrashPoint, time: 1 }) });
