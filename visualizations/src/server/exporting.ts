import { takeCheckpoint } from '../../../src/actors/fold/checkpointer.js';
import { machineVersionsOf } from '../../../src/actors/fold/machineVersions.js';
import type { Checkpoint } from '../../../src/actors/ports.js';
import { type ActorState, SystemState } from '../../../src/actors/step/state.js';
import { topology } from '../../../src/actors/wiring/topology.js';
import { exportLines } from '../../../src/adapters/journal/exported/exportJournal.js';
import { operatorTokenFile, readOperatorToken } from '../../../src/adapters/operator/http/operatorToken.js';
import { createRedaction } from '../../../src/adapters/process/redaction.js';
import type { Pending } from '../protocol.js';
import { RequestError } from './http/parameters.js';
import type { FoldedState } from './index/foldedState.js';
import type { OpenJournal } from './journals.js';
import { EXPORT_RECORDS_MAX } from './serverLimits.js';

/** The lines of an export of `from` to `to`, with the state that they begin with. */
export async function exportOf(
  { index, source }: OpenJournal,
  from: number,
  to: number,
): Promise<AsyncGenerator<string> | Pending> {
  const { first, last } = index;
  if (from < first.seq || to > last.seq || from > to)
    throw new RequestError(400, (texts) => texts.noRange(from, to, first.seq, last.seq));
  if (to - from >= EXPORT_RECORDS_MAX)
    throw new RequestError(400, (texts) => texts.exportTooLong(to - from + 1, EXPORT_RECORDS_MAX));
  const checkpoint = from === 1 ? null : await index.at(from - 1, checkpointOf);
  if (checkpoint && 'pending' in checkpoint) return checkpoint;
  const redact = createRedaction(secretsBeside(source.address));
  return exportLines(index.options.journal, { from, to, checkpoint, redact });
}

/** Records hold no secrets, but a user may have written one into a message. */
function secretsBeside(address: string): readonly string[] {
  return [readOperatorToken(operatorTokenFile(address)), process.env.QQ_BOT_SECRET].filter((secret) =>
    Boolean(secret),
  ) as string[];
}

function checkpointOf(folded: FoldedState): Checkpoint {
  const state = new SystemState();
  // A checkpoint holds no more of a snapshot.
  for (const [id, actor] of folded.actors()) state.actors.set(id, actor as ActorState);
  for (const [id, effect] of folded.effects()) state.openEffects.set(id, effect);
  for (const [id, at, ended] of folded.endedActors()) state.endedActors.add(id, at, ended);
  state.merge();
  const { seq, at, epoch, behaviour, options } = folded;
  state.place({ seq, at, epoch, behaviour, options });
  return takeCheckpoint(state, machineVersionsOf(topology));
}
