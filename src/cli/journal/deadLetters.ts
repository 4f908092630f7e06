import { fold } from '../../actors/fold/fold.js';
import { contextOf } from '../../actors/step/reading.js';
import { topology } from '../../actors/wiring/topology.js';
import { operatorTokenFile, readOperatorToken } from '../../adapters/operator/http/operatorToken.js';
import { exitCodes } from '../../base/exitCodes.js';
import { jsonObject } from '../../base/jsonObject.js';
import { nearest } from '../../base/nearest.js';
import { complain } from '../../base/terminal.js';
import { readAnswer } from '../../base/unpack.js';
import { type DeadLetter, deadLettersOf } from '../../machines/intake/deadLetters.js';
import { refOf } from '../../machines/vocabulary/replies/words.js';
import type { Session } from './environment.js';
import { quoted } from './telling/facts.js';
import { type Align, isMeant, shortId, Table } from './telling/layout.js';
import { backwards, rangeOf, seqBar, UsageError, withJournal } from './telling/records.js';
import { clockOf, dateOf } from './telling/times.js';

interface Letter extends DeadLetter {
  /** What the user wrote, where it is among the newer records. */
  readonly content: string | null;
  /** Until when it can be handled again, ms; null: no longer. */
  readonly until: number | null;
}
interface Letters {
  readonly letters: readonly Letter[];
  /** Dead letters since the journal began. */
  readonly all: number;
}
const ANSWER_MS = 15_000;
const ANSWER_MAX = 64 * 1024;

/**
 * The list of dead letters as the journal has it; `retry` has the running bot handle one again. Gives the exit code.
 */
export async function deadLetters(session: Session, retry: string | undefined): Promise<number> {
  const found = await withJournal(session, (journal) => lettersOf(journal, session));
  if (retry !== undefined) return retryOne(session, found, retry);
  if (session.isJson) session.screen.json({ deadLetters: found.letters, all: found.all });
  else print(session, found);
  return exitCodes.drained;
}

async function lettersOf(journal: Parameters<typeof fold>[0], session: Session): Promise<Letters> {
  const { first, last } = await rangeOf(journal, session);
  const bar = seqBar(session.texts.folding, last.seq);
  const { state } = await fold(journal, topology, { onProgress: bar.onProgress });
  bar.end();
  const intake = contextOf(state.actor('intake'), 'intake');
  const windows = state.options?.delivery.replyWindowMs;
  const dead = deadLettersOf(intake);
  const oldest = Date.now() - Math.max(0, ...Object.values(windows ?? {}).map(Number));
  const wanted = new Set(dead.map(({ message }) => message));
  const arrivals = new Map<string, { content: string; until: number }>();
  for await (const { fact, at } of wanted.size > 0
    ? backwards(journal, last.seq, first.seq, session.texts.reading)
    : []) {
    if (at < oldest || arrivals.size === wanted.size) break;
    if (fact.type !== 'message.received' || !wanted.has(fact.message.id)) continue;
    arrivals.set(fact.message.id, {
      content: fact.message.content,
      until: at + (windows?.[fact.message.place.kind] ?? 0),
    });
  }
  const letters = dead.map((letter) => {
    const arrival = arrivals.get(letter.message);
    return {
      ...letter,
      content: arrival?.content ?? null,
      until: arrival && arrival.until > Date.now() ? arrival.until : null,
    };
  });
  return { letters, all: intake?.ended.deadLettered ?? 0 };
}

function print({ screen, texts }: Session, { letters, all }: Letters): void {
  if (letters.length === 0) return screen.write(texts.deadNone);
  const { columns } = texts;
  const table = new Table(
    [
      { title: columns.message },
      { title: columns.ref },
      { title: columns.died },
      { title: columns.reason },
      { title: columns.retries, align: 'right' as Align },
      { title: columns.retry },
      { title: columns.says },
    ],
    { max: screen.width, dim: screen.dim },
  );
  const rows = letters.map(({ message, at, reason, retries = 0, until, content }) => [
    shortId(message),
    refOf(message),
    dateOf(at),
    reason,
    String(retries),
    until === null ? texts.deadOver : texts.deadUntil(clockOf(until).slice(0, 8)),
    content === null ? '' : quoted(content),
  ]);
  screen.write(...table.lines(rows), '', texts.deadCount(letters.length, all), screen.dim(texts.deadHint));
}

async function retryOne(session: Session, { letters }: Letters, asked: string): Promise<number> {
  const { texts, screen } = session;
  const ids = letters.map(({ message }) => message);
  const meant = ids.filter((id) => isMeant(asked, id) || refOf(id) === asked);
  if (meant.length > 1) throw new UsageError(texts.severalMeant(asked, meant.slice(0, 3)));
  // One that the journal's list does not have any more may still be news to us: the bot decides.
  const message = meant[0] ?? asked;
  if (meant.length === 0 && nearest(asked, ids) !== null)
    throw new UsageError(texts.noMessage(asked, nearest(asked, ids)));
  const answer = await ask(session, { type: 'operator.retried', message, by: 'cli' });
  if (typeof answer === 'string') {
    complain(answer);
    return exitCodes.stuck;
  }
  if (answer.status !== 200) {
    complain(texts.retryRefused(answer.status, answer.message ?? ''));
    return answer.status === 404 || answer.status === 409 ? exitCodes.usage : exitCodes.stuck;
  }
  if (session.isJson) screen.json({ message, seq: answer.seq });
  else screen.write(texts.retryDone(message, answer.seq ?? 0));
  return exitCodes.drained;
}

/** Asks the running bot; a text says why it cannot be asked. */
async function ask(
  { botAddress, path, texts }: Session,
  action: object,
): Promise<string | { status: number; seq?: number; message?: string }> {
  if (botAddress === null) return texts.retryOff;
  const url = /^https?:/.test(botAddress) ? botAddress : `http://${botAddress}`;
  const file = operatorTokenFile(path);
  const token = readOperatorToken(file);
  if (token === null) return texts.retryNoToken(file);
  let response: Response;
  try {
    response = await fetch(`${url}/operator`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(action),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
  } catch (error) {
    return (error as Error).name === 'TimeoutError' ? texts.retryNoAnswer(url) : texts.retryNoBot(url);
  }
  const text = await readAnswer(response, ANSWER_MAX).catch(() => '');
  return { status: response.status, ...(jsonObject(text) as { seq?: number; message?: string } | null) };
}
