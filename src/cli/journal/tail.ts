import type { JournalStore } from '../../actors/journalStore.js';
import type { Record } from '../../actors/ports.js';
import { complain } from '../../base/terminal.js';
import { type Moment, seqAt } from '../words/moment.js';
import type { Session } from './environment.js';
import { factText, isMove, stepText } from './telling/facts.js';
import { type Align, shortActor, Table } from './telling/layout.js';
import { forwards, rangeOf, UsageError, withJournal } from './telling/records.js';
import { clockOf } from './telling/times.js';

export interface TailOptions {
  /** Records from the end, where no `from` is given. */
  readonly lines: number;
  readonly follow: boolean;
  readonly from?: Moment;
  readonly to?: Moment;
}

/** Moves shown for a record; the rest is counted. */
const MOVES_MAX = 3;
const PIECE = 200;
/** Followed journals tell when they change; where they do not, we look this often. */
const LOOK_MS = 5_000;

/** Prints records, one a line. */
export async function tail(session: Session, options: TailOptions): Promise<void> {
  const printer = createPrinter(session);
  const last = await withJournal(session, async (journal) => {
    const { seq } = await journal.position();
    if (seq === 0 && options.follow) return 0;
    const { first } = await rangeOf(journal, session);
    const to = options.to ? await seqAt(journal, options.to) : seq;
    const from = options.from ? await firstFrom(journal, options.from) : Math.max(first.seq, to - options.lines + 1);
    if (from > to && !options.follow) throw new UsageError(session.texts.rangeEmpty(String(from), String(to)));
    const piece: Record[] = [];
    for await (const record of forwards(journal, from, to, session.texts.reading)) {
      piece.push(record);
      if (piece.length === PIECE) printer(piece.splice(0));
    }
    printer(piece);
    return to;
  });
  if (options.follow) await follow(session, last, printer);
}

/** The first record at or after a moment. */
async function firstFrom(journal: Parameters<typeof seqAt>[0], moment: Moment): Promise<number> {
  if ('seq' in moment) return moment.seq;
  return (await seqAt(journal, { at: moment.at - 1 })) + 1;
}

function createPrinter({ screen, isJson, texts }: Session): (records: readonly Record[]) => void {
  const { columns } = texts;
  const table = new Table(
    [
      { title: columns.seq, align: 'right' as Align },
      { title: columns.time },
      { title: columns.fact },
      { title: columns.says },
      { title: columns.change },
    ],
    { max: screen.width, dim: screen.dim },
  );
  return (records) => {
    if (records.length === 0) return;
    if (isJson) for (const record of records) screen.json(record);
    else
      screen.write(
        ...table.lines(
          records.map((record) => [
            String(record.seq),
            clockOf(record.at),
            paint(record, screen),
            says(record),
            changeOf(record),
          ]),
        ),
      );
  };
}

const SAYS_MAX = 56;
function says(record: Record): string {
  const text = factText(record.fact);
  return text.length > SAYS_MAX ? `${text.slice(0, SAYS_MAX - 1)}…` : text;
}

/** Births and self-transitions aside, what changed. */
function changeOf({ steps }: Record): string {
  const moves = steps.filter((step) => isMove(step) && step.from !== null);
  const shown = moves
    .slice(0, MOVES_MAX)
    .map((step) => `${shortActor(step.actor)} ${stepText(step)} [${step.rules.join(' ')}]`);
  const rest = moves.length - shown.length;
  return [...shown, ...(rest > 0 ? [`+${rest}`] : [])].join(', ');
}

function paint({ fact }: Record, { red, yellow, bold, dim }: Session['screen']): string {
  const { type } = fact;
  if (/^(handler\.failed|effect\.failed|effect\.interrupted|actor\.quarantined)$/.test(type)) return red(type);
  if (/[fF]ailed$|^socket\.closed|^frame\.rejected|invalidated$/.test(type)) return yellow(type);
  if (/^(run\.started|stop\.requested|operator\.|recovery\.)/.test(type)) return bold(type);
  return type === 'timer.elapsed' || type.startsWith('heartbeat.') ? dim(type) : type;
}

/** Prints what becomes durable from now on, until a signal ends it. Woken by the journal, not by a clock. */
async function follow(session: Session, after: number, printer: (records: readonly Record[]) => void): Promise<void> {
  const { store, path, screen, texts } = session;
  if (!session.isJson) complain(screen.dim(texts.following(path)));
  let journal = await store.openReader();
  let identity = await store.identity();
  let last = after;
  const bell = createBell(store);
  try {
    while (await bell.rung()) {
      if ((await store.identity()) !== identity) {
        await journal.close();
        journal = await store.openReader();
        identity = await store.identity();
        last = 0;
        complain(texts.begunAnew(path));
      }
      for (let batch = await journal.read(last, PIECE); batch.length > 0; batch = await journal.read(last, PIECE)) {
        printer(batch);
        last = batch.at(-1)!.seq;
      }
    }
  } finally {
    bell.close();
    await journal.close();
  }
}

interface Bell {
  /** When the file has changed since the last time, or may have; false: the user wants to end. */
  rung(): Promise<boolean>;
  close(): void;
}

function createBell(store: JournalStore): Bell {
  let isChanged = true;
  let isOver = false;
  let wake: () => void = () => undefined;
  const ring = (): void => {
    isChanged = true;
    wake();
  };
  const end = (): void => {
    isOver = true;
    wake();
  };
  const unwatch = store.watch(ring);
  const clock = setInterval(ring, LOOK_MS);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
  return {
    async rung() {
      if (!isChanged && !isOver)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      isChanged = false;
      return !isOver;
    },
    close() {
      unwatch();
      clearInterval(clock);
    },
  };
}
