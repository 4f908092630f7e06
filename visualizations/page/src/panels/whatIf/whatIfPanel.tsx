import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { counted } from '../../parts/format.js';
import { overview, seq } from '../../state/data.js';
import { range } from '../../state/timeline.js';
import {
  job,
  loadOptions,
  type OptionValue,
  options,
  problem,
  readValue,
  resultOf,
  runWhatIf,
  stopWhatIf,
} from '../../state/whatIf.js';
import { t } from '../../texts/locale.js';
import { WhatIfAnswer } from './whatIfAnswer.js';

interface Change {
  readonly name: string;
  readonly text: string;
}
const FIRST: Change = { name: 'circuitBreaker.failureThreshold', text: '3' };

/** The recorded past under other options, beside what was. */
export function WhatIfPanel() {
  const changes = useSignal<readonly Change[]>([FIRST]);
  const life = overview.value?.lives.findLast((one) => one.seq <= seq.value)?.epoch ?? overview.value?.lives[0]?.epoch;
  useEffect(() => {
    void loadOptions();
  }, [life]);
  const known = options.value ?? {};
  const isRunning = job.value?.state === 'running';
  const put = (index: number, change: Change | null): void => {
    changes.value = changes.value.flatMap((one, i) => (i === index ? (change ? [change] : []) : [one]));
  };
  const run = (): void => {
    const set: Record<string, OptionValue> = {};
    for (const { name, text } of changes.value)
      if (name !== '' && text !== '') set[name] = readValue(text, known[name]);
    void runWhatIf(set);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        run();
      }}
    >
      <p class="soft">{t.value.whatIfHint}</p>
      {changes.value.map((change, i) => (
        <ChangeRow
          key={i}
          change={change}
          known={known}
          onChange={(next) => put(i, next)}
          isOnly={changes.value.length === 1}
        />
      ))}
      <datalist id="optionNames">
        {Object.entries(known).map(([name, value]) => (
          <option key={name} value={name} label={String(value)} />
        ))}
      </datalist>
      <div class="actions">
        <button type="submit" class="primary" disabled={isRunning}>
          {t.value.runWhatIf}
        </button>
        {isRunning && (
          <button type="button" onClick={() => void stopWhatIf()}>
            {t.value.stopWhatIf}
          </button>
        )}
        <button type="button" onClick={() => (changes.value = [...changes.value, { name: '', text: '' }])}>
          {t.value.addChange}
        </button>
      </div>
      <p class="note">{t.value.whatIfOver(counted(Math.max(1, range.value.from)), counted(range.value.to))}</p>
      {options.value !== null && Object.keys(known).length === 0 && <p class="note">{t.value.noOptions}</p>}
      <Progress />
    </form>
  );
}

interface ChangeRowProps {
  readonly change: Change;
  readonly known: Readonly<Record<string, OptionValue>>;
  readonly isOnly: boolean;
  readonly onChange: (change: Change | null) => void;
}
function ChangeRow({ change, known, isOnly, onChange }: ChangeRowProps) {
  const recorded = known[change.name];
  return (
    <div class="changeRow">
      <label>
        <span class="label">{t.value.option}</span>
        <input
          list="optionNames"
          class="mono"
          value={change.name}
          spellcheck={false}
          onInput={(event) => onChange({ ...change, name: event.currentTarget.value.trim() })}
        />
        <span class="note">{recorded === undefined ? '\u00a0' : t.value.optionNow(String(recorded))}</span>
      </label>
      <label>
        <span class="label">{t.value.newValue}</span>
        <input
          class="mono"
          value={change.text}
          onInput={(event) => onChange({ ...change, text: event.currentTarget.value })}
        />
      </label>
      <button type="button" disabled={isOnly} onClick={() => onChange(null)} aria-label={t.value.removeChange}>
        ×
      </button>
    </div>
  );
}

function Progress() {
  const now = job.value;
  return (
    <div role="status">
      {problem.value && (
        <p class="alert">
          {t.value.whatIfFailed} {problem.value}
        </p>
      )}
      {now?.state === 'running' && (
        <p class="note">
          <progress max={now.of} value={now.done} aria-label={t.value.runWhatIf} />{' '}
          {t.value.whatIfRunning(counted(now.done), counted(now.of))}
        </p>
      )}
      {now?.state === 'cancelled' && <p class="note">{t.value.whatIfCancelled}</p>}
      {now?.state === 'failed' && (
        <p class="alert">
          {t.value.whatIfFailed} {now.message}
        </p>
      )}
      {now?.state === 'done' && <WhatIfAnswer result={resultOf(now)} />}
    </div>
  );
}
