import type { ContextCard } from '../vocabulary/card.js';
import { defaultOptions } from '../vocabulary/options.js';
import type { AccessTokenContext } from './chart.js';

export const accessTokenContext: ContextCard<AccessTokenContext> = {
  input: () => ({ options: defaultOptions.token }),
  nullable: { ref: [''], reason: [''] },
  optional: {},
  needed: {},
};
