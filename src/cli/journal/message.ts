import { refOf } from '../../machines/vocabulary/replies/words.js';
import type { Session } from './environment.js';
import { factText, quoted, stateText, stepText } from './telling/facts.js';
import { findMessage } from './telling/find.js';
import { type Align, shortActor, shortId, Table } from './telling/layout.js';
import { inboundOf, type Life, read, type Scene } from './telling/life.js';
import { forwards, rangeOf, withJournal } from './telling/records.js';
import { clockOf, dateOf, lengthOf } from './telling/times.js';
import { type Wait, waitsOf } from './telling/waits.js';

/** One message from arrival to answer. `asked`: its id, or the ref of an apology. */
export async function message(session: Session, asked: string): Promise<void> {
  const life = await withJournal(session, async (journal) => {
    const arrival = await findMessage(journal, asked, session);
    const { last } = await rangeOf(journal, session);
    return read(forwards(journal, arrival.seq, last.seq, session.texts.reading), arrival);
  });
  const waits = waitsOf(life, session.texts);
  if (session.isJson) session.screen.json(jsonOf(life, waits));
  else print(session, life, waits);
}

function jsonOf({ arrival, scenes, verdict, lives }: Life, waits: readonly Wait[]): object {
  const inbound = inboundOf(arrival);
  return {
    message: inbound.id,
    ref: refOf(inbound.id),
    seq: arrival.seq,
    at: arrival.at,
    verdict,
    inbound,
    records: scenes.map(({ record: { seq, at, fact }, steps, effects }) => ({ seq, at, fact, steps, effects })),
    waits: waits.map(({ actor, from, to, seq, what }) => ({
      actor,
      seq,
      from,
      ms: to === null ? null : to - from,
      what,
    })),
    lives,
  };
}

function print({ screen, texts }: Session, life: Life, waits: readonly Wait[]): void {
  const { arrival, scenes, verdict } = life;
  const { id, author, place, content } = inboundOf(arrival);
  const endedAt = scenes.at(-1)?.record.at ?? arrival.at;
  const state = scenes.flatMap(({ steps }) => steps).findLast(({ actor }) => actor.startsWith('message:'))?.to ?? null;
  const isGood = verdict === 'answered' || verdict === 'silent';
  const end =
    verdict === null ? texts.messageOpen(stateText(state)) : texts.messageEnd(verdict, lengthOf(endedAt - arrival.at));
  screen.write(
    `${screen.bold(id)}  ${screen.dim(`ref ${refOf(id)}`)}`,
    texts.messageHead(quoted(content), shortId(author.id), `${place.kind} ${shortId(place.channelId)}`),
    `${dateOf(arrival.at)}${clockOf(arrival.at).slice(8)}  ${verdict === null ? screen.yellow(end) : isGood ? screen.green(end) : screen.red(end)}`,
    '',
  );
  const { columns } = texts;
  const table = new Table(
    [
      { title: columns.seq, align: 'right' as Align },
      { title: columns.after, align: 'right' },
      { title: columns.fact },
      { title: columns.actor },
      { title: columns.change },
      { title: columns.rule },
      { title: columns.says },
    ],
    { max: screen.width, dim: screen.dim },
  );
  let before = arrival.at;
  const rows = scenes.flatMap((scene) => {
    const { record, steps } = scene;
    const gap = record.at - before;
    before = record.at;
    const head = [String(record.seq), gap === 0 ? '' : `+${lengthOf(gap)}`, record.fact.type];
    const says = record.seq === arrival.seq ? '' : saysOf(scene);
    return steps.map((step, i) => [
      ...(i === 0 ? head : ['', '', '']),
      nameOf(step.actor, id),
      stepText(step),
      step.rules.join(' ') || '–',
      i === 0 ? says : '',
    ]);
  });
  screen.write(...table.lines(rows));
  if (waits.length === 0) return;
  const lines = new Table(
    [
      { title: columns.seq, align: 'right' },
      { title: columns.duration, align: 'right' },
      { title: columns.actor },
      { title: columns.where },
    ],
    { max: screen.width, dim: screen.dim },
  );
  screen.write(
    '',
    screen.bold(texts.whereTime),
    ...lines.lines(
      waits.map(({ seq, from, to, actor, what }) => [
        String(seq),
        to === null ? '…' : lengthOf(to - from),
        actor === null ? '' : nameOf(actor, id),
        what,
      ]),
    ),
  );
}

/** What the fact says; where it is about another reply, whose. */
function saysOf({ record: { fact, steps }, steps: own }: Scene): string {
  const about = steps.find(({ actor, event }) => event === fact.type && /^(delivery|message|external):/.test(actor));
  const isOther = about !== undefined && !own.some(({ actor }) => actor === about.actor);
  return isOther ? `${factText(fact)} (${shortActor(about.actor)})` : factText(fact);
}

/** The message's own actors without its id: `message`, `reply 0`. */
function nameOf(actor: string, id: string): string {
  const rest = actor.replace(id, '').replace(':', ' ').trim();
  return actor.includes(id) ? rest.replace(/ ?\./, ' ').replace(' ~', '~') : shortActor(actor);
}
