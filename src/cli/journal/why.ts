import { fold } from '../../actors/fold/fold.js';
import type { Journal, Record, StateValue, Step } from '../../actors/ports.js';
import { contextOf } from '../../actors/step/reading.js';
import type { ActorState, SystemState } from '../../actors/step/state.js';
import { topology } from '../../actors/wiring/topology.js';
import { stateOf } from '../../machines/cards.js';
import type { Session } from './environment.js';
import { factText, isMove, sentenceOf, stateText, stepText } from './telling/facts.js';
import { findActor } from './telling/find.js';
import { type Align, cutTo, printable, shortActor, Table } from './telling/layout.js';
import { backwards, rangeOf, seqBar, UsageError, withJournal } from './telling/records.js';
import { clockOf, dateOf, lengthOf } from './telling/times.js';

/** Steps of an actor: `heard` at rest, before it left; `way` from there on. */
export interface Story {
  readonly heard: readonly Taken[];
  readonly way: readonly Taken[];
  /** The state of rest it had left; null: it never was at rest, or never left it. */
  readonly rest: string | null;
}
export interface Taken {
  readonly record: Record;
  readonly step: Step;
}

/** Steps at rest that are shown where the context does not say which of them counted. */
const HEARD_MAX = 10;
/** Of a breaker the calls of its window, but no more than these. */
const CALLS_MAX = 200;

/** `why ACTOR[@SEQ]`: the outcomes that led to its state, the rules that fired, what it has counted. */
export async function why(session: Session, text: string): Promise<void> {
  const [, asked = '', at] = /^(.+?)(?:@(\d{1,15}))?$/.exec(text) ?? [];
  if (asked === '') throw new UsageError(session.texts.badWhy(text));
  await withJournal(session, async (journal) => {
    const { first, last } = await rangeOf(journal, session);
    const seq = at === undefined ? last.seq : Number(at);
    if (seq < first.seq || seq > last.seq) throw new UsageError(session.texts.noRecord(seq, first.seq, last.seq));
    const bar = seqBar(session.texts.folding, seq);
    const { state } = await fold(journal, topology, { upTo: seq, onProgress: bar.onProgress });
    bar.end();
    const id = state.actor(asked) ? asked : await findActor(journal, asked, seq, session);
    const actor = state.actor(id);
    const story = await storyOf(journal, { id, actor, seq, first: first.seq }, session);
    if (session.isJson) session.screen.json(jsonOf(id, seq, state, story));
    else print(session, { id, seq, state, story });
  });
}

interface Asked {
  readonly id: string;
  readonly actor: ActorState | undefined;
  readonly seq: number;
  readonly first: number;
}

/** Goes back to where it last left its rest, and there as far as what it heard counted. */
async function storyOf(journal: Journal, { id, actor, seq, first }: Asked, { texts }: Session): Promise<Story> {
  const isRest = (step: Step, side: 'from' | 'to'): boolean => restOf(actor, step[side]) !== null;
  let rest: string | null = null;
  const way: Taken[] = [];
  const heard: Taken[] = [];
  const isEnough = evidenceOf(actor);
  let hasLeft = false;
  let isAway = false;
  for await (const record of backwards(journal, seq, first, texts.reading)) {
    for (const step of [...record.steps].reverse()) {
      if (step.actor !== id) continue;
      const taken = { record, step };
      if (hasLeft) {
        if (isMove(step) || isEnough(taken, heard, way.at(-1)!)) return tell(way, heard, rest);
        if (counts(step)) heard.push(taken);
        continue;
      }
      isAway ||= !isRest(step, 'to') || isMove(step);
      if (isAway && (isMove(step) || counts(step))) way.push(taken);
      hasLeft = isAway && isRest(step, 'from') && !isRest(step, 'to');
      if (hasLeft) rest = restOf(actor, step.from);
    }
  }
  return tell(way, heard, rest);
}

/** The first part of its state, where all is well in it; of others the story begins with their birth. */
function restOf(actor: ActorState | undefined, value: StateValue | null): string | null {
  const path = value === null ? '' : stateText(value);
  return actor && stateOf(actor.machine, path)?.isRest ? (path.split('.', 1)[0] as string) : null;
}

function tell(way: readonly Taken[], heard: readonly Taken[], rest: string | null): Story {
  const hasLeft = heard.length > 0 || (way.at(-1)?.step.from ?? null) !== null;
  return { way: [...way].reverse(), heard: [...heard].reverse(), rest: hasLeft ? rest : null };
}

/** Steps that only pass something on say nothing about why. */
const PASSING: ReadonlySet<string> = new Set([
  'permit.requested',
  'permit.cancelled',
  'turn.requested',
  'slot.requested',
  'slot.released',
  'run.started',
  'event.received',
  'message.received',
  'heartbeat.acknowledged',
]);
function counts({ event, rules }: Step): boolean {
  return rules.length > 0 && !PASSING.has(event);
}

type IsEnough = (next: Taken, heard: readonly Taken[], leaving: Taken) => boolean;

/** How far back what was heard at rest had an influence. */
function evidenceOf(actor: ActorState | undefined): IsEnough {
  const options = contextOf(actor, 'circuitBreaker')?.options;
  if (!options) return (_next, heard) => heard.length >= HEARD_MAX;
  return ({ record }, heard, leaving) => {
    const calls = [leaving, ...heard].filter(({ step }) => step.event.startsWith('call.'));
    const isStreak = calls.every(({ step }) => step.event === 'call.failed');
    if (heard.length >= CALLS_MAX) return true;
    return isStreak ? calls.length >= options.failureThreshold : leaving.record.at - record.at > options.windowMs;
  };
}

/** The context without options and long lists: what it counted and remembers. */
function countsOf(actor: ActorState | undefined): [string, string][] {
  return Object.entries<unknown>({ ...actor?.snapshot.context })
    .filter(([name, value]) => name !== 'options' && name !== 'id' && value !== null && !isEmpty(value))
    .map(([name, value]) => [name, valueText(value)]);
}

const VALUE_MAX = 160;
/** Numbers past this are times. */
const YEAR_2001 = 1e12;

function valueText(value: unknown): string {
  if (typeof value === 'number') return value >= YEAR_2001 ? clockOf(value) : String(value);
  return cutTo(printable(typeof value === 'string' ? value : JSON.stringify(value)), VALUE_MAX);
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return (
    value === false || value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0)
  );
}

function jsonOf(id: string, seq: number, state: SystemState, { heard, way, rest }: Story): object {
  const actor = state.actor(id);
  const rows = (taken: readonly Taken[]) =>
    taken.map(({ record: { seq, at, fact }, step: { actor: _actor, ...step } }) => ({
      seq,
      at,
      ...step,
      fact,
      sentences: step.rules.map(sentenceOf),
    }));
  return {
    actor: id,
    seq,
    at: state.at,
    value: actor?.snapshot.value ?? state.ended(id, state.at)?.value ?? null,
    since: actor?.since ?? null,
    rule: actor?.rule ?? null,
    sentence: actor ? sentenceOf(actor.rule) : null,
    timers: actor?.timers ?? {},
    context: actor?.snapshot.context ?? null,
    rest,
    heard: rows(heard),
    way: rows(way),
  };
}

function print({ screen, texts }: Session, told: { id: string; seq: number; state: SystemState; story: Story }): void {
  const { id, seq, state, story } = told;
  const actor = state.actor(id);
  const name = shortActor(id);
  if (actor) {
    screen.write(
      screen.bold(
        texts.whyHead(
          name,
          stateText(actor.snapshot.value),
          seq,
          `${dateOf(actor.since)}${clockOf(actor.since).slice(8)}`,
        ),
      ),
      `  ${texts.whyRule(actor.rule, sentenceOf(actor.rule))}`,
    );
    for (const [timer, { dueAt, armedAtSeq }] of Object.entries(actor.timers)) {
      const left = dueAt - state.at;
      screen.write(
        `  ${left > 0 ? texts.whyTimer(timer, lengthOf(left), clockOf(dueAt), armedAtSeq) : texts.whyTimerOver(timer, clockOf(dueAt))}`,
      );
    }
  } else {
    const ended = story.way.at(-1)?.step.to ?? state.ended(id, state.at)?.value ?? null;
    screen.write(screen.bold(texts.whyEnded(name, stateText(ended), seq)));
  }
  const { columns } = texts;
  const tableOf = (rows: readonly Taken[]): string[] =>
    new Table(
      [
        { title: `  ${columns.seq}`, align: 'right' as Align },
        { title: columns.time },
        { title: columns.event },
        { title: columns.says },
        { title: columns.change },
        { title: columns.rule },
        { title: columns.what },
      ],
      { max: screen.width, dim: screen.dim },
    ).lines(
      rows.map(({ record, step }) => [
        String(record.seq),
        clockOf(record.at),
        step.event,
        saysOf(record, step),
        stepText(step),
        step.rules.join(' ') || '–',
        step.rules.map(sentenceOf).join('; '),
      ]),
    );
  if (story.heard.length > 0)
    screen.write('', screen.bold(texts.whyHeard(story.way[0]!.record.seq)), ...tableOf(story.heard));
  if (story.way.length > 0) screen.write('', screen.bold(texts.whyWay(story.rest)), ...tableOf(story.way));
  else screen.write('', texts.whyNever);
  const counted = countsOf(actor);
  if (counted.length === 0) return;
  const width = Math.max(...counted.map(([field]) => field.length));
  screen.write(
    '',
    screen.bold(texts.whyCounted),
    ...counted.map(([field, value]) => `  ${field.padEnd(width)}  ${value}`),
  );
}

function saysOf({ fact }: Record, step: Step): string {
  const said = factText(fact);
  return step.event === fact.type || said === '' ? said : `${fact.type} ${said}`;
}
