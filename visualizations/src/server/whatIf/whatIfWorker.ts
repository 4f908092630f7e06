import { parentPort, workerData } from 'node:worker_threads';
import { whatIf } from '../../../../src/actors/whatIf/whatIf.js';
import { topology } from '../../../../src/actors/wiring/topology.js';
import { storeOf } from '../../../../src/adapters/journal/storeOf.js';
import type { WhatIfSaid, WhatIfWork } from './whatIfJobs.js';

/** One what-if; it ends when its thread is terminated. */
const say = (said: WhatIfSaid): void => parentPort!.postMessage(said);
const { address, set, from, to } = workerData as WhatIfWork;

try {
  const journal = await storeOf(address).openReader();
  const result = await whatIf(journal, topology, {
    set,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    onProgress: (progress) => say({ progress }),
  });
  await journal.close();
  say({ result });
} catch (error) {
  say({ failure: (error as Error).message });
}
