import type { Checkpoint, Journal } from '../ports.js';
import type { Topology } from '../step/routes.js';
import { takeCheckpoint } from './checkpointer.js';
import { fold } from './fold.js';
import { machineVersionsOf } from './machineVersions.js';

/**
 * All state after record `seq`; null before the first record. What a stretch that begins with `seq + 1` is folded from.
 */
export async function checkpointAt(
  journal: Journal,
  topology: Topology,
  seq: number,
  onProgress?: (seq: number) => void,
): Promise<Checkpoint | null> {
  if (seq < 1) return null;
  const { state } = await fold(journal, topology, { upTo: seq, ...(onProgress ? { onProgress } : {}) });
  return takeCheckpoint(state, machineVersionsOf(topology));
}
