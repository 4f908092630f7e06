import type { PageTexts } from './en.js';
import { zh as views } from './zh/views.js';
import { zh as work } from './zh/work.js';

export const zh: PageTexts = { ...views, ...work };
