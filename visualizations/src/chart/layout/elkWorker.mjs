import { parentPort } from 'node:worker_threads';
import Elk from 'elkjs/lib/elk.bundled.js';

/** Lays out one graph after the other: `{id, graph}` in, `{id, graph}` or `{id, error}` out. */
const elk = new Elk();
parentPort.on('message', async ({ id, graph }) => {
  try {
    parentPort.postMessage({ id, graph: await elk.layout(graph) });
  } catch (error) {
    parentPort.postMessage({ id, error: String(error?.message ?? error) });
  }
});
