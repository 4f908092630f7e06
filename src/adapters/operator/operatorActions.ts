import type { Journal, ProcessClock, Record } from '../../actors/ports.js';
import { contextOf } from '../../actors/step/reading.js';
import type { ActorSystem } from '../../actors/system/actorSystem.js';
import { deadLettersOf } from '../../machines/intake/deadLetters.js';
import type { OperatorOrigin } from '../../machines/vocabulary/base.js';
import type { Fact } from '../../machines/vocabulary/facts/facts.js';
import type { OperatorFact } from '../../machines/vocabulary/facts/operatorFacts.js';
import { FEATURES, type Feature } from '../../machines/vocabulary/replies/features.js';
import { withDeadline } from '../process/withDeadline.js';

/** What an operator asks for from outside. */
export type OperatorAction =
  | { readonly type: BreakerAction; readonly breaker: string; readonly by: OperatorOrigin }
  | {
      readonly type: 'operator.forced';
      readonly feature: Feature;
      readonly to: 'on' | 'off';
      readonly forMs: number;
      readonly by: OperatorOrigin;
    }
  | { readonly type: 'operator.unforced'; readonly feature: Feature; readonly by: OperatorOrigin }
  | { readonly type: 'recovery.requested'; readonly force: boolean; readonly by: OperatorOrigin }
  | { readonly type: 'operator.retried'; readonly message: string; readonly by: OperatorOrigin };
type BreakerAction = Extract<OperatorFact, { breaker: string }>['type'];

/**
 * The action cannot be done; the message says why. `status` as in HTTP: 404 nothing of that name, 409 not now, 503 not
 * recorded.
 */
export class OperatorRefusal extends Error {
  override readonly name = 'OperatorRefusal';
  constructor(
    readonly status: 404 | 409 | 503,
    message: string,
  ) {
    super(message);
  }
}

/** Wait for the record of an action. */
const DURABLE_MS = 10_000;
const BATCH = 200;

export interface OperatorActionsOptions {
  readonly system: ActorSystem;
  readonly journal: Journal;
  readonly clock: ProcessClock;
  /** Posts a fact; resolves with its record once that is durable. */
  readonly postDurably: (fact: Fact) => Promise<Record>;
}

/** Takes an operator's actions into the journal. Gives the seq of the record; rejects with OperatorRefusal. */
export function createOperatorActions(options: OperatorActionsOptions): (action: OperatorAction) => Promise<number> {
  const { system, clock, postDurably } = options;
  return async (action) => {
    if (!system.state.actors.get('bot')) throw new OperatorRefusal(503, 'the bot is still starting; try again');
    const fact = await factOf(action, options);
    const late = (): Error => new OperatorRefusal(503, 'the journal does not take the record now; look at /readyz');
    const record = await withDeadline(clock, DURABLE_MS, () => postDurably(fact), late).catch((error: Error) => {
      throw error instanceof OperatorRefusal ? error : new OperatorRefusal(503, error.message);
    });
    const target = targetOf(action);
    const [heard] = record.steps.filter(({ actor }) => actor === target);
    if (heard && heard.rules.length === 0)
      throw new OperatorRefusal(
        409,
        `recorded as ${record.seq}, without effect: ${target} does not hear ${action.type} in state ${JSON.stringify(system.state.actors.get(target)?.snapshot.value)}`,
      );
    const refusal = heard?.rules.map((rule) => REFUSALS[rule]).find(Boolean);
    if (refusal) throw new OperatorRefusal(409, `recorded as ${record.seq}, without effect: ${refusal}`);
    return record.seq;
  };
}

/** Rules of the intake by which it does not handle a message again. */
const REFUSALS: { readonly [rule: string]: string | undefined } = {
  I21: 'the message is not among the dead letters',
  I22: 'its reply window is over, and an active push is not what the user asked for',
  I23: 'it has been handled again too often',
  I25: 'the bot is stopping; try again when it runs',
};

function targetOf(action: OperatorAction): string {
  if ('breaker' in action) return action.breaker;
  if ('feature' in action) return `feature:${action.feature}`;
  return action.type === 'operator.retried' ? 'intake' : 'recovery';
}

async function factOf(action: OperatorAction, options: OperatorActionsOptions): Promise<Fact> {
  const { system } = options;
  const isThere = (id: string): boolean => system.state.actors.get(id) !== undefined;
  if ('breaker' in action) {
    if (action.breaker.startsWith('breaker:') && isThere(action.breaker)) return action;
    throw new OperatorRefusal(404, `there is no breaker "${action.breaker}"; GET /actors lists them`);
  }
  switch (action.type) {
    case 'operator.forced': {
      const { to, ...rest } = action;
      return { ...rest, on: to === 'on', reason: `by ${action.by}` };
    }
    case 'operator.unforced':
      return action;
    case 'recovery.requested': {
      const breakers = [...system.state.actors.entries()]
        .map(([id]) => id)
        .filter((id) => id.startsWith('breaker:external:'));
      return { ...action, by: `operator:${action.by}`, breakers };
    }
    default:
      return retryOf(action, options);
  }
}

/** The message of a dead letter as it was received, from the journal. */
async function retryOf(
  { message, by }: Extract<OperatorAction, { type: 'operator.retried' }>,
  { system, journal, clock }: OperatorActionsOptions,
): Promise<Fact> {
  const kept = deadLettersOf(contextOf(system.state.actors.get('intake'), 'intake'));
  if (!kept.some((letter) => letter.message === message))
    throw new OperatorRefusal(404, `"${message}" is not among the dead letters; GET /dead-letters lists them`);
  const windows: readonly number[] = Object.values(system.state.options?.delivery.replyWindowMs ?? {});
  const oldest = clock.now() - Math.max(0, ...windows);
  const found = await received(journal, message, system.state.seq, oldest);
  if (found?.fact.type === 'message.received')
    return { type: 'operator.retried', message: found.fact.message, receivedAt: found.at, by };
  throw new OperatorRefusal(409, `${REFUSALS.I22 ?? ''} ("${message}" came too long ago)`);
}

/** Looks back from the newest record, no further than any reply window reaches. */
async function received(journal: Journal, message: string, last: number, oldest: number): Promise<Record | null> {
  for (let after = Math.max(0, last - BATCH); ; after = Math.max(0, after - BATCH)) {
    const batch = await journal.read(after, BATCH);
    const found = batch.findLast(({ fact }) => fact.type === 'message.received' && fact.message.id === message);
    if (found) return found;
    if (after === 0 || (batch[0]?.at ?? 0) < oldest) return null;
    await new Promise((resolve) => setImmediate(resolve)); // the bot's other work goes on meanwhile
  }
}

/** For programs that hold the bot in their hands. Throws RangeError. */
export function checkOperation(fact: OperatorFact, isThere: (id: string) => boolean): OperatorFact {
  if ('breaker' in fact) {
    if (fact.breaker.startsWith('breaker:') && isThere(fact.breaker)) return fact;
    throw new RangeError(`operate: there is no breaker "${fact.breaker}"; GET /actors lists them`);
  }
  if (fact.type === 'operator.retried') return fact;
  if (!FEATURES.includes(fact.feature))
    throw new RangeError(`operate: there is no feature "${String(fact.feature)}"; use ${FEATURES.join(', ')}`);
  if (fact.type === 'operator.forced' && !(Number.isFinite(fact.forMs) && fact.forMs > 0))
    throw new RangeError(`operate: forMs is ${String(fact.forMs)}; it must be a number of ms > 0`);
  return fact;
}
