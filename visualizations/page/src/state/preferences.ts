import { effect, signal } from '@preact/signals';

/** What the reader prefers; remembered in this browser where it allows that. */
export type Theme = 'auto' | 'light' | 'dark';
export const theme = signal<Theme>('auto');
/** Whether single keys are shortcuts; some readers' tools send keys of their own. */
export const hasKeys = signal(true);
/** null: what the bot says, else the browser. */
export const chosenLocale = signal<'en' | 'zh' | null>(null);

function remembered(name: string): string | null {
  try {
    return localStorage.getItem(`kintsugi.${name}`);
  } catch {
    return null;
  }
}
function remember(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`kintsugi.${name}`);
    else localStorage.setItem(`kintsugi.${name}`, value);
  } catch {
    // A browser that keeps nothing: the choice holds until the page is closed.
  }
}

export function startPreferences(): void {
  const [known, language] = [remembered('theme'), remembered('locale')];
  if (known === 'light' || known === 'dark') theme.value = known;
  if (language === 'en' || language === 'zh') chosenLocale.value = language;
  hasKeys.value = remembered('keys') !== 'off';
  effect(() => {
    if (theme.value === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme.value;
    remember('theme', theme.value === 'auto' ? null : theme.value);
  });
  effect(() => remember('locale', chosenLocale.value));
  effect(() => remember('keys', hasKeys.value ? null : 'off'));
}
