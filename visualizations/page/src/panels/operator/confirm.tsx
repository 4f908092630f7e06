import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { visible } from '../../parts/told.js';
import { act, token } from '../../state/operator.js';
import { t } from '../../texts/locale.js';

export interface Asked {
  readonly label: string;
  readonly action: Readonly<Record<string, unknown>>;
  readonly isHarsh: boolean;
  readonly subject: string;
}
const asked = signal<Asked | null>(null);
/** What the last action came to. */
export const done = signal<{ readonly text: string; readonly isGood: boolean; readonly seq: number | null } | null>(
  null,
);

/** Nothing is done before it was confirmed. */
export function askToConfirm(wanted: Asked): void {
  asked.value = wanted;
}

export function ConfirmDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const wanted = asked.value;
  useEffect(() => {
    if (wanted && !dialog.current!.open) dialog.current!.showModal();
    if (!wanted && dialog.current!.open) dialog.current!.close();
  }, [wanted]);
  const doIt = async (): Promise<void> => {
    if (!wanted) return;
    asked.value = null;
    try {
      const seq = await act(wanted.action);
      done.value = { text: t.value.actionDone(wanted.label, wanted.subject), isGood: true, seq };
    } catch (error) {
      done.value = { text: `${wanted.label}: ${(error as Error).message}`, isGood: false, seq: null };
    }
  };
  return (
    <dialog ref={dialog} aria-labelledby="confirmTitle" onClose={() => (asked.value = null)}>
      {wanted && (
        <>
          <h2 id="confirmTitle">
            {wanted.label} {wanted.subject && <bdi class="mono">{visible(wanted.subject)}</bdi>}
          </h2>
          <p>{t.value.actionEffects[String(wanted.action.type)] ?? ''}</p>
          <p class="note">{t.value.actionJournaled}</p>
          {token.value === '' && <p class="bad">{t.value.tokenMissing}</p>}
          <div class="actions end">
            <button type="button" onClick={() => (asked.value = null)}>
              {t.value.cancel}
            </button>
            <button
              type="button"
              class={wanted.isHarsh ? 'harsh primary' : 'primary'}
              disabled={token.value === ''}
              onClick={() => void doIt()}
            >
              {t.value.confirm}
            </button>
          </div>
        </>
      )}
    </dialog>
  );
}
