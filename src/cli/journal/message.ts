import type { Effect, Record, Step } from '../../actors/ports.js';
import { refOf } from '../../machines/vocabulary/replies.js';
import type { Session } from './environment.js';
import { factText, isMove, quoted, stateText, stepText } from './facts.js';
import { findMessage } from './find.js';
import { type Align, shortActor, shortId, Table } from './layout.js';
import { forwards, rangeOf, withJournal } from './records.js';
import { clockOf, dateOf, lengthOf } from './times.js';
import { type Wait, waitsOf } from './waits.js';

/** A record in which the message's own actors took part. */
export interface Scene {
  readonly record: Record;
  readonly steps: readonly Step[];
  readonly effects: readonly Effect[];
}
/** All that is needed to tell a message's life. */
export interface Life {
  readonly arrival: Record;
  readonly scenes: readonly Scene[];
  /** States of the breakers from when the message came, and lives of the process. */
  readonly breakers: readonly {
    readonly seq: number;
    readonly at: number;
    readonly breaker: string;
    readonly state: string;
  }[];
  readonly lives: readonly { readonly epoch: number; readonly diedAt: number; readonly at: number }[];
  readonly verdict: string | null;
  readonly lastAt: number;
}

/** No reply window and no audit lasts longer; after this nothing more comes of an ended message. */
const OVER_MS = 3_600_000;

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

function inboundOf({ fact }: Record) {
  if (fact.type !== 'message.received') throw new TypeError(`record of ${fact.type}`);
  return fact.message;
}

/** Collects what concerns the message; breakers are watched because replies wait for them. */
async function read(records: AsyncIterable<Record>, arrival: Record): Promise<Life> {
  const { id } = inboundOf(arrival);
  const isOwn = ownersOf(id);
  const scenes: Scene[] = [];
  const breakers: Life['breakers'][number][] = [];
  const lives: Life['lives'][number][] = [];
  const living = new Set<string>();
  let verdict: string | null = null;
  let before = arrival;
  for await (const record of records) {
    if (record.fact.type === 'run.started' && record !== arrival)
      lives.push({ epoch: record.epoch, diedAt: before.at, at: record.at });
    const steps = record.steps.filter(({ actor }) => isOwn(actor));
    const effects = record.effects.filter(({ actor }) => isOwn(actor));
    for (const effect of effects) if (effect.type === 'handler.run') isOwn.adds(effect.id);
    for (const step of record.steps) {
      if (
        step.actor.startsWith('breaker:') &&
        (isMove(step) || !breakers.some(({ breaker }) => breaker === step.actor))
      )
        breakers.push({ seq: record.seq, at: record.at, breaker: step.actor, state: stateText(step.to) });
    }
    for (const { actor, to } of steps) {
      if (to === null || ENDS.has(stateText(to))) living.delete(actor);
      else living.add(actor);
      if (actor.startsWith('message:'))
        verdict = to === null ? 'crashed' : ENDS.has(stateText(to)) ? stateText(to) : null;
    }
    const names = record.fact.type === 'operator.retried' && record.fact.message.id === id;
    if (steps.length > 0 || effects.length > 0 || names) scenes.push({ record, steps, effects });
    if (living.size === 0 && record.at - arrival.at > OVER_MS) break;
    before = record;
  }
  return { arrival, scenes, breakers, lives, verdict, lastAt: before.at };
}

const ENDS: ReadonlySet<string> = new Set([
  'answered',
  'silent',
  'refused',
  'deadLettered',
  'uncertain',
  'delivered',
  'crashed',
]);

/** Whether an actor belongs to a message: itself, its replies, what its handlers call, each time that it was handled. */
function ownersOf(id: string): ((actor: string) => boolean) & { adds(effectId: string): void } {
  const runs: string[] = [];
  const isRun = (rest: string): boolean =>
    rest === id || (rest.startsWith(`${id}~`) && /^\d+$/.test(rest.slice(id.length + 1)));
  const isOwn = (actor: string): boolean => {
    if (actor.startsWith('message:')) return isRun(actor.slice('message:'.length));
    if (actor.startsWith('delivery:')) return isRun(actor.slice('delivery:'.length, actor.lastIndexOf('.')));
    if (actor.startsWith('external:')) return runs.some((run) => actor.startsWith(`external:${run}.`));
    return actor === `interaction:${id}`;
  };
  return Object.assign(isOwn, { adds: (effectId: string): void => void runs.push(effectId) });
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
