import { pathOf, type RecordSummary } from '../../../../src/protocol.js';
import { timeOfDay } from '../../parts/format.js';
import { ToldLine } from '../../parts/told.js';
import { MARK_TONES, outcomeTone } from '../../parts/tones.js';
import { seq as shown } from '../../state/data.js';
import { goTo } from '../../state/timeline.js';
import { t } from '../../texts/locale.js';

/** One record in two lines; a click shows its moment. */
export function RecordRow({ seq, summary }: { seq: number; summary: RecordSummary | undefined }) {
  return (
    <button type="button" class="recordRow" aria-current={shown.value === seq} onClick={() => goTo(seq)}>
      <span class="recordLine">
        <span class="soft number seqNo">#{seq}</span>
        {summary && (
          <>
            <b>{summary.type}</b>
            <ToldLine text={summary.text} />
            {summary.marks.map((mark) => (
              <span key={mark} class={`dot ${MARK_TONES[mark]}`} data-tip={t.value.marks[mark]} />
            ))}
            {summary.errorClass && <span class={`chip ${outcomeTone(summary.errorClass)}`}>{summary.errorClass}</span>}
          </>
        )}
      </span>
      <span class="recordLine soft">
        <span class="number seqNo">{summary ? timeOfDay(summary.at) : ''}</span>
        {summary && <span class="line">{changesOf(summary)}</span>}
      </span>
    </button>
  );
}

/** `breaker:messages → open · delivery:… → awaitingPermit`: those that moved. */
function changesOf({ steps, stepsTotal, effects }: RecordSummary): string {
  const moved = steps.flatMap(({ actor, from, to }) => {
    const [before, after] = [from && pathOf(from), to && pathOf(to)];
    return before === after ? [] : [`${actor} → ${after ?? '✕'}`];
  });
  const told = [...moved, ...effects.map((effect) => `⇢ ${effect}`)];
  return told.length > 0 ? told.join(' · ') : t.value.stepsCount(stepsTotal);
}
