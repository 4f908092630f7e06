import type { Record, StateValue } from '../../../actors/ports.js';
import { waitedFor } from '../../../actors/reading/waitedFor.js';
import { machineOf } from '../../../actors/wiring/rows/rows.js';
import { CARDS } from '../../../machines/cards.js';
import type { JournalTexts } from '../texts/en.js';
import { factText, stateText } from './facts.js';
import { shortActor } from './layout.js';
import type { Life, Scene } from './life.js';

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

/** What its machine's card says of the state, in the words of the reader. */
function explain(stay: Stay, life: Life, texts: JournalTexts): string | null {
  const { actor, state, since, until } = stay;
  const { steps } = since.record;
  const own = steps.findLastIndex((step) => step.actor === actor);
  const machine = machineOf(actor);
  const wait = machine && waitedFor(CARDS[machine], state, steps, own);
  if (!wait || wait.kind === 'replies') return null; // while it is replying its replies tell
  const rung = rungOf(stay);
  if (wait.kind === 'call' && until?.record.fact.type === 'effect.interrupted') return texts.waits.cutOff(rung);
  const on = wait.on ?? '';
  return texts.waits[wait.kind]({
    run: runOf(stay),
    on: wait.kind === 'turn' ? shortActor(on) : on,
    states: wait.kind === 'permit' ? breakerStates(stay, on, life) : '',
    rung,
    outcome: until ? `${until.record.fact.type} ${factText(until.record.fact)}`.trim() : '…',
    failure: failureOf(since.record),
  });
}

function runOf({ since, actor }: Stay): number {
  const effect = since.effects.find((candidate) => candidate.actor === actor && candidate.type === 'handler.run');
  return effect?.type === 'handler.run' ? effect.attempt : 1;
}

/** The form in which QQ is called. */
function rungOf({ since, actor }: Stay): string {
  for (const effect of since.effects) {
    if (effect.actor !== actor) continue;
    if (effect.type === 'call.start') return effect.rung;
    if (effect.type === 'picture.upload') return 'upload';
    if (effect.type === 'channel.check') return 'reading';
  }
  return '?';
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
