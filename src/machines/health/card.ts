import type { ContextCard } from '../vocabulary/card.js';
import { defaultOptions } from '../vocabulary/options.js';
import type { HealthContext } from './chart.js';

export const healthContext: ContextCard<HealthContext> = {
  input: ({ id }) => ({ part: id.slice(id.indexOf(':') + 1), options: defaultOptions.health }),
  nullable: { lastError: [{ class: '', at: 0 }] },
  optional: {},
  needed: {},
};
