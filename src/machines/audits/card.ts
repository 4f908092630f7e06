import type { ContextCard } from '../vocabulary/card.js';
import type { AuditsContext } from './chart.js';

export const auditsContext: ContextCard<AuditsContext> = { input: () => ({}), nullable: {}, optional: {}, needed: {} };
