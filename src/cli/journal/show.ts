import type { Effect, Journal, Record } from '../../actors/ports.js';
import { topology } from '../../actors/wiring/topology.js';
import { rowOf } from '../../machines/kit/byKey.js';
import type { Session } from './environment.js';
import { effectText, factText, sentenceOf, stateText, stepText } from './telling/facts.js';
import { printable, shortActor, Table } from './telling/layout.js';
import { backwards, forwards, rangeOf, UsageError, withJournal } from './telling/records.js';
import { clockOf, dateOf, lengthOf } from './telling/times.js';

/** How far ahead outcomes are looked for, in records. */
export const AHEAD_MAX = 20_000;

interface Cause {
  readonly seq: number;
  readonly kind: 'effect' | 'timer' | 'socket';
  readonly effect?: Effect;
  readonly at: number;
}
interface Outcome {
  readonly effect: string;
  readonly record: Record;
}
interface Found {
  readonly record: Record;
  readonly cause: Cause | null;
  readonly outcomes: readonly Outcome[];
  /** Timers armed by this record that fired. */
  readonly fired: readonly Record[];
  /** The search ended before the journal did. */
  readonly isCut: boolean;
}

/** One record: what happened, who heard it, what was asked for; where it came from and what became of it. */
export async function show(session: Session, seq: number): Promise<void> {
  const found = await withJournal(session, async (journal) => {
    const { first, last } = await rangeOf(journal, session);
    const [record] = seq >= first.seq && seq <= last.seq ? await journal.read(seq - 1, 1) : [];
    if (!record) throw new UsageError(session.texts.noRecord(seq, first.seq, last.seq));
    const cause = await causeOf(journal, record, first.seq, session);
    return { record, cause, ...(await outcomesOf(journal, record, last.seq, session)) };
  });
  if (session.isJson) session.screen.json(jsonOf(found));
  else print(session, found);
}

/** The record that asked for what this fact answers. */
async function causeOf(journal: Journal, record: Record, first: number, { texts }: Session): Promise<Cause | null> {
  const { fact } = record;
  if (fact.type === 'timer.elapsed') {
    const [armed] = fact.armedAtSeq >= first ? await journal.read(fact.armedAtSeq - 1, 1) : [];
    return armed ? { seq: armed.seq, kind: 'timer', at: armed.at } : null;
  }
  const asked = 'effectId' in fact ? fact.effectId : 'socket' in fact ? fact.socket : null;
  if (asked === null) return null;
  const id = asked.slice(0, asked.lastIndexOf('.'));
  for await (const earlier of backwards(journal, record.seq - 1, first, texts.reading)) {
    if (earlier.id !== id) continue;
    const effect = earlier.effects.find((candidate) => candidate.id === asked);
    const kind = 'effectId' in fact ? 'effect' : 'socket';
    return { seq: earlier.seq, kind, at: earlier.at, ...(effect ? { effect } : {}) };
  }
  return null;
}

async function outcomesOf(
  journal: Journal,
  { seq, effects }: Record,
  last: number,
  { texts }: Session,
): Promise<Pick<Found, 'outcomes' | 'fired' | 'isCut'>> {
  const awaited = new Set(effects.filter(isAwaited).map(({ id }) => id));
  const outcomes: Outcome[] = [];
  const fired: Record[] = [];
  const to = Math.min(last, seq + AHEAD_MAX);
  for await (const record of seq < to ? forwards(journal, seq + 1, to, texts.reading) : []) {
    const { fact } = record;
    if (fact.type === 'timer.elapsed' && fact.armedAtSeq === seq) fired.push(record);
    if (!('effectId' in fact) || !awaited.has(fact.effectId)) continue;
    outcomes.push({ effect: fact.effectId, record });
  }
  return { outcomes, fired, isCut: to < last };
}

function isAwaited({ type }: Effect): boolean {
  return rowOf(topology.effects, type)?.awaited ?? false;
}

function jsonOf({ record, cause, outcomes, fired, isCut }: Found): object {
  return {
    record,
    cause: cause && { seq: cause.seq, kind: cause.kind, at: cause.at, effectId: cause.effect?.id ?? null },
    outcomes: outcomes.map(({ effect, record: { seq, at, fact } }) => ({ effectId: effect, seq, at, type: fact.type })),
    timersFired: fired.map(({ seq, at, fact }) => ({
      seq,
      at,
      ...(fact.type === 'timer.elapsed' ? { actor: fact.actor, timer: fact.timer } : {}),
    })),
    searchedTo: isCut ? record.seq + AHEAD_MAX : null,
  };
}

function print({ screen, texts }: Session, found: Found): void {
  const { record, cause } = found;
  const { fact, seq, at, epoch, id } = record;
  screen.write(
    `${screen.bold(`${seq}  ${fact.type}`)}  ${dateOf(at)}${clockOf(at).slice(8)}  ${screen.dim(`${texts.life(epoch)}, ${id}`)}`,
    '',
    screen.bold(texts.show.fact),
    ...factLines(fact),
    '',
    screen.bold(texts.show.cause),
    `  ${causeText(texts, record, cause)}`,
    '',
    screen.bold(texts.show.steps),
  );
  printSteps(screen, texts, record);
  screen.write('', screen.bold(texts.show.effects));
  printEffects(screen, texts, found);
}

/** The fact as it is, one field a line; nested ones as JSON. */
function factLines(fact: Record['fact']): string[] {
  return Object.entries(fact)
    .filter(([name]) => name !== 'type' && name !== 'ver')
    .map(([name, value]) => `  ${name}: ${printable(typeof value === 'string' ? value : JSON.stringify(value))}`);
}

function causeText(texts: Session['texts'], record: Record, cause: Cause | null): string {
  if (!cause) return texts.show.outside;
  const ago = lengthOf(record.at - cause.at);
  if (cause.kind === 'socket') return texts.causeSocket(cause.seq);
  if (cause.kind === 'effect')
    return `${texts.causeEffect(cause.seq, cause.effect?.type ?? '?', ago)}${cause.effect ? `: ${effectText(cause.effect)}` : ''}`;
  const { actor, timer } = record.fact as { actor: string; timer: string };
  return texts.causeTimer(cause.seq, shortActor(actor), timer, ago);
}

function printSteps(screen: Session['screen'], texts: Session['texts'], { steps }: Record): void {
  const { columns } = texts;
  if (steps.length === 0) return screen.write(`  ${texts.show.noSteps}`);
  const table = new Table(
    [
      { title: `  ${columns.actor}` },
      { title: columns.event },
      { title: columns.change },
      { title: columns.rule },
      { title: columns.what },
    ],
    { max: screen.width, dim: screen.dim },
  );
  screen.write(
    ...table.lines(
      steps.map((step) => [
        `  ${shortActor(step.actor)}`,
        step.event,
        step.rules.length === 0 ? screen.dim(stateText(step.from)) : stepText(step),
        step.rules.join(' ') || '–',
        step.rules.map(sentenceOf).join('; '),
      ]),
    ),
  );
}

function printEffects(
  screen: Session['screen'],
  texts: Session['texts'],
  { record, outcomes, fired, isCut }: Found,
): void {
  if (record.effects.length === 0) screen.write(`  ${texts.show.noEffects}`);
  const later = (then: Record): string => lengthOf(then.at - record.at);
  for (const effect of record.effects) {
    const ends = outcomes.filter((outcome) => outcome.effect === effect.id);
    const open = isCut ? texts.outcomeBeyond(AHEAD_MAX) : texts.outcomeOpen;
    const told =
      ends.length > 0
        ? ends.map(({ record: then }) => texts.outcomeAt(then.seq, then.fact.type, factText(then.fact), later(then)))
        : [isAwaited(effect) ? open : texts.outcomeNone];
    screen.write(`  ${effect.type}  ${effectText(effect)}`, ...told.map((line) => `    → ${line}`));
  }
  for (const { seq, at, fact } of fired)
    if (fact.type === 'timer.elapsed')
      screen.write(`  ⏱ ${texts.timerFired(seq, shortActor(fact.actor), fact.timer, lengthOf(at - record.at))}`);
}
