import type { WaitKind } from '../../machines/vocabulary/card.js';
/**
 * Every sentence of `kintsugi journal`. Names of actors, states, events, rules and options stand as in the journal, and the
 * sentences of rules as in docs/SPEC.md, in every language.
 */
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
export interface JournalTexts {
  /** What `--help` says. */
  readonly help: Readonly<
    Record<
      | 'program'
      | 'journal'
      | 'json'
      | 'url'
      | 'info'
      | 'tail'
      | 'lines'
      | 'follow'
      | 'from'
      | 'to'
      | 'show'
      | 'seq'
      | 'actor'
      | 'actorId'
      | 'changes'
      | 'actorLines'
      | 'message'
      | 'messageId'
      | 'why'
      | 'whyActor'
      | 'deadLetters'
      | 'retry'
      | 'export'
      | 'exportFrom'
      | 'exportTo'
      | 'out'
      | 'import'
      | 'importFile'
      | 'into'
      | 'verify'
      | 'compact',
      string
    >
  >;
  readonly columns: Readonly<
    Record<
      | 'seq'
      | 'time'
      | 'after'
      | 'event'
      | 'fact'
      | 'actor'
      | 'from'
      | 'to'
      | 'change'
      | 'rule'
      | 'what'
      | 'effect'
      | 'outcome'
      | 'message'
      | 'ref'
      | 'died'
      | 'reason'
      | 'retries'
      | 'retry'
      | 'duration'
      | 'says'
      | 'where',
      string
    >
  >;
  empty(path: string): string;
  noRecord(seq: number, first: number, last: number): string;
  noActor(id: string, nearest: string | null): string;
  noMessage(id: string, nearest: string | null): string;
  noRef(ref: string): string;
  severalMeant(asked: string, ids: readonly string[]): string;
  badWhy(text: string): string;
  rangeEmpty(from: string, to: string): string;
  readonly reading: string;
  readonly folding: string;
  readonly writing: string;

  readonly info: Readonly<
    Record<
      | 'file'
      | 'format'
      | 'size'
      | 'perRecord'
      | 'perAnswered'
      | 'records'
      | 'time'
      | 'lives'
      | 'program'
      | 'checkpoints'
      | 'segments'
      | 'account'
      | 'deadLetters'
      | 'head'
      | 'none'
      | 'exported'
      | 'tokenFile',
      string
    >
  >;
  infoTime(from: string, to: string, length: string): string;
  infoCheckpoints(count: number, newest: number, at: string, after: number): string;
  infoSegments(count: number, bytes: string): string;
  infoHeadOk(records: number, from: number): string;
  infoHeadBad(seq: number, actor: string): string;

  following(path: string): string;
  begunAnew(path: string): string;

  readonly show: Readonly<
    Record<'fact' | 'steps' | 'effects' | 'cause' | 'outcomes' | 'noSteps' | 'noEffects' | 'outside', string>
  >;
  life(epoch: number): string;
  causeEffect(seq: number, type: string, ago: string): string;
  causeTimer(seq: number, actor: string, timer: string, ago: string): string;
  causeSocket(seq: number): string;
  outcomeAt(seq: number, type: string, said: string, later: string): string;
  readonly outcomeNone: string;
  readonly outcomeOpen: string;
  outcomeBeyond(records: number): string;
  timerFired(seq: number, actor: string, timer: string, later: string): string;

  messageHead(content: string, author: string, place: string): string;
  messageEnd(verdict: string, after: string): string;
  messageOpen(state: string): string;
  readonly whereTime: string;
  readonly waits: {
    readonly [kind in WaitKind]: (told: Waited) => string;
  } & {
    cutOff(rung: string): string;
    dead(epoch: number): string;
  };

  whyHead(actor: string, state: string, seq: number, since: string): string;
  whyRule(rule: string, sentence: string): string;
  whyTimer(timer: string, left: string, due: string, armedAt: number): string;
  whyTimerOver(timer: string, due: string): string;
  readonly whyCounted: string;
  whyWay(rest: string | null): string;
  whyHeard(seq: number): string;
  readonly whyNever: string;
  whyEnded(actor: string, state: string, seq: number): string;

  readonly deadNone: string;
  deadCount(listed: number, all: number): string;
  deadUntil(time: string): string;
  readonly deadOver: string;
  readonly deadHint: string;
  retryNoBot(address: string): string;
  readonly retryOff: string;
  retryNoToken(file: string): string;
  retryRefused(status: number, message: string): string;
  retryDone(message: string, seq: number): string;
  retryNoAnswer(address: string): string;

  exported(records: number, from: number, to: number, file: string, redacted: number): string;
  exportExists(file: string): string;
  importExists(file: string): string;
  readonly importNotExport: string;
  imported(records: number, from: number, to: number, file: string): string;

  verifyOk(found: Readonly<Record<'records' | 'first' | 'last' | 'segments' | 'checkpoints' | 'rate', number>>): string;
  verifyBad(what: string): string;
  verifyRest(whole: number, findings: number): string;
  compacted(moved: number, before: string, after: string): string;
  readonly notSqlite: string;
}
