import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { hasKeys } from '../state/preferences.js';
import { t } from '../texts/locale.js';

export const isHelpOpen = signal(false);

export const KEYS = [
  ['← →', 'step'],
  ['⇧← ⇧→', 'leap'],
  ['[ ]', 'mark'],
  ['Home End', 'ends'],
  ['L', 'live'],
  ['+ − 0', 'zoom'],
  ['/', 'search'],
  ['G', 'goTo'],
  ['1 … 8', 'tab'],
  ['V', 'view'],
  ['B', 'brief'],
  ['H', 'heat'],
  ['T', 'theme'],
  ['?', 'help'],
] as const;

/** The sheet of shortcuts, and how to read the page. */
export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (isHelpOpen.value && !dialog.current!.open) dialog.current!.showModal();
    if (!isHelpOpen.value && dialog.current!.open) dialog.current!.close();
  }, [isHelpOpen.value]);
  return (
    <dialog ref={dialog} class="help" aria-labelledby="helpTitle" onClose={() => (isHelpOpen.value = false)}>
      <h2 id="helpTitle">{t.value.help}</h2>
      <div class="helpColumns">
        <div>
          <h3>{t.value.keys}</h3>
          <dl class="keys">
            {KEYS.map(([key, name]) => (
              <div key={name}>
                <dt>
                  {key.split(' ').map((one) => (
                    <kbd key={one}>{one}</kbd>
                  ))}
                </dt>
                <dd>{t.value.keyNames[name]}</dd>
              </div>
            ))}
          </dl>
          <label class="check">
            <input
              type="checkbox"
              checked={hasKeys.value}
              onChange={(event) => (hasKeys.value = event.currentTarget.checked)}
            />
            {t.value.keysOn}
          </label>
        </div>
        <div>
          <h3>{t.value.howToRead}</h3>
          {t.value.reading.map((line) => (
            <p key={line}>{line}</p>
          ))}
        </div>
      </div>
      <div class="actions end">
        <button type="button" class="primary" onClick={() => (isHelpOpen.value = false)}>
          {t.value.close}
        </button>
      </div>
    </dialog>
  );
}
