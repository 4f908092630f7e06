import { computed } from '@preact/signals';
import { overview } from '../state/data.js';
import { chosenLocale } from '../state/preferences.js';
import { en, type PageTexts } from './en.js';
import { zh } from './zh.js';

export type Locale = 'en' | 'zh';
export const locale = computed<Locale>(
  () => chosenLocale.value ?? overview.value?.locale ?? (navigator.language.startsWith('zh') ? 'zh' : 'en'),
);
/** Every text of the page in the reader's language. */
export const t = computed<PageTexts>(() => (locale.value === 'zh' ? zh : en));
