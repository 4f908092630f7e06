/**
 * Moments between which a process may die. A test kills the bot at each of them and starts it again; docs/CRASH.md has
 * the list. Names: the part, then what has just happened or is about to.
 */
export const CRASH_POINTS = {
  'start.locked': 'the lock is held; nothing was read or written yet',
  'migration.before': 'the file is open; its tables are as the version before left them',
  'migration.inside': 'the tables are brought up to this version, not yet committed',
  'migration.after': 'the tables are of this version; nothing was read yet',
  'start.fenced': 'this life has its epoch: the one before can no longer write',
  'start.folded': 'the state is folded from checkpoint and records; nothing of this life is journaled',
  'start.recorded': 'the new life and what the dead one left open are journaled, the effects of that have started',
  'inbox.taken': 'a fact is in the inbox, in memory alone',
  'step.after': 'a batch is stepped, its changes are pending',
  'append.before': 'the batch is about to be appended',
  'append.inside': 'its rows are written, the transaction is open',
  'append.after': 'the batch is durable; nothing of it was done yet',
  'act.before': 'an effect is durable and about to start',
  'act.after': 'an effect has started; those after it have not',
  'outcome.before': 'an adapter knows the outcome of an effect, nobody else does',
  'outcome.after': 'the outcome is in the inbox, not durable',
  'checkpoint.taken': 'a checkpoint is made in memory',
  'checkpoint.inside': 'it is written, the transaction is open',
  'checkpoint.after': 'it is durable, with the records that belong to it',
  'compaction.written': 'a segment of the archive is durable, the file does not list it yet',
  'compaction.listed': 'the file lists the segment, the rows that it replaces are still there',
  'compaction.swept': 'some of the rows are deleted',
  'stop.begun': 'the drain is over, connections are closed; no last checkpoint yet',
  'stop.recorded': 'the last checkpoint is durable, the file is open',
  'stop.closed': 'the file is closed and the lock released; the process has not ended',
} as const;
export type CrashPoint = keyof typeof CRASH_POINTS;

/** Told at each crash point; by default nobody is. */
export type Reached = (point: CrashPoint) => void;
