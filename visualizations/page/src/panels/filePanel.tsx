import { useSignal } from '@preact/signals';
import type { OpenedJournal } from '../../../src/protocol.js';
import { counted, dateAndTime } from '../parts/format.js';
import { Section } from '../parts/section.js';
import { ToldLine } from '../parts/told.js';
import { addressOf, send } from '../state/api.js';
import { firstSeq, loadOverview, openJournal, overview } from '../state/data.js';
import * as place from '../state/place.js';
import { range } from '../state/timeline.js';
import { t } from '../texts/locale.js';

/** A stretch out as one file, and such a file in again. */
export function FilePanel() {
  return (
    <div>
      <Export />
      <Open />
      <Opened />
    </div>
  );
}

/** Without choosing, what the timeline shows. */
function Export() {
  const [from, to] = [useSignal<number | null>(null), useSignal<number | null>(null)];
  const [first, last] = [from.value ?? Math.max(1, range.value.from), to.value ?? range.value.to];
  const isWrong = first > last || first < 1;
  return (
    <Section title={t.value.exportTitle}>
      <p class="soft">{t.value.exportHint}</p>
      <div class="choice">
        <label>
          <span class="label">{t.value.fromRecord}</span>
          <input
            type="number"
            min={firstSeq.value}
            value={first}
            onInput={(event) => (from.value = Number(event.currentTarget.value))}
          />
        </label>
        <label>
          <span class="label">{t.value.toRecord}</span>
          <input
            type="number"
            min={first}
            value={last}
            onInput={(event) => (to.value = Number(event.currentTarget.value))}
          />
        </label>
        {isWrong ? (
          <span class="button primary off">{t.value.exportNow('0')}</span>
        ) : (
          <a class="button primary" download href={addressOf('api/export', { from: first, to: last })}>
            {t.value.exportNow(counted(last - first + 1))}
          </a>
        )}
      </div>
      <p class="note">{t.value.exportWarning}</p>
    </Section>
  );
}

function Open() {
  const [state, isOver] = [useSignal<string | null>(null), useSignal(false)];
  const open = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    state.value = t.value.opening(file.name);
    try {
      const opened = await send<OpenedJournal>('api/journals', { body: file, query: { name: file.name } });
      state.value = null;
      await openJournal(opened.journal);
    } catch (error) {
      state.value = `${file.name}: ${(error as Error).message}`;
    }
  };
  return (
    <Section title={t.value.openTitle}>
      <label
        class={`drop ${isOver.value ? 'over' : ''}`}
        onDragOver={(event) => {
          event.preventDefault();
          isOver.value = true;
        }}
        onDragLeave={() => (isOver.value = false)}
        onDrop={(event) => {
          event.preventDefault();
          isOver.value = false;
          void open(event.dataTransfer?.files[0]);
        }}
      >
        <input
          type="file"
          accept=".jsonl,.ndjson,.json"
          onChange={(event) => void open(event.currentTarget.files?.[0])}
        />
        <span>{t.value.openHint}</span>
      </label>
      {state.value && (
        <p class="note" role="status">
          <ToldLine text={state.value} />
        </p>
      )}
    </Section>
  );
}

function Opened() {
  const others = overview.value?.journals ?? [];
  const close = async (id: string): Promise<void> => {
    await send('api/journals', { method: 'DELETE', query: { journal: id } });
    if (place.journal.peek() === id) await openJournal('main');
    else await loadOverview();
  };
  if (others.length === 0 && place.journal.value === 'main') return null;
  return (
    <Section title={t.value.openedTitle}>
      <ul class="opened">
        <li>
          <button
            type="button"
            class="link"
            aria-current={place.journal.value === 'main'}
            onClick={() => void openJournal('main')}
          >
            {t.value.mainJournal}
          </button>
        </li>
        {others
          .filter(({ journal }) => journal !== 'main')
          .map(({ journal, name, first, last }) => (
            <li key={journal}>
              <button
                type="button"
                class="link"
                aria-current={place.journal.value === journal}
                onClick={() => void openJournal(journal)}
              >
                <ToldLine text={name} />
              </button>
              <span class="soft">
                #{first.seq}–{last.seq} · {dateAndTime(last.at, false)}
              </span>
              <button type="button" onClick={() => void close(journal)}>
                {t.value.close}
              </button>
            </li>
          ))}
      </ul>
    </Section>
  );
}
