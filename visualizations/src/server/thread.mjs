import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

// A thread does not inherit the loader of TypeScript: it is registered first, then what the thread is for is loaded.
register();
await import(workerData.module);
