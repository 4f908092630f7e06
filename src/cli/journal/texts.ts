import type { Locale } from '../../machines/vocabulary/replies.js';
import type { JournalTexts } from './textsEn.js';
import { en } from './textsEn.js';
import { zh } from './textsZh.js';

export function journalTextsFor(locale: Locale): JournalTexts {
  return locale === 'zh' ? zh : en;
}
