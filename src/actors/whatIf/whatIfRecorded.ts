import { isFailureClass } from '../../machines/kit/callOutcome.js';
import type { Stamped } from '../../machines/vocabulary/base.js';
import type { EffectOf } from '../../machines/vocabulary/effects.js';
import type { Fact, FactOf } from '../../machines/vocabulary/facts/facts.js';
import type { Effect, Record } from '../ports.js';
import { factOf } from '../step/records.js';

/** An effect of the record, with the facts that came of it. */
export interface RecordedEffect {
  readonly effect: Effect;
  readonly at: number;
  readonly answers: { readonly seq: number; readonly fact: Stamped<Fact> }[];
}
/** A time in which the API was down as far as the record tells. */
export interface Outage {
  readonly from: number;
  /** The last sign of it. */
  readonly to: number;
}
type Call = EffectOf<'call.start'> & Effect;

/** So many failures without a success between make an outage. */
export const OUTAGE_FAILURES = 3;

/** Facts of a handshake; what a socket tells later is told at its own time. */
const HANDSHAKE: ReadonlySet<string> = new Set([
  'socket.opened',
  'hello.received',
  'session.started',
  'session.resumed',
  'session.invalidated',
]);
/**
 * What the end of a call tells of others, forgetting a class does not compile. `itself`: of none, it is about this one
 * message or channel; `form`: the host has read the message and judged it; `host`: how the host was.
 */
const TELLS_OF: { readonly [C in FactOf<'call.succeeded' | 'call.failed'>['class']]: 'itself' | 'form' | 'host' } = {
  ok: 'form',
  underAudit: 'form',
  duplicate: 'itself',
  throttled: 'host',
  transient: 'host',
  ambiguous: 'host',
  auth: 'host',
  rejectedForm: 'form',
  rejectedTarget: 'itself',
  fatal: 'itself',
  local: 'itself',
};
function toldBy(fact: Fact | undefined): 'itself' | 'form' | 'host' | null {
  return fact?.type === 'call.succeeded' || fact?.type === 'call.failed' ? TELLS_OF[fact.class] : null;
}
/** Whether it comes out so whenever it is asked. */
export function isTimeless(fact: Fact): boolean {
  if (fact.type === 'external.failed') return fact.class === 'local';
  const isRehearsed = fact.type === 'call.failed' && fact.code === 'REHEARSED';
  return isRehearsed || toldBy(fact) === 'itself' || (fact.type === 'call.failed' && fact.class === 'rejectedForm');
}

/**
 * Names effects so that those of two runs can be told to be the same: a call by its delivery and attempt, a handler by
 * its run and attempt, an external call by its run and place, a reading by its delivery, the rest by what is asked and
 * when. The second of one name is another one.
 */
export class EffectKeys {
  private readonly counts = new Map<string, number>();
  /** Names of handler runs, for the external calls in them. */
  private readonly runs = new Map<string, string>();

  /** A run that was under way before. */
  addRun(effect: Effect): void {
    if (effect.type === 'handler.run') this.runs.set(effect.id, nameOf(effect, 0, ''));
  }
  /** null: nothing comes of such an effect. */
  take(effect: Effect, at: number): string | null {
    const run = effect.type === 'external.run' ? (this.runs.get(effect.run) ?? effect.run) : '';
    const name = nameOf(effect, at, run);
    if (name === '') return null;
    this.addRun(effect);
    const count = (this.counts.get(name) ?? 0) + 1;
    this.counts.set(name, count);
    return count === 1 ? name : `${name} (${count})`;
  }
}

function nameOf(effect: Effect, at: number, run: string): string {
  switch (effect.type) {
    case 'call.start':
      return `call ${effect.delivery} ${effect.attempt}`;
    case 'picture.upload':
      return `upload ${effect.delivery} ${effect.attempt}`;
    case 'handler.run':
      return `run ${effect.runId} ${effect.attempt}`;
    case 'external.run':
      return `external ${run}.${effect.ordinal}`;
    case 'interaction.acknowledge':
      return `acknowledge ${effect.interaction}`;
    case 'check.run':
      return `check ${effect.check} ${at}`;
    case 'channel.check':
      return `read ${effect.delivery}`;
    case 'action.run':
      return `action ${effect.action} ${at}`;
    case 'token.fetch':
    case 'gateway.discover':
    case 'socket.open':
    case 'webhook.listen':
      return `${effect.type} ${at}`;
    case 'socket.send':
    case 'socket.pause':
    case 'socket.close':
    case 'sources.pause':
    case 'sources.resume':
    case 'external.refuse':
    case 'module.notify':
    case 'process.exit':
      return '';
  }
}

/** What a recorded outcome can be a witness for: how the host was then, and what it said to a form. */
function witnessOf(effect: Effect, fact: Fact): readonly string[] {
  if (effect.type === 'call.start') {
    const told = toldBy(fact);
    if (effect.rehearse || told === null || told === 'itself') return [];
    return told === 'form' ? [HOST, formOf(effect), `${effect.place.kind} ${formOf(effect)}`] : [HOST];
  }
  return [likeness(effect)];
}
const HOST = 'messages';
const formOf = ({ rung }: Call): string => `form ${rung}`;

function likeness(effect: Effect): string {
  if (effect.type === 'external.run') return `external ${effect.breaker}`;
  if (effect.type === 'handler.run') return 'run';
  return effect.type === 'check.run' ? `check ${effect.check}` : effect.type;
}

/** All that a what-if has to know of a stretch of records before it begins. */
export class RecordedStretch {
  private readonly keys = new EffectKeys();
  private readonly byId = new Map<string, RecordedEffect>();
  private readonly byKey = new Map<string, RecordedEffect>();
  private readonly witnesses = new Map<string, RecordedEffect[]>();
  private readonly signs: { readonly from: number; readonly to: number; readonly isDown: boolean }[] = [];
  records = 0;

  /** `open`: effects that are under way when the stretch begins. */
  constructor(open: Iterable<Effect>, at: number) {
    for (const effect of open) {
      this.keys.addRun(effect);
      this.byId.set(effect.id, { effect, at, answers: [] });
    }
  }

  add(record: Record): void {
    this.records += 1;
    const { fact, at, seq } = record;
    const id =
      'effectId' in fact ? fact.effectId : HANDSHAKE.has(fact.type) && 'socket' in fact ? fact.socket : undefined;
    const asked = id === undefined ? undefined : this.byId.get(id);
    if (asked && fact.type !== 'effect.interrupted') {
      asked.answers.push({ seq, fact: factOf(record) });
      this.noteSign(asked, record);
      if (asked.answers.length === 1) this.noteWitness(asked, fact);
    }
    for (const effect of record.effects) {
      const key = this.keys.take(effect, at);
      if (key === null) continue;
      const recorded: RecordedEffect = { effect, at, answers: [] };
      this.byId.set(effect.id, recorded);
      this.byKey.set(key, recorded);
    }
  }

  find(key: string): RecordedEffect | undefined {
    return this.byKey.get(key);
  }

  /**
   * The recorded effect whose outcome can best stand for this one: the nearest in time, of two the earlier. All
   * messages go to one host under one breaker, so whether it was well is told by the nearest call of a message; when it
   * was, what it says to the form is told by the nearest answer to that form in that kind of place. A handler's other
   * run comes first.
   */
  nearest(effect: Effect, at: number): RecordedEffect | undefined {
    if (effect.type === 'handler.run') return this.otherRun(effect) ?? nearestOf(this.witnesses.get('run'), at);
    if (effect.type !== 'call.start') return nearestOf(this.witnesses.get(likeness(effect)), at);
    const host = nearestOf(this.witnesses.get(HOST), at);
    if (host && toldBy(host.answers[0]?.fact) !== 'form') return host;
    const form = formOf(effect);
    return nearestOf(this.witnesses.get(`${effect.place.kind} ${form}`), at) ?? nearestOf(this.witnesses.get(form), at);
  }

  private otherRun({ runId, attempt }: EffectOf<'handler.run'>): RecordedEffect | undefined {
    for (let other = 1; other <= attempt + 1; other += 1) {
      const found = this.byKey.get(`run ${runId} ${other}`);
      if (found?.answers.some(({ fact }) => fact.type.startsWith('handler.'))) return found;
    }
    return undefined;
  }

  /** Calls and checks of the API that failed, one after the other. */
  outages(): readonly Outage[] {
    const outages: Outage[] = [];
    let [failures, from, to] = [0, 0, 0];
    const end = (): void => {
      if (failures >= OUTAGE_FAILURES) outages.push({ from, to });
      failures = 0;
    };
    for (const sign of this.signs) {
      if (!sign.isDown) end();
      else {
        from = failures === 0 ? sign.from : Math.min(from, sign.from);
        to = failures === 0 ? sign.to : Math.max(to, sign.to);
        failures += 1;
      }
    }
    end();
    return outages;
  }

  private noteWitness(asked: RecordedEffect, fact: Fact): void {
    for (const name of witnessOf(asked.effect, fact)) {
      const list = this.witnesses.get(name) ?? [];
      list.push(asked);
      this.witnesses.set(name, list);
    }
  }

  private noteSign({ effect, at: from }: RecordedEffect, { fact, at: to }: Record): void {
    if (effect.type === 'call.start' && !effect.rehearse) {
      if (fact.type === 'call.succeeded') this.signs.push({ from, to, isDown: false });
      else if (fact.type === 'call.failed' && isFailureClass(fact.class)) this.signs.push({ from, to, isDown: true });
    } else if (fact.type === 'api.checked' && (fact.class === 'ok' || isFailureClass(fact.class))) {
      this.signs.push({ from, to, isDown: fact.class !== 'ok' });
    }
  }
}

/** The list is in the order of the outcomes, which is nearly that of the calls: sorted once, when it is first asked. */
const sorted = new WeakSet<object>();
function nearestOf(list: RecordedEffect[] | undefined, at: number): RecordedEffect | undefined {
  if (!list) return undefined;
  if (!sorted.has(list)) {
    list.sort((a, b) => a.at - b.at);
    sorted.add(list);
  }
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle]!.at < at) low = middle + 1;
    else high = middle;
  }
  const [before, after] = [list[low - 1], list[low]];
  if (!before || !after) return before ?? after;
  return at - before.at <= after.at - at ? before : after;
}
