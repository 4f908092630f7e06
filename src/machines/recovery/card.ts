import type { ContextCard } from '../vocabulary/card.js';
import { defaultOptions } from '../vocabulary/options.js';
import type { RecoveryContext } from './context.js';

export const recoveryContext: ContextCard<RecoveryContext> = {
  input: () => ({ options: defaultOptions.recovery }),
  nullable: {
    network: [{ ok: true, code: null, latencyMs: 0 }],
    memory: [{ ok: true, heapShare: 0, loopP99Ms: 0 }],
    api: [{ class: '', status: null, code: null }],
    verdict: ['well'],
  },
  optional: {},
  needed: {},
};
