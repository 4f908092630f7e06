import { isHeld, rampLimit } from '../../../machines/circuitBreaker/context.js';
import { uncountedOf } from '../../../machines/intake/ahead.js';
import { PLACE_MAX } from '../../../machines/intake/crowd.js';
import { CHUNK, chunked, sizeOf } from '../../../machines/kit/chunks.js';
import type { LaneContext } from '../../../machines/lane/words.js';
import { contextOf, permitted, stateOf, waitersOf } from './contexts.js';
import type { Check, Look } from './look.js';

/** [core 32] What a giver counts is what is held; and nobody waits at a giver that could give (core 15). */
const COUNTS = '[core 32] places counted are places held';
const WAKES = '[core 15] nobody waits where there is room';
const LIVES = '[core 31] who stands in a line lives and waits there';

/** The longest line that any set of options allows; new options may find a longer one than they allow themselves. */
const LINE_MAX = 10_000;

const AWAITING: readonly string[] = ['awaitingPermit', 'awaitingUpload', 'awaitingReading'];
/** States of a delivery in which it has its lane's turn. */
export const WITH_TURN: readonly string[] = [
  'awaitingPermit',
  'sending',
  'awaitingUpload',
  'uploading',
  'doubting',
  'awaitingReading',
  'reading',
  'steppingDown',
  'continuing',
];

/** A reply that tries a form may have to upload its picture first. */
const TRYING: readonly string[] = ['awaitingUpload', 'uploading', 'awaitingPermit', 'sending'];

export const breaker: Check = (id, actor, look) => {
  const { fail, census } = look;
  const context = contextOf(actor, 'circuitBreaker');
  const state = stateOf(actor);
  const held = census.callsUnder(id, context.generation);
  if (context.inFlight !== held.size)
    fail(COUNTS, `${id} (${state}) counts ${context.inFlight} calls, ${held.size} are out`);
  if (context.inFlight > context.inFlightFull)
    fail('[core 32] a giver gives no more than it has', `${id}: ${context.inFlight} of ${context.inFlightFull}`);
  if (context.waiting.size > LINE_MAX) fail('[core 38] lines are bounded', `${id}: ${context.waiting.size} wait`);
  const isOut = (effect: string): boolean => permitted(look.state.openEffect(effect))?.permit.id === context.probe;
  if (state === 'halfOpen.probing' && ![...held].some(isOut))
    fail('[core 31] a probe is out, or it has come back', `${id} waits for ${context.probe}, which nobody has`);
  checkLine(id, context.waiting.size, waitersOf(context.waiting), look);
  if (context.waiting.size === 0) return;
  const limit = state === 'halfOpen.ramping' ? rampLimit(context) : context.inFlightMax;
  const isIdle =
    state === 'halfOpen.awaitingProbe' ||
    (actor.snapshot.hasTag('admitting') && !isHeld(context) && context.inFlight < limit);
  if (isIdle) fail(WAKES, `${id} (${state}): ${context.waiting.size} wait, ${context.inFlight} of ${limit} are out`);
};

export const operatorBreaker: Check = (id, actor, look) => {
  const { fail, census } = look;
  const context = contextOf(actor, 'operatorBreaker');
  const state = stateOf(actor);
  const held = census.callsUnder(id, context.generation).size;
  if (held !== (state === 'inUse' ? 1 : 0)) fail(COUNTS, `${id} is ${state}, ${held} calls are out`);
  checkLine(id, context.waiting.size, waitersOf(context.waiting), look);
  if (state === 'available' && context.waiting.size > 0) fail(WAKES, `${id}: ${context.waiting.size} wait`);
};

function checkLine(id: string, size: number, waiters: Iterable<string>, { fail }: Look): void {
  let count = 0;
  for (const _waiter of waiters) count += 1;
  if (count !== size) fail(COUNTS, `${id}: ${count} stand in a line of ${size}`);
}

/** Those in a breaker's line are looked at one by one, when they or the line have changed. */
export function waiter(id: string, { state, census, fail }: Look): void {
  const at = census.waitsAt.get(id);
  const actor = state.actor(id);
  const now = actor ? stateOf(actor) : 'ended';
  if (at !== undefined && !AWAITING.includes(now)) fail(LIVES, `${id} (${now}) waits at ${at}`);
  if (at === undefined && AWAITING.includes(now))
    fail('[core 31] who waits stands in a line', `${id} (${now}) waits nowhere`);
}

export const lane: Check = (id, actor, { state, fail }) => {
  const context = contextOf(actor, 'lane');
  const kind = stateOf(actor);
  for (const holder of Object.keys(context.holders)) {
    const owner = state.actor(holder);
    const now = owner ? stateOf(owner) : 'ended';
    if (!WITH_TURN.includes(now)) fail(COUNTS, `${holder} (${now}) holds a turn of ${id}`);
  }
  const line = lineOf(context);
  for (const waiting of line) {
    const owner = state.actor(waiting);
    const now = owner ? stateOf(owner) : 'ended';
    if (now !== 'queued') fail(LIVES, `${waiting} (${now}) waits at ${id}`);
  }
  if (line.length !== context.queued) fail(COUNTS, `${id}: ${line.length} stand in a line of ${context.queued}`);
  const timers = Object.keys(actor.timers);
  if ((kind === 'saturated' || kind === 'blocked') && timers.length === 0)
    fail(WAKES, `${id} is ${kind} without a deadline`);
  if (kind === 'pacing' && context.ready.length > 0 && Object.keys(context.holders).length === 0)
    fail(WAKES, `${id}: ${context.ready.length} could go, nobody is out`);
  if (kind === 'idle' && (line.length > 0 || Object.keys(context.holders).length > 0))
    fail(WAKES, `${id} is idle, ${line.length} wait`);
  const keys = Object.values(context.holders);
  if (new Set(keys).size !== keys.length) fail('[A3] one reply to an author at a time', `${id}: ${keys.join(', ')}`);
};

const sumOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

function lineOf({ ready, behind }: LaneContext): readonly string[] {
  return [...ready.map(({ delivery }) => delivery), ...Object.values(behind).flat()];
}

export const intake: Check = (id, actor, { census, state, fail }) => {
  const context = contextOf(actor, 'intake');
  const kind = stateOf(actor);
  const handling = census.count('message', 'handling', 'pausing');
  if (context.handling !== handling) fail(COUNTS, `${id} counts ${context.handling} slots, ${handling} are held`);
  const line = chunked(context.waiting);
  const [size, held] = [sizeOf(line), context.held.length];
  const waiting = census.count('message', 'received');
  if (size + held !== waiting) fail(COUNTS, `${id}: ${size + held} stand in a line, ${waiting} wait for a slot`);
  if (size + held > LINE_MAX) fail('[core 38] lines are bounded', `${id}: ${size + held} wait`);
  for (const chunk of [...line, context.held]) {
    for (const run of chunk) {
      const owner = state.actor(`message:${run}`);
      if (!owner || stateOf(owner) !== 'received')
        fail(LIVES, `message:${run} (${owner ? stateOf(owner) : 'ended'}) waits at ${id}`);
    }
  }
  const { concurrencyMax } = context.options;
  const slots = context.isReduced ? Math.max(1, Math.floor(concurrencyMax / 2)) : concurrencyMax;
  if (size > 0 && handling < slots) fail(WAKES, `${id}: ${size} wait, ${handling} of ${slots} are handled`);
  if (held > 0 && !context.isReduced) fail(WAKES, `${id}: ${held} held back, load is not reduced`);
  if (kind === 'full' && context.inHand <= uncountedOf(context))
    fail(WAKES, `${id} is full, and nothing is in hand but what its source must end`);
  const crowd = context.crowd.places.flat();
  const [all, beside] = [sumOf(crowd), sumOf(crowd.map((count) => Math.max(0, count - PLACE_MAX)))];
  if (all !== context.inHand || beside !== context.crowd.beside)
    fail(
      COUNTS,
      `${id}: ${all} in hand by place, ${context.inHand} in all; ${context.crowd.beside} beside, not ${beside}`,
    );
  const aside = census.count('message', 'aside');
  if (context.aside !== aside) fail(COUNTS, `${id} counts ${context.aside} set aside, ${aside} are`);
  const inHand = census.countAll('message') - census.count('message', 'pairing');
  if (context.inHand !== inHand)
    fail('[core 28] in hand is what lives', `${id} counts ${context.inHand}, ${inHand} live`);
  const letters = sizeOf(context.deadLetters);
  if (letters > context.deadLettersMax + CHUNK) fail('[core 38] lists are bounded', `${id}: ${letters} dead letters`);
};

export const feature: Check = (id, actor, { state, fail }) => {
  const context = contextOf(actor, 'feature');
  const kind = stateOf(actor);
  if (kind === 'probing') {
    const owner = context.canary === null ? undefined : state.actor(context.canary);
    const now = owner ? stateOf(owner) : 'ended';
    if (!TRYING.includes(now)) fail(COUNTS, `${context.canary} (${now}) tries ${id}`);
  }
  const isOff = !actor.snapshot.hasTag('on');
  if (isOff && !context.isDue && Object.keys(actor.timers).length === 0)
    fail('[core 15] what is off has a way back', `${id} (${kind}) ${context.reason}`);
};

/** [core 31] A permitted call belongs to one that lives and makes it. */
export function call(effectId: string, { state, fail }: Look): void {
  const effect = permitted(state.openEffect(effectId));
  if (!effect) return;
  const owner = state.actor(effect.actor);
  const now = owner ? stateOf(owner) : 'ended';
  const wanted = {
    'call.start': 'sending',
    'picture.upload': 'uploading',
    'channel.check': 'reading',
    'external.run': 'calling',
  }[effect.type];
  if (now !== wanted)
    fail('[core 31] a call has an owner that makes it', `${effect.type} ${effectId} of ${effect.actor} (${now})`);
}
