import { useSignal } from '@preact/signals';
import { t } from '../texts/locale.js';
import { counted } from './format.js';

/** Marks that turn the direction of text, and controls: shown by their number, so that nothing can hide behind them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

export function visible(text: string): string {
  return text.replace(HIDDEN, (mark) => `⟨U+${mark.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}⟩`);
}

/**
 * A text of someone else: never markup, in a direction of its own, cut at `max` characters with a way to see the rest.
 */
export function Told({ text, max = 240 }: { text: string; max?: number }) {
  const isWhole = useSignal(false);
  if (text.length <= max) return <bdi class="told">{visible(text)}</bdi>;
  return (
    <>
      <bdi class="told">{visible(isWhole.value ? text : text.slice(0, max))}</bdi>
      <button type="button" class="more" onClick={() => (isWhole.value = !isWhole.value)}>
        {isWhole.value ? t.value.less : t.value.more(counted(text.length - max))}
      </button>
    </>
  );
}

/** The same in one line of a list; what does not fit is cut by the layout. */
export function ToldLine({ text }: { text: string }) {
  return <bdi class="told line">{visible(text.slice(0, 400))}</bdi>;
}
