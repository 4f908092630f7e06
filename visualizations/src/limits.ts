import { writeFileSync } from 'node:fs';
import { renderLimits } from '../../src/cli/pages/limitsPage.js';
import { limits } from './allLimits.js';

/** Writes docs/LIMITS.md; a test fails when it is stale. */
writeFileSync(new URL('../../docs/LIMITS.md', import.meta.url), renderLimits(limits));
