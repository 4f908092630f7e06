import type { ContextCard } from '../vocabulary/card.js';
import { defaultOptions } from '../vocabulary/options.js';
import type { BotContext } from './chart.js';

export const botContext: ContextCard<BotContext> = {
  input: () => ({ options: defaultOptions.bot }),
  nullable: { reason: [''] },
  optional: {},
  needed: {},
};
