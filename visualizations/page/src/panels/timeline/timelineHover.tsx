import { dateAndTime } from '../../parts/format.js';
import { Told } from '../../parts/told.js';
import { MARK_TONES } from '../../parts/tones.js';
import { marksNear, seqAt, timeAt, width } from '../../state/timeline.js';
import { t } from '../../texts/locale.js';

const NEAR_PX = 6;
const SHOWN = 4;
const BOX_PX = 280;

/** What lies under the pointer. */
export function TimelineHover({ share }: { share: number }) {
  const at = timeAt(share);
  const marks = marksNear(share, NEAR_PX);
  const x = share * width.value;
  return (
    <>
      <div class="hoverLine" style={{ transform: `translateX(${x}px)` }} />
      <div
        class="hoverBox"
        style={{
          transform: `translateX(${Math.max(0, Math.min(x - BOX_PX / 2, width.value - BOX_PX))}px)`,
          width: `${BOX_PX}px`,
        }}
      >
        <div>
          #{seqAt(share)} {at !== null && <span class="soft">≈ {dateAndTime(at, false)}</span>}
        </div>
        {marks.slice(0, SHOWN).map((mark) => (
          <div key={`${mark.seq} ${mark.kind}`} class="markLine">
            <span class={`dot ${MARK_TONES[mark.kind]}`} /> {t.value.marks[mark.kind]}{' '}
            <bdi class="soft">{mark.actor}</bdi> <Told text={mark.text} max={60} />
          </div>
        ))}
        {marks.length > SHOWN && <div class="soft">+{marks.length - SHOWN}</div>}
      </div>
    </>
  );
}
