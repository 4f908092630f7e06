import { type Signal, signal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../../texts/locale.js';

/** `read`: as large as can be read, following what is lit; `fit`: all of it; a number: the reader's own. */
type Zoom = 'read' | 'fit' | number;
const zooms: Readonly<Record<string, Signal<Zoom>>> = { chart: signal<Zoom>('read'), map: signal<Zoom>('fit') };
const READABLE = 0.82;
const STEP = 1.25;
const [ZOOM_MIN, ZOOM_MAX] = [0.1, 4];
/** A drag shorter than this is a click. */
const DRAG_PX = 4;

interface PictureProps {
  readonly box: RefObject<HTMLDivElement | null>;
  readonly width: number;
  readonly height: number;
  readonly label: string;
  readonly name: 'chart' | 'map';
}

/**
 * A drawing that can be dragged and made larger and smaller (also with Ctrl and the wheel). Its content is put into
 * `box`.
 */
export function Picture({ box, width, height, label, name }: PictureProps) {
  const frame = useRef<HTMLDivElement>(null);
  const zoom = zooms[name]!;
  const size = useRef(signal(1)).current;
  useEffect(() => {
    const element = frame.current!;
    const measure = (): void => {
      const fit = Math.min((element.clientWidth - 16) / width, (element.clientHeight - 16) / height);
      const wide = (element.clientWidth - 16) / width;
      const readable = Math.max(Math.min(1, fit), Math.min(1, Math.max(READABLE, wide)));
      size.value = zoom.value === 'fit' ? Math.min(1.2, fit) : zoom.value === 'read' ? readable : zoom.value;
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    const stop = zoom.subscribe(measure);
    return () => {
      observer.disconnect();
      stop();
    };
  }, [width, height]);
  const change = (factor: number): void => {
    zoom.value = Math.min(ZOOM_MAX, Math.max(ZOOM_MIN, size.peek() * factor));
  };
  useDrag(frame, change);
  return (
    <div class="pictureBox">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable by keyboard */}
      <div class="picture" ref={frame} tabIndex={0} role="group" aria-label={label}>
        <div class="drawn" ref={box} style={{ width: `${width * size.value}px`, height: `${height * size.value}px` }} />
      </div>
      <div class="segmented zoomTools" role="group" aria-label={t.value.size}>
        <button type="button" aria-label={t.value.smaller} onClick={() => change(1 / STEP)}>
          −
        </button>
        <button type="button" aria-pressed={zoom.value === 'read'} onClick={() => (zoom.value = 'read')}>
          {t.value.readable}
        </button>
        <button type="button" aria-pressed={zoom.value === 'fit'} onClick={() => (zoom.value = 'fit')}>
          {t.value.fit}
        </button>
        <button type="button" aria-label={t.value.larger} onClick={() => change(STEP)}>
          +
        </button>
      </div>
    </div>
  );
}

function useDrag(frame: RefObject<HTMLDivElement | null>, change: (factor: number) => void): void {
  useEffect(() => {
    const element = frame.current!;
    let start: { x: number; y: number; left: number; top: number } | null = null;
    const down = (event: PointerEvent): void => {
      if (event.button !== 0 || event.pointerType === 'touch') return;
      start = { x: event.clientX, y: event.clientY, left: element.scrollLeft, top: element.scrollTop };
    };
    const move = (event: PointerEvent): void => {
      if (!start || !(event.buttons & 1)) return;
      const [x, y] = [event.clientX - start.x, event.clientY - start.y];
      if (Math.hypot(x, y) < DRAG_PX) return;
      element.setPointerCapture(event.pointerId);
      element.scrollTo({ left: start.left - x, top: start.top - y, behavior: 'instant' });
    };
    const up = (): void => {
      start = null;
    };
    const wheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      change(event.deltaY > 0 ? 1 / 1.12 : 1.12);
    };
    element.addEventListener('pointerdown', down);
    element.addEventListener('pointermove', move);
    element.addEventListener('pointerup', up);
    element.addEventListener('wheel', wheel, { passive: false });
    return () => {
      element.removeEventListener('pointerdown', down);
      element.removeEventListener('pointermove', move);
      element.removeEventListener('pointerup', up);
      element.removeEventListener('wheel', wheel);
    };
  }, []);
}

/** Brings a part of a drawing into view when it is not. */
export function reveal(part: Element): void {
  const frame = part.closest('.picture');
  if (!frame) return;
  const [seen, wanted] = [frame.getBoundingClientRect(), part.getBoundingClientRect()];
  const isSeen =
    wanted.left >= seen.left && wanted.right <= seen.right && wanted.top >= seen.top && wanted.bottom <= seen.bottom;
  if (isSeen) return;
  frame.scrollBy({
    left: wanted.left + wanted.width / 2 - seen.left - seen.width / 2,
    top: wanted.top + wanted.height / 2 - seen.top - seen.height / 2,
    behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'instant' : 'smooth',
  });
}
