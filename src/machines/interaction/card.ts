import type { ContextCard } from '../vocabulary/card.js';
import { defaultOptions } from '../vocabulary/options.js';
import type { InteractionContext } from './chart.js';

export const interactionContext: ContextCard<InteractionContext> = {
  // The chart keeps its whole input, with what the runtime stamps on it.
  input: ({ id, at }) => ({
    interaction: id.slice(id.indexOf(':') + 1),
    options: defaultOptions.interactions,
    id,
    at,
    cause: '',
  }),
  nullable: { reason: [''] },
  optional: {},
  needed: {},
};
