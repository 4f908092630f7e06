import type { InboundMessage } from '../../machines/vocabulary/base.js';
import type { Fact, Record, Stamped } from '../ports.js';
import { deepFreeze } from './freeze.js';
import type { Topology } from './routes.js';
import type { Changes, StateView, SystemState } from './state.js';
import { step } from './step.js';
import { upcast, versionOf } from './upcasters.js';

/** The record of a step. */
export function recordOf(fact: Stamped<Fact>, changes: Changes): Record {
  const { id, at: _at, ...payload } = fact;
  const { seq, at, epoch, steps, effects } = changes;
  return { seq, id, at, epoch, fact: { ...payload, ver: versionOf(fact.type) } as Record['fact'], steps, effects };
}
/** The fact of a record, as the inbox gave it, in today's form. Throws JournalError JOURNAL_NEWER. */
export function factOf(record: Record): Stamped<Fact> {
  return deepFreeze({ ...upcast(record), id: record.id, at: record.at } as unknown as Stamped<Fact>);
}
/**
 * Steps a fact. A step that throws changes nothing but is still a record, with no steps: nothing is lost in silence.
 */
export function stepOrReject(
  topology: Topology,
  view: StateView,
  fact: Stamped<Fact>,
): { changes: Changes; error: unknown } {
  try {
    return { changes: step(topology, view, fact), error: null };
  } catch (error) {
    const at = Math.max(fact.at, view.at);
    const rejected: Changes = {
      seq: view.seq + 1,
      at,
      epoch: view.epoch,
      behaviour: view.behaviour,
      options: view.options,
      actors: new Map(),
      openEffects: new Map(),
      seen: [],
      ended: [],
      steps: [],
      effects: [],
    };
    return { changes: rejected, error };
  }
}
/** A message that was seen before enters as the fact that it is: a duplicate. */
export function admit(fact: Stamped<Fact>, state: SystemState): Stamped<Fact> {
  if (fact.type !== 'message.received' || !state.hasSeen(fact.message.id, fact.at)) return fact;
  const { id, at, socket, s, message } = fact;
  const mention = message.place.kind === 'group' && message.mentionsBot ? mentionOf(message) : {};
  return deepFreeze({ type: 'message.duplicated', socket, s, message: message.id, ...mention, id, at });
}

function mentionOf({ content: mention, work, timeoutMs }: InboundMessage): object {
  return { mention, ...(work === undefined ? {} : { work }), ...(timeoutMs === undefined ? {} : { timeoutMs }) };
}
