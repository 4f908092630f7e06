import type { ContextCard } from '../vocabulary/card.js';
import { defaultOptions } from '../vocabulary/options.js';
import type { IntakeContext } from './context.js';

const { handlers, commands, intake, bot } = defaultOptions;

export const intakeContext: ContextCard<IntakeContext> = {
  input: () => ({ options: handlers, commands, intake, deadLettersMax: bot.deadLettersMax }),
  nullable: {},
  optional: { isStillFull: true },
  needed: {},
};
