import { rowOf } from '../../machines/kit/byKey.js';
import type { FactType } from '../../machines/vocabulary/facts/facts.js';
import { FACT_VERSIONS } from '../../machines/vocabulary/facts/factVersions.js';
import { JournalError, type Record } from '../ports.js';

type Payload = { readonly type: string; readonly [key: string]: unknown };
/** From one version to the next; pure, and never changed once a journal was read by it. */
export type Upcaster = (payload: Payload) => Payload;

/** By type: the first brings version 1 up to 2, and so on. */
export const factUpcasters: { readonly [T in FactType]?: readonly Upcaster[] } = {
  'run.started': [(payload) => ({ ...payload, behaviour: 1 })],
};

/** What a new record of this type is written as. */
export function versionOf(type: FactType): number {
  return FACT_VERSIONS[type];
}

/**
 * A recorded fact in today's form. Throws JournalError JOURNAL_NEWER, naming record, type and version, for one that
 * this version does not know: silence would be a wrong replay.
 */
export function upcast(
  record: Record,
  versions: { readonly [type: string]: number } = FACT_VERSIONS,
  upcasters: { readonly [type: string]: readonly Upcaster[] } = factUpcasters,
): Payload {
  const { ver, ...fact } = record.fact;
  const present = rowOf(versions, fact.type);
  if (present === undefined || ver > present) {
    const known = present === undefined ? 'does not know that type' : `reads up to version ${present}`;
    throw new JournalError(
      'JOURNAL_NEWER',
      `record ${record.seq}: fact ${fact.type} version ${ver} was written by a newer version; this one ${known}. Use that version, or a newer one`,
    );
  }
  if (ver === present) return fact;
  return (rowOf(upcasters, fact.type) ?? []).slice(ver - 1).reduce((payload, raise) => raise(payload), fact as Payload);
}
