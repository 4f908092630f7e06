import type { Limit } from '../../src/base/limit.js';
import { ownLimits } from '../../src/cli/pages/limitsPage.js';
import { bridgeLimits } from './bridges/bridgeLimits.js';
import { serverLimits } from './server/serverLimits.js';

/** Those of the bot and its commands, of the bridges and of the inspector. */
export const limits: readonly Limit[] = [...ownLimits, ...bridgeLimits, ...serverLimits];
