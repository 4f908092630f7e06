import type { Log, Record, StateValue, Step } from '../../actors/ports.js';
import { forgetOldest } from '../../base/forgetting.js';

/** Another process that runs with the same credentials, as far as it shows. Times of the journal. */
export interface Rival {
  readonly since: number;
  readonly lastAt: number;
  readonly why: string;
}
export interface Rivals {
  observe(record: Record): void;
  /** Null: nothing has spoken for one for `QUIET_MS`. */
  seen(now: number): Rival | null;
}

/** So many signs within so long: chance brings one or two. */
const SIGNS = 3;
const WITHIN_MS = 60_000;
/** Without a sign for so long it is over, and a later one is told anew. */
const QUIET_MS = 600_000;
/** Deliveries of which it is remembered that they were called for before; the oldest go first. */
const CALLED_MAX = 10_000;
/**
 * QQ ends a session that is ready with these when it was resumed, or made invalid, elsewhere. 4009 and an end without a
 * code are routine.
 */
const TAKEN: ReadonlySet<number> = new Set([1000, 4006, 4007, 4902]);

/**
 * Tells, from records alone, that another process uses the same credentials: a session that is ready is taken again and
 * again, or QQ already has replies that this process has not sent before. Of two bots that only hear and answer in
 * guilds QQ shows nothing.
 */
export function createRivals(log: Log): Rivals {
  const firstCalls = new Map<string, string>();
  const called = new Set<string>();
  let taken: readonly number[] = [];
  let doubled: readonly number[] = [];
  let rival: Rival | null = null;

  const tell = ({ at, seq }: Record, why: string): void => {
    const isNew = rival === null || at - rival.lastAt >= QUIET_MS;
    rival = { since: isNew ? at : (rival?.since ?? at), lastAt: at, why };
    if (isNew) log.error({ seq }, `Another process runs with the same credentials: ${why}. Stop one of the two`);
  };
  return {
    observe(record) {
      const { at, fact } = record;
      noteCalls(record, firstCalls, called);
      const lost = record.steps.find(isLossOfReady);
      const code = fact.type === 'socket.closed' ? fact.code : null;
      if (lost && (fact.type === 'session.invalidated' || (code !== null && TAKEN.has(code)))) {
        taken = recent(taken, at);
        const end = code === null ? 'session invalid (op 9)' : `close code ${code}`;
        if (taken.length >= SIGNS)
          tell(record, `the session was taken ${taken.length} times within a minute, the last time by ${end}`);
      }
      if (fact.type !== 'call.succeeded' && fact.type !== 'call.failed') return;
      const isFirst = firstCalls.delete(fact.effectId);
      if (!isFirst || fact.type !== 'call.succeeded' || fact.class !== 'duplicate') return;
      doubled = recent(doubled, at);
      if (doubled.length >= SIGNS)
        tell(record, `QQ had ${doubled.length} replies within a minute before this process sent them (40054005)`);
    },
    seen: (now) => (rival !== null && now - rival.lastAt < QUIET_MS ? rival : null),
  };
}

/** Calls that are the first of their delivery; one that was cut off by a kill has been called for before. */
function noteCalls({ fact, steps, effects }: Record, firstCalls: Map<string, string>, called: Set<string>): void {
  const remember = (delivery: string): void => {
    called.add(delivery);
    forgetOldest(called, CALLED_MAX);
  };
  if (fact.type === 'effect.interrupted')
    for (const { actor } of steps) if (actor.startsWith('delivery:')) remember(actor);
  for (const effect of effects) {
    if (effect.type !== 'call.start') continue;
    const { id, delivery } = effect as unknown as { id: string; delivery: string };
    if (!called.has(delivery)) firstCalls.set(id, delivery);
    forgetOldest(firstCalls, CALLED_MAX);
    remember(delivery);
  }
}

function isLossOfReady({ actor, from, to }: Step): boolean {
  return actor === 'gateway' && isReady(from) && !isReady(to);
}
function isReady(value: StateValue | null): boolean {
  return typeof value === 'object' && value !== null && 'ready' in value;
}
function recent(times: readonly number[], at: number): readonly number[] {
  return [...times.filter((time) => at - time < WITHIN_MS), at].slice(-100);
}
