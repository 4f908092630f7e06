import type { Record, Step } from '../../actors/ports.js';
import type { Session } from './environment.js';
import { factText, isMove, stateText } from './telling/facts.js';
import { findActor } from './telling/find.js';
import { type Align, Table } from './telling/layout.js';
import { backwards, forwards, rangeOf, withJournal } from './telling/records.js';
import { clockOf } from './telling/times.js';

export interface ActorOptions {
  /** Only steps that led to another state. */
  readonly changes: boolean;
  /** Only so many, the newest. */
  readonly lines?: number;
}

interface Row {
  readonly record: Record;
  readonly step: Step;
}
const PIECE = 200;

/** The life of an actor, step by step. */
export async function actor(session: Session, asked: string, { changes, lines }: ActorOptions): Promise<void> {
  const { screen, isJson, texts } = session;
  const { columns } = texts;
  const table = new Table(
    [
      { title: columns.seq, align: 'right' as Align },
      { title: columns.time },
      { title: columns.event },
      { title: columns.from },
      { title: columns.to },
      { title: columns.rule },
      { title: columns.says },
    ],
    { max: screen.width, dim: screen.dim },
  );
  const print = (rows: readonly Row[]): void => {
    if (isJson) for (const row of rows) screen.json(jsonOf(row));
    else if (rows.length > 0) screen.write(...table.lines(rows.map(cellsOf)));
  };
  await withJournal(session, async (journal) => {
    const { first, last } = await rangeOf(journal, session);
    const id = await findActor(journal, asked, last.seq, session);
    const rowsOf = (record: Record): Row[] =>
      record.steps.filter((step) => step.actor === id && (!changes || isMove(step))).map((step) => ({ record, step }));
    const rows: Row[] = [];
    if (lines === undefined) {
      for await (const record of forwards(journal, first.seq, last.seq, texts.reading)) {
        rows.push(...rowsOf(record));
        if (rows.length >= PIECE) print(rows.splice(0));
      }
    } else {
      for await (const record of backwards(journal, last.seq, first.seq, texts.reading)) {
        rows.unshift(...rowsOf(record));
        if (rows.length >= lines) break;
      }
    }
    print(lines === undefined ? rows : rows.slice(-lines));
  });
}

function jsonOf({ record, step }: Row): object {
  const { actor: _actor, ...rest } = step;
  return { seq: record.seq, at: record.at, ...rest, fact: record.fact.type };
}

function cellsOf({ record: { seq, at, fact }, step }: Row): string[] {
  const says = factText(fact);
  const cause = step.event === fact.type ? says : `${fact.type} ${says}`;
  const to = isMove(step) ? stateText(step.to) : '·';
  return [String(seq), clockOf(at), step.event, stateText(step.from), to, step.rules.join(' ') || '–', cause.trim()];
}
