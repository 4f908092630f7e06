import type { ContextCard } from '../vocabulary/card.js';
import { defaultOptions } from '../vocabulary/options.js';
import type { FeatureContext } from './context.js';

export const featureContext: ContextCard<FeatureContext> = {
  input: ({ id }) => ({ id, options: defaultOptions.features }),
  nullable: { reason: ['refused'], code: [0, ''], note: [''], canary: [''] },
  optional: {},
  needed: {},
};
