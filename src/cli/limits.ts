import { writeFileSync } from 'node:fs';
import { renderLimits } from './limitsPage.js';

/** Writes docs/LIMITS.md; a test fails when it is stale. */
writeFileSync(new URL('../../docs/LIMITS.md', import.meta.url), renderLimits());
