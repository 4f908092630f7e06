import type { ContextCard } from '../vocabulary/card.js';
import { defaultOptions } from '../vocabulary/options.js';
import type { LaneContext } from './chart.js';

export const laneContext: ContextCard<LaneContext> = {
  input: () => ({ options: defaultOptions.lane }),
  nullable: {},
  optional: { failures: 0 },
  needed: {},
};
