import { MARK_KINDS, type MarkKind } from '../../../../src/protocol.js';
import { MARK_TONES } from '../../parts/tones.js';
import { hiddenKinds, timelines } from '../../state/timeline.js';
import { t } from '../../texts/locale.js';

/** The kinds of marks in sight; one that is switched off is neither shown nor jumped to. */
export function MarkLegend() {
  const seen = new Set(timelines.value.value?.marks.map(({ kind }) => kind));
  const toggle = (kind: MarkKind): void => {
    const next = new Set(hiddenKinds.value);
    if (!next.delete(kind)) next.add(kind);
    hiddenKinds.value = next;
  };
  return (
    <div class="legend" role="group" aria-label={t.value.marksShown}>
      <span class="key messages">{t.value.bars.messages}</span>
      <span class="key failures">{t.value.bars.failures}</span>
      <span class="key timers">{t.value.bars.timers}</span>
      {MARK_KINDS.filter((kind) => seen.has(kind) || hiddenKinds.value.has(kind)).map((kind) => (
        <button
          key={kind}
          type="button"
          class={`markKey ${MARK_TONES[kind]}`}
          aria-pressed={!hiddenKinds.value.has(kind)}
          onClick={() => toggle(kind)}
        >
          <span class={`dot ${MARK_TONES[kind]}`} aria-hidden="true" />
          {t.value.marks[kind]}
        </button>
      ))}
    </div>
  );
}
