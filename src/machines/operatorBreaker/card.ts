import type { ContextCard } from '../vocabulary/card.js';
import type { OperatorBreakerContext } from './chart.js';

export const operatorBreakerContext: ContextCard<OperatorBreakerContext> = {
  input: ({ id }) => ({ id }),
  nullable: { permit: [''] },
  optional: {},
  needed: {},
};
