import type { Journal, Record } from '../../../actors/ports.js';
import { nearest } from '../../../base/nearest.js';
import { refOf } from '../../../machines/vocabulary/replies/words.js';
import type { Session } from '../environment.js';
import { isMeant } from './layout.js';
import { backwards, forwards, rangeOf, UsageError } from './records.js';

/** Names kept to offer the nearest of, when one is not found. */
export const NAMES_MAX = 20_000;
const REF = /^[A-HJ-NP-Z2-9]{4}$/;

/** The record of a message's arrival: by its id, whole or shortened, or by the ref in an apology. Throws UsageError. */
export async function findMessage(journal: Journal, asked: string, session: Session): Promise<Record> {
  const { first, last } = await rangeOf(journal, session);
  const meant = new Map<string, Record>();
  const byRef: Record[] = [];
  const names = new Set<string>();
  const isRef = REF.test(asked);
  for await (const record of backwards(journal, last.seq, first.seq, session.texts.reading)) {
    if (record.fact.type !== 'message.received') continue;
    const { id } = record.fact.message;
    if (id === asked) return record;
    if (isMeant(asked, id)) meant.set(id, record);
    if (isRef && refOf(id) === asked) byRef.push(record);
    if (names.size < NAMES_MAX) names.add(id);
  }
  const found = [...meant.values(), ...byRef];
  if (meant.size > 1) throw new UsageError(session.texts.severalMeant(asked, [...meant.keys()].slice(0, 3)));
  if (found[0]) return found[0];
  throw new UsageError(isRef ? session.texts.noRef(asked) : session.texts.noMessage(asked, nearest(asked, [...names])));
}

/** The id of an actor that took a step up to `upTo`, whole or shortened as shown. Throws UsageError. */
export async function findActor(journal: Journal, asked: string, upTo: number, session: Session): Promise<string> {
  const { first } = await rangeOf(journal, session);
  const names = new Set<string>();
  const meant = new Set<string>();
  for await (const { steps } of forwards(journal, first.seq, upTo, session.texts.reading)) {
    for (const { actor } of steps) {
      if (actor === asked) return actor;
      if (names.size < NAMES_MAX) names.add(actor);
      if (isMeant(asked, actor)) meant.add(actor);
    }
  }
  if (meant.size > 1) throw new UsageError(session.texts.severalMeant(asked, [...meant].slice(0, 3)));
  const [only] = meant;
  if (only !== undefined) return only;
  throw new UsageError(session.texts.noActor(asked, nearest(asked, [...names])));
}
