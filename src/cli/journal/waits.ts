import type { Record, StateValue } from '../../actors/ports.js';
import { UPLOADS } from '../../machines/delivery/pictures.js';
import { factText, stateText } from './facts.js';
import { shortActor } from './layout.js';
import type { Life, Scene } from './life.js';
import type { JournalTexts } from './textShape.js';

/** A stretch of a message's life in which one of its actors stood in one state. */
export interface Wait {
  readonly seq: number;
  readonly from: number;
  /** null: it still does. */
  readonly to: number | null;
  /** null: the process itself. */
  readonly actor: string | null;
  readonly what: string;
}

interface Stay {
  readonly actor: string;
  readonly state: string;
  readonly since: Scene;
  readonly until: Scene | null;
}

/** States of a breaker that are named for one wait. */
const STATES_MAX = 4;

/** What every actor of a message did how long, in order; stays of no length are left out. */
export function waitsOf(life: Life, texts: JournalTexts): Wait[] {
  const waits: Wait[] = life.lives
    .filter(
      ({ at, diedAt }) => at > diedAt && diedAt >= life.arrival.at && diedAt <= (life.scenes.at(-1)?.record.at ?? 0),
    )
    .map(({ epoch, diedAt, at }) => ({
      seq: seqBefore(life, at),
      from: diedAt,
      to: at,
      actor: null,
      what: texts.waits.dead(epoch),
    }));
  for (const stay of staysOf(life.scenes)) {
    const { actor, since, until } = stay;
    const [from, to] = [since.record.at, until?.record.at ?? null];
    const what = to === from ? null : explain(stay, life, texts);
    if (what !== null) waits.push({ seq: since.record.seq, from, to, actor, what });
  }
  return waits.sort((a, b) => a.from - b.from || a.seq - b.seq);
}

function seqBefore({ scenes, arrival }: Life, at: number): number {
  return scenes.findLast(({ record }) => record.at < at)?.record.seq ?? arrival.seq;
}

/** A state that is entered anew by a microstep (a handler run again, a second try) begins a new stay. */
function staysOf(scenes: readonly Scene[]): Stay[] {
  const stays: Stay[] = [];
  const open = new Map<string, { readonly state: string; readonly since: Scene }>();
  for (const scene of scenes) {
    for (const step of scene.steps) {
      const now = step.to === null ? 'crashed' : stateText(step.to as StateValue);
      const held = open.get(step.actor);
      const isAgain = held?.state === now && step.rules.includes('M9');
      if (held && held.state === now && !isAgain) continue;
      if (held) stays.push({ actor: step.actor, ...held, until: scene });
      open.set(step.actor, { state: now, since: scene });
    }
  }
  return [...stays, ...[...open].map(([actor, held]) => ({ actor, ...held, until: null }))];
}

function explain(stay: Stay, life: Life, texts: JournalTexts): string | null {
  const { waits } = texts;
  if (stay.actor.startsWith('message:')) {
    if (stay.state === 'received') return waits.slot();
    if (stay.state === 'handling') return waits.handler(runOf(stay));
    return null; // while it is replying its replies tell
  }
  switch (stay.state) {
    case 'queued':
      return waits.turn(shortActor(laneOf(stay)));
    case 'awaitingPermit': {
      const breaker = breakerOf(stay);
      return waits.permit(breaker, breakerStates(stay, breaker, life));
    }
    case 'awaitingUpload':
      return waits.permit(UPLOADS, breakerStates(stay, UPLOADS, life));
    case 'uploading':
    case 'sending':
      if (stay.until?.record.fact.type === 'effect.interrupted') return waits.cutOff(rungOf(stay));
      return waits.call(
        rungOf(stay),
        stay.until ? `${stay.until.record.fact.type} ${factText(stay.until.record.fact)}`.trim() : '…',
      );
    case 'backingOff':
      return waits.backOff(failureOf(stay.since.record));
    case 'steppingDown':
      return waits.stepDown(failureOf(stay.since.record));
    case 'continuing':
      return waits.nextPart();
    case 'underAudit':
      return waits.audit();
    default:
      return null;
  }
}

function runOf({ since, actor }: Stay): number {
  const effect = since.effects.find((candidate) => candidate.actor === actor && candidate.type === 'handler.run');
  return effect?.type === 'handler.run' ? effect.attempt : 1;
}

const CALLS: readonly string[] = ['call.start', 'picture.upload'];
function rungOf({ since, actor }: Stay): string {
  const effect = since.effects.find((candidate) => candidate.actor === actor && CALLS.includes(candidate.type));
  if (effect?.type === 'picture.upload') return 'upload';
  return effect?.type === 'call.start' ? effect.rung : '?';
}

/** The breaker that let it go in the end. */
function breakerOf({ until, actor }: Stay): string {
  const effect = until?.effects.find((candidate) => candidate.actor === actor && candidate.type === 'call.start');
  return effect?.type === 'call.start' ? effect.breaker : 'breaker:messages';
}

/** The lane that took part where the delivery asked for or got its turn. */
function laneOf({ since, until }: Stay): string {
  const steps = [...(until?.record.steps ?? []), ...since.record.steps];
  return steps.find(({ actor }) => actor.startsWith('lane:'))?.actor ?? 'lane';
}

/** `open since 61, halfOpen.probing since 70`: the states of the breaker while it was waited for, `closed` left out. */
function breakerStates({ since, until }: Stay, breaker: string, { breakers }: Life): string {
  const [from, to] = [since.record.seq, until?.record.seq ?? Number.MAX_SAFE_INTEGER];
  const own = breakers.filter((change) => change.breaker === breaker && change.seq <= to);
  const first = own.findLast(({ seq }) => seq <= from);
  const states = [...(first ? [first] : []), ...own.filter(({ seq }) => seq > from && seq < to)];
  const shown = states.filter(({ state }) => state !== 'closed').map(({ state, seq }) => `${state} (${seq})`);
  const many = shown.length > STATES_MAX ? [...shown.slice(0, 2), '…', shown.at(-1)!] : shown;
  return many.join(' → ');
}

function failureOf({ fact }: Record): string {
  return `${fact.type} ${factText(fact)}`.trim();
}
