import { en as views } from './en/views.js';
import { en as work } from './en/work.js';

export const en = { ...views, ...work };
/** Every text of the page; the Chinese table has the same shape. */
export type PageTexts = typeof en;
