import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { MARK_KINDS } from '../../../../src/protocol.js';
import { dateOf, timeOfDay } from '../../parts/format.js';
import { Icon, type IconName } from '../../parts/icons.js';
import { firstSeq, isFollowing, lastSeq, overview, seq } from '../../state/data.js';
import * as place from '../../state/place.js';
import { goLive, goTo, jump, pan, range, seqAt, shareOf, step, timeAt, width, zoom } from '../../state/timeline.js';
import { t } from '../../texts/locale.js';
import { MarkLegend } from './markLegend.js';
import { TimelineBars } from './timelineBars.js';
import { TimelineHover } from './timelineHover.js';

/**
 * Bottom: the whole journal, or the stretch that is looked at. Everything else shows the moment that is chosen here.
 */
export function TimelinePane() {
  return (
    <section class="pane timeline" aria-label={t.value.timeline}>
      <div class="timelineTools">
        <Steps />
        <MarkLegend />
        <Zoom />
      </div>
      <Track />
      <Window />
    </section>
  );
}

function Tool({
  icon,
  label,
  onClick,
  isOff = false,
}: {
  icon: IconName;
  label: string;
  onClick: () => void;
  isOff?: boolean;
}) {
  return (
    <button type="button" class="tool" aria-label={label} data-tip={label} onClick={onClick} disabled={isOff}>
      <Icon name={icon} />
    </button>
  );
}
function Steps() {
  const { steps } = t.value;
  const [isFirst, isLast] = [seq.value <= firstSeq.value, seq.value >= lastSeq.value];
  return (
    <div class="tools">
      <Tool icon="first" label={steps.first} onClick={() => goTo(firstSeq.peek())} isOff={isFirst} />
      <Tool icon="markBack" label={steps.markBack} onClick={() => void jump('before', MARK_KINDS)} isOff={isFirst} />
      <Tool icon="back" label={steps.back} onClick={() => step(-1)} isOff={isFirst} />
      <Tool icon="forward" label={steps.forward} onClick={() => step(1)} isOff={isLast} />
      <Tool
        icon="markForward"
        label={steps.markForward}
        onClick={() => void jump('after', MARK_KINDS)}
        isOff={isLast}
      />
      <Tool icon="last" label={steps.last} onClick={() => goTo(lastSeq.peek())} isOff={isLast} />
      {overview.value?.kind === 'live' && (
        <button
          type="button"
          class={`tool live ${isFollowing.value ? 'on' : ''}`}
          aria-pressed={isFollowing.value}
          onClick={goLive}
          data-tip={t.value.liveHint}
        >
          <span class="pulse" aria-hidden="true" /> {t.value.live}
        </button>
      )}
    </div>
  );
}
function Zoom() {
  return (
    <div class="segmented" role="group" aria-label={t.value.zoom}>
      <button
        type="button"
        aria-label={t.value.zoomOut}
        onClick={() => zoom(2)}
        disabled={place.stretch.value === null}
      >
        −
      </button>
      <button type="button" aria-pressed={place.stretch.value === null} onClick={() => (place.stretch.value = null)}>
        {t.value.whole}
      </button>
      <button type="button" aria-label={t.value.zoomIn} onClick={() => zoom(0.5)}>
        +
      </button>
    </div>
  );
}

/** Drag to scrub, wheel to zoom, wheel sideways or with shift to move along. */
function Track() {
  const box = useRef<HTMLDivElement>(null);
  const hover = useSignal<number | null>(null);
  useEffect(() => {
    const element = box.current!;
    const observer = new ResizeObserver(() => (width.value = element.clientWidth));
    observer.observe(element);
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault();
      const sideways = event.shiftKey ? event.deltaY : event.deltaX;
      if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) pan(sideways / element.clientWidth);
      else zoom(event.deltaY > 0 ? 1.25 : 0.8, seqAt(shareAt(event, element)));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => {
      observer.disconnect();
      element.removeEventListener('wheel', onWheel);
    };
  }, []);
  const scrub = (event: PointerEvent): void => {
    const share = shareAt(event, box.current!);
    hover.value = share;
    if (event.buttons & 1) goTo(snapped(seqAt(share)));
  };
  return (
    <div
      class="track"
      ref={box}
      role="slider"
      tabIndex={0}
      aria-label={t.value.timeline}
      aria-valuemin={range.value.from}
      aria-valuemax={range.value.to}
      aria-valuenow={seq.value}
      aria-valuetext={t.value.recordOf(String(seq.value), String(lastSeq.value))}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        scrub(event);
      }}
      onPointerMove={scrub}
      onPointerLeave={() => (hover.value = null)}
    >
      <TimelineBars />
      <Axis />
      <Cursor />
      {hover.value !== null && <TimelineHover share={hover.value} />}
    </div>
  );
}
/**
 * Where a pixel is more records than lie between two kept states, the hand goes from one of these to the next: they are
 * there at once.
 */
function snapped(wanted: number): number {
  const every = overview.value?.indexing.every ?? 1;
  const { from, to } = range.value;
  return (to - from) / Math.max(1, width.value) > every ? Math.max(from, Math.round(wanted / every) * every) : wanted;
}
function shareAt(event: MouseEvent, element: HTMLElement): number {
  const { left, width: whole } = element.getBoundingClientRect();
  return Math.min(1, Math.max(0, (event.clientX - left) / whole));
}

function Cursor() {
  const share = shareOf(seq.value);
  if (share < 0 || share > 1) return null;
  return (
    <div
      class={`cursor ${isFollowing.value ? 'live' : ''}`}
      style={{ transform: `translateX(${share * width.value}px)` }}
      aria-hidden="true"
    />
  );
}

const LABEL_PX = 120;
function Axis() {
  const count = Math.max(1, Math.floor(width.value / LABEL_PX));
  const labels = [];
  let [day, before] = ['', ''];
  for (let i = 0; i < count; i += 1) {
    const share = (i + 0.02) / count;
    const at = timeAt(share);
    if (at === null) continue;
    const isNewDay = dateOf(at) !== day;
    day = dateOf(at);
    // Within one second only the milliseconds tell two labels apart.
    const isSameSecond = timeOfDay(at, false) === before;
    before = timeOfDay(at, false);
    labels.push(
      <span key={i} class="tick" style={{ transform: `translateX(${(i / count) * width.value}px)` }}>
        {isNewDay && <b>{day.slice(5)} </b>}
        {timeOfDay(at, isSameSecond)}
      </span>,
    );
  }
  return (
    <div class="axis" aria-hidden="true">
      {labels}
    </div>
  );
}

/** Which part of the whole is looked at. */
function Window() {
  const [first, last] = [firstSeq.value, lastSeq.value];
  const { from, to } = range.value;
  const whole = Math.max(1, last - first);
  return (
    <div class="window" aria-hidden="true">
      <div
        style={{ left: `${((from - first) / whole) * 100}%`, width: `${Math.max(0.4, ((to - from) / whole) * 100)}%` }}
      />
    </div>
  );
}
