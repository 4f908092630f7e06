import type { Record } from '../../../../src/actors/ports.js';
import { MARK_KINDS, type Mark } from '../../protocol.js';
import type { HeatCounts } from './heatCounts.js';
import { hashOf } from './kept/persistentMap.js';
import { effectIdOf, factIdOf, marksOf, subjectOf } from './readRecord.js';
import { Vocabulary } from './vocabulary.js';

/** Records of one page: page P holds the seqs P * 500 + 1 to (P + 1) * 500. */
export const PAGE_RECORDS = 500;
export const pageOf = (seq: number): number => Math.floor((seq - 1) / PAGE_RECORDS);

/** Words of a journal; the same for all its pages. */
export class Words {
  readonly types = new Vocabulary(20_000);
  readonly events = new Vocabulary(20_000);
  readonly rules = new Vocabulary(20_000);
  readonly classes = new Vocabulary(250);

  /** Types of facts and of what actors heard, most frequent first. */
  frequent(max: number): readonly string[] {
    return [...new Set([...this.types.byCount(max), ...this.events.byCount(max)])].slice(0, max);
  }
}

/**
 * What is kept of the records of one page so that search, timeline and links need not read them: some 60 bytes a
 * record. Ids are kept as hashes; who finds one reads the record to be sure.
 */
export class Page {
  /** First seq that it really holds: in a page that begins in the middle, or where older records are gone. */
  first = 0;
  count = 0;
  readonly at = new Float64Array(PAGE_RECORDS);
  readonly type = new Uint16Array(PAGE_RECORDS);
  readonly errorClass = new Uint8Array(PAGE_RECORDS);
  readonly id = new Uint32Array(PAGE_RECORDS);
  /** Hash of the fact that asked for the effect which this one is about; of a timer's firing the seq that armed it. */
  readonly cause = new Uint32Array(PAGE_RECORDS);
  readonly message = new Uint32Array(PAGE_RECORDS);
  readonly user = new Uint32Array(PAGE_RECORDS);
  /** One bit a kind of mark. */
  readonly marked = new Uint16Array(PAGE_RECORDS);
  /** Where the steps of a record begin in the three lists below. */
  readonly stepsFrom = new Uint32Array(PAGE_RECORDS + 1);
  actors: number[] | Uint32Array = [];
  events: number[] | Uint16Array = [];
  rules: number[] | Uint16Array = [];
  /** Texts in lower case, each after a line feed. */
  texts = '';
  readonly textsFrom = new Uint32Array(PAGE_RECORDS + 1);
  readonly marks: Mark[] = [];
  heat: HeatCounts | null = null;

  constructor(
    readonly number: number,
    private readonly words: Words,
  ) {}

  get last(): number {
    return this.first + this.count - 1;
  }
  get isFull(): boolean {
    return this.count > 0 && this.last === (this.number + 1) * PAGE_RECORDS;
  }

  add(record: Record, crashed: readonly string[]): void {
    if (this.count === 0) this.first = record.seq;
    const i = this.count;
    const { text, message, user, errorClass } = subjectOf(record);
    const { words } = this;
    const type = words.types.note(record.fact.type);
    this.at[i] = record.at;
    this.type[i] = type;
    this.errorClass[i] = errorClass === null ? 0 : words.classes.note(errorClass) || 255;
    this.id[i] = hashOf(record.id);
    this.cause[i] = causeOf(record);
    this.message[i] = message === null ? 0 : hashOf(message);
    this.user[i] = user === null ? 0 : hashOf(user);
    for (const mark of marksOf(record, crashed)) {
      this.marked[i]! |= 1 << MARK_KINDS.indexOf(mark.kind);
      this.marks.push({ seq: record.seq, at: record.at, ...mark });
    }
    for (const step of record.steps) {
      (this.actors as number[]).push(hashOf(step.actor));
      (this.events as number[]).push(words.events.note(step.event));
      (this.rules as number[]).push(step.rules.length === 0 ? 0 : words.rules.note(step.rules.join(' ')));
    }
    this.texts += `\n${text.toLowerCase()}`;
    this.count += 1;
    this.stepsFrom[this.count] = this.actors.length;
    this.textsFrom[this.count] = this.texts.length;
  }

  /** Packs the lists once the page is full. */
  pack(): void {
    this.actors = Uint32Array.from(this.actors);
    this.events = Uint16Array.from(this.events);
    this.rules = Uint16Array.from(this.rules);
    this.texts = Buffer.from(this.texts, 'utf16le').toString('utf16le'); // one flat text instead of a rope
  }
}

function causeOf(record: Record): number {
  const fact = record.fact as unknown as { readonly type: string; readonly armedAtSeq?: unknown };
  if (fact.type === 'timer.elapsed') return typeof fact.armedAtSeq === 'number' ? fact.armedAtSeq >>> 0 : 0;
  const effect = effectIdOf(record);
  return effect === null ? 0 : hashOf(factIdOf(effect));
}
