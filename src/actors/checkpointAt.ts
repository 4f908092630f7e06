import { takeCheckpoint } from './checkpoint.js';
import { machineVersionsOf } from './machineVersions.js';
import type { Checkpoint, Journal } from './ports.js';
import { fold } from './recovery.js';
import type { Topology } from './routes.js';

/** All state after record `seq`; null before the first record. What a stretch that begins with `seq + 1` is folded from. */
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
