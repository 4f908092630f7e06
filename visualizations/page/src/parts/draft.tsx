import { useSignal } from '@preact/signals';
import type { InputHTMLAttributes } from 'preact';

interface DraftProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'value' | 'onInput' | 'onChange'> {
  readonly value: string;
  readonly onCommit: (value: string) => void;
}

/**
 * A field whose text is the user's own until Enter or until the field is left, however often the page is drawn
 * meanwhile.
 */
export function Draft({ value, onCommit, ...rest }: DraftProps) {
  const draft = useSignal<string | null>(null);
  const commit = (): void => {
    const text = draft.value;
    draft.value = null;
    if (text !== null && text !== value) onCommit(text);
  };
  return (
    <input
      {...(rest as object)}
      value={draft.value ?? value}
      onInput={(event) => (draft.value = event.currentTarget.value)}
      onChange={commit}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit();
      }}
    />
  );
}
