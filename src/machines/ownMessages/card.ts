import type { ContextCard } from '../vocabulary/card.js';
import { defaultOptions } from '../vocabulary/options.js';
import type { OwnMessagesContext } from './chart.js';

export const ownMessagesContext: ContextCard<OwnMessagesContext> = {
  input: ({ at }) => ({ epoch: 0, permissionMs: defaultOptions.features.permissionMs, at }),
  nullable: {},
  optional: {},
  needed: {},
};
