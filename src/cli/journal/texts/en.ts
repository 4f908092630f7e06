/** What a wait may tell; each kind tells its part. */
export interface Waited {
  readonly run: number;
  /** Who is waited for, and the states that it was in meanwhile. */
  readonly on: string;
  readonly states: string;
  readonly rung: string;
  readonly outcome: string;
  /** What happened before. */
  readonly failure: string;
}

/**
 * Every sentence of `kintsugi journal`. Names of actors, states, events, rules and options stand as in the journal, and
 * the sentences of rules as in docs/SPEC.md, in every language.
 */
export const en = {
  /** What `--help` says. */
  help: {
    program: "Reads a bot's journal: what happened, why, and what became of it",
    journal: 'the journal, or an export of one (default: KINTSUGI_JOURNAL or .kintsugi/bot.db)',
    json: 'for programs: one JSON object, or one a line',
    url: "the bot's HTTP address (default: KINTSUGI_HTTP or 127.0.0.1:7070)",
    info: 'file, format, size, range, process lives, checkpoints, account of messages, and whether the newest part refolds',
    tail: 'the newest records, or those of a stretch of time',
    lines: 'records from the end',
    follow: 'go on with what becomes durable, until Ctrl-C',
    from: 'from this record or time on, such as 41, 03:12 or 2026-11-24T03:12',
    to: 'up to this record or time',
    show: 'one record: the fact, who heard it, what was asked for, its cause and its outcomes',
    seq: 'the record',
    actor: 'the life of an actor, step by step',
    actorId: 'such as breaker:messages or delivery:ID.0',
    changes: 'only steps that led to another state',
    actorLines: 'only so many, the newest',
    message: 'one message from arrival to answer, and where the time went',
    messageId: 'its id, or the ref of "Something went wrong (ref K7Q2)"',
    why: 'what led to the state that an actor is in',
    whyActor: 'such as breaker:messages@61; without a record: now',
    deadLetters: 'messages that could not be answered, and why',
    retry: 'have the running bot handle this one again',
    export: 'a stretch as JSON lines, without secrets, with the state before it',
    exportFrom: 'first record or time (default: the first)',
    exportTo: 'last record or time (default: the last)',
    out: 'write to this file (default: standard output)',
    import: 'makes a journal of an export',
    importFile: 'the export',
    into: 'the new journal',
    verify: 'reads everything and checks it: checksums, order, archive',
    compact: 'moves what no restart needs to the archive and gives the room back; the bot must not run',
  },
  columns: {
    seq: 'seq',
    time: 'time',
    after: 'after',
    event: 'event',
    fact: 'fact',
    actor: 'actor',
    from: 'from',
    to: 'to',
    change: 'change',
    rule: 'rule',
    what: 'what the rule says',
    effect: 'effect',
    outcome: 'outcome',
    message: 'message',
    ref: 'ref',
    died: 'died',
    reason: 'reason',
    retries: 'tried again',
    retry: 'can be retried',
    duration: 'for',
    says: 'says',
    where: 'what',
  },
  empty: (path: string) => `${path}: there is no record in it yet`,
  noRecord: (seq: number, first: number, last: number) =>
    `There is no record ${seq}; the journal has ${first} to ${last}`,
  noActor: (id: string, nearest: string | null) =>
    `There is no actor "${id}" in this journal${nearest === null ? '' : `; did you mean "${nearest}"?`}`,
  noMessage: (id: string, nearest: string | null) =>
    `There is no message "${id}" in this journal${nearest === null ? '' : `; did you mean "${nearest}"?`}`,
  noRef: (ref: string) => `No message in this journal has the ref ${ref}`,
  severalMeant: (asked: string, ids: readonly string[]) => `"${asked}" may mean ${ids.join(' or ')}; write more of it`,
  badWhy: (text: string) => `"${text}" is not ACTOR or ACTOR@SEQ; write for example breaker:messages@61`,
  rangeEmpty: (from: string, to: string) => `There is no record from ${from} to ${to}`,
  reading: 'Reading',
  folding: 'Folding',
  writing: 'Writing',

  info: {
    file: 'file',
    format: 'format',
    size: 'size',
    perRecord: 'bytes a record',
    perAnswered: 'bytes an answered message',
    records: 'records',
    time: 'time',
    lives: 'process lives',
    program: 'machine versions',
    checkpoints: 'checkpoints',
    segments: 'archived segments',
    account: 'messages',
    deadLetters: 'dead letters',
    head: 'newest part',
    none: 'none',
    exported: 'export',
    tokenFile: 'operator token',
  },
  infoTime: (from: string, to: string, length: string) => `${from} to ${to} (${length})`,
  infoCheckpoints: (count: number, newest: number, at: string, after: number) =>
    `${count}, the newest after record ${newest} (${at}); ${after} records since`,
  infoSegments: (count: number, bytes: string) => `${count} (${bytes})`,
  infoHeadOk: (records: number, from: number) => `refolds as recorded (${records} records since ${from})`,
  infoHeadBad: (seq: number, actor: string) =>
    `DIFFERS at record ${seq}, ${actor}: npm run replay -- --verify shows both sides`,

  following: (path: string) => `following ${path}; Ctrl-C ends`,
  begunAnew: (path: string) => `${path} was begun anew`,

  show: {
    fact: 'Fact',
    steps: 'Steps',
    effects: 'Effects',
    cause: 'Cause',
    outcomes: 'Outcomes',
    noSteps: 'nobody heard it',
    noEffects: 'none',
    outside: 'from outside',
  },
  life: (epoch: number) => `life ${epoch}`,
  causeEffect: (seq: number, type: string, ago: string) => `answers ${type} of record ${seq}, ${ago} before`,
  causeTimer: (seq: number, actor: string, timer: string, ago: string) =>
    `${timer} of ${actor}, armed by record ${seq}, ${ago} before`,
  causeSocket: (seq: number) => `came over the connection that record ${seq} asked for`,
  outcomeAt: (seq: number, type: string, said: string, later: string) =>
    `record ${seq}: ${[type, said].filter(Boolean).join(' ')}, ${later} later`,
  outcomeNone: 'no outcome is awaited',
  outcomeOpen: 'none yet',
  outcomeBeyond: (records: number) => `none within the next ${records} records`,
  timerFired: (seq: number, actor: string, timer: string, later: string) =>
    `record ${seq}: ${timer} of ${actor} fired, ${later} later`,

  messageHead: (content: string, author: string, place: string) => `${content} by ${author} in ${place}`,
  messageEnd: (verdict: string, after: string) => `${verdict} after ${after}`,
  messageOpen: (state: string) => `still ${state}`,
  whereTime: 'Where the time went',
  waits: {
    slot: () => 'waited for a free handler',
    twin: () => 'waited for its second copy, which may mention the bot',
    handler: ({ run }: Waited) => `the handler ran${run > 1 ? ` (run ${run})` : ''}`,
    rerun: () => 'rested before the handler ran again',
    replies: () => 'its replies were under way',
    turn: ({ on }: Waited) => `waited for its turn in ${on}`,
    permit: ({ on, states }: Waited) => `waited for ${on}${states === '' ? '' : `, which was ${states}`}`,
    call: ({ rung, outcome }: Waited) => `call to QQ as ${rung}: ${outcome}`,
    cutOff: (rung: string) => `call to QQ as ${rung}: cut off when the process died; whether it arrived is not known`,
    backOff: ({ failure }: Waited) => `rested before the next try, after ${failure}`,
    rungPause: ({ failure }: Waited) => `rested before the next form, after ${failure}`,
    partPause: () => 'rested before the next part, for the pace',
    audit: () => 'QQ audited it',
    doubt: () => 'waited until what was cut off had arrived, or never would',
    external: () => 'called a foreign API',
    dead: (epoch: number) => `the bot was not running; life ${epoch} took it up`,
  },

  whyHead: (actor: string, state: string, seq: number, since: string) =>
    `${actor} is ${state} at record ${seq}, since ${since}`,
  whyRule: (rule: string, sentence: string) => `by ${rule}: ${sentence}`,
  whyTimer: (timer: string, left: string, due: string, armedAt: number) =>
    `${timer} has ${left} left, until ${due}; armed by record ${armedAt}`,
  whyTimerOver: (timer: string, due: string) => `${timer} was due at ${due}`,
  whyCounted: 'What it counted',
  whyWay: (rest: string | null) =>
    rest === null ? 'Its way here, from its birth' : `Its way here, since it was last ${rest}`,
  whyHeard: (seq: number) => `What it had heard when record ${seq} came`,
  whyNever: 'It has never left this state.',
  whyEnded: (actor: string, state: string, seq: number) => `${actor} had ended before record ${seq}, as ${state}`,

  deadNone: 'No dead letters.',
  deadCount: (listed: number, all: number) =>
    listed === all ? `${all} dead letters` : `the newest ${listed} of ${all} dead letters`,
  deadUntil: (time: string) => `until ${time}`,
  deadOver: 'no: its reply window is over',
  deadHint: 'npm run journal -- dead-letters --retry ID has the running bot handle one again.',
  retryNoBot: (address: string) =>
    `No bot answers at ${address}. Start it (npm start), or name its address: --url http://HOST:PORT`,
  retryOff:
    'The bot has no HTTP (KINTSUGI_HTTP=off), so nothing can be asked of it; set KINTSUGI_HTTP and start it again',
  retryNoToken: (file: string) =>
    `${file}: there is no operator token that only its owner can read; it is made when the bot of this journal starts`,
  retryRefused: (status: number, message: string) => `The bot refuses (${status}): ${message}`,
  retryDone: (message: string, seq: number) => `${message} is handled again; record ${seq}`,
  retryNoAnswer: (address: string) =>
    `${address} took the request and did not answer in time; look whether record operator.retried is there before you try again`,

  exported: (records: number, from: number, to: number, file: string, redacted: number) =>
    `${records} records (${from} to ${to}) written to ${file}${redacted > 0 ? `; secrets taken out: ${redacted}` : ''}`,
  exportExists: (file: string) => `${file} exists; name another file`,
  importExists: (file: string) => `${file} exists; name a file that does not`,
  importNotExport: 'this is a journal already, not an export; copy the file, or export a stretch of it first',
  imported: (records: number, from: number, to: number, file: string) =>
    `${records} records (${from} to ${to}) are in ${file}`,

  verifyOk: ({
    records,
    first,
    last,
    segments,
    checkpoints,
    rate,
  }: Readonly<Record<'records' | 'first' | 'last' | 'segments' | 'checkpoints' | 'rate', number>>) =>
    `Whole: ${records} records (${first} to ${last}), ${segments} archived segments and ${checkpoints} checkpoints are as they were written (${rate} records/s)`,
  verifyBad: (what: string) => `DAMAGED  ${what}`,
  verifyRest: (whole: number, findings: number) =>
    `${findings} ${findings === 1 ? 'place is' : 'places are'} not as written; ${whole} records are whole`,
  compacted: (moved: number, before: string, after: string) =>
    `${moved} records moved to the archive; the file was ${before} and is ${after}`,
  notCompacted: 'this is an export; only the journal of a bot can be compacted',
};
export type JournalTexts = typeof en;
