import type { Bucket, Mark, Timeline } from '../../../../src/protocol.js';
import { MARK_TONES } from '../../parts/tones.js';
import { overview } from '../../state/data.js';
import { hiddenKinds, shareOf, timelines, width } from '../../state/timeline.js';
import { t } from '../../texts/locale.js';

const MARKS_PX = 20;
const BARS_PX = 48;
const HEIGHT_PX = MARKS_PX + BARS_PX;

/** Messages upwards, failures in front of them, timers as a ground line; marks above. */
export function TimelineBars() {
  const known = timelines.value.value;
  const indexing = overview.value?.indexing;
  return (
    <>
      <svg class="bars" width={width.value} height={HEIGHT_PX} aria-hidden="true">
        {known && <Bars known={known} />}
        {known?.marks.map(
          (mark) =>
            !hiddenKinds.value.has(mark.kind) && (
              <MarkGlyph key={`${mark.seq} ${mark.kind} ${mark.actor}`} mark={mark} />
            ),
        )}
      </svg>
      {indexing && indexing.done < indexing.of && (
        <span class="indexing">{t.value.indexing(Math.floor((100 * indexing.done) / indexing.of))}</span>
      )}
    </>
  );
}

function Bars({ known }: { known: Timeline }) {
  const most = Math.max(1, ...known.buckets.map(({ messages, failures }) => Math.max(messages ?? 0, failures ?? 0)));
  const mostTimers = Math.max(1, ...known.buckets.map(({ timers }) => timers ?? 0));
  const heightOf = (count: number): number =>
    count === 0 ? 0 : Math.max(2, (Math.sqrt(count) / Math.sqrt(most)) * (BARS_PX - 6));
  return (
    <>
      <path class="timers" d={bars(known, ({ timers }) => ((timers ?? 0) / mostTimers) * (BARS_PX / 4))} />
      <path class="messages" d={bars(known, ({ messages }) => heightOf(messages ?? 0))} />
      <path class="failures" d={bars(known, ({ failures }) => heightOf(failures ?? 0))} />
    </>
  );
}
/** One path for all bars: quick to draw, however many. */
function bars({ buckets, to }: Timeline, heightOf: (bucket: Bucket) => number): string {
  return buckets
    .map((bucket, i) => {
      const height = heightOf(bucket);
      if (height === 0) return '';
      const x = shareOf(bucket.seq) * width.value;
      const next = shareOf(buckets[i + 1]?.seq ?? to.seq + 1) * width.value;
      return `M${x.toFixed(1)} ${HEIGHT_PX}v${-height.toFixed(1)}h${Math.max(1, next - x - 0.6).toFixed(1)}V${HEIGHT_PX}z`;
    })
    .join('');
}

function MarkGlyph({ mark }: { mark: Mark }) {
  const share = shareOf(mark.seq);
  if (share < 0 || share > 1) return null;
  const x = share * width.value;
  const tone = MARK_TONES[mark.kind];
  return (
    <g class={`mark ${tone}`}>
      <path class="stem" d={`M${x} ${MARKS_PX - 6}V${HEIGHT_PX}`} />
      <path class="head" d={headOf(tone, x)} />
    </g>
  );
}
/** Shapes differ as well as colours. */
function headOf(tone: string, x: number): string {
  const y = 9;
  if (tone === 'bad') return `M${x} ${y + 5}l-5-9h10z`;
  if (tone === 'good') return `M${x - 4.5} ${y}a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0z`;
  return `M${x} ${y - 5}l5 5-5 5-5-5z`;
}
