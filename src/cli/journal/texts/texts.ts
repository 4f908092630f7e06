import type { Locale } from '../../../machines/vocabulary/replies/words.js';
import type { JournalTexts } from './en.js';
import { en } from './en.js';
import { zh } from './zh.js';

export function journalTextsFor(locale: Locale): JournalTexts {
  return locale === 'zh' ? zh : en;
}
