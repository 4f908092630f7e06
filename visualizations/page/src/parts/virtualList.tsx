import { useComputed, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** The tallest list that a browser draws reliably, in pixels. */
const TALL_MAX = 8_000_000;
const MARGIN_ROWS = 6;

interface VirtualListProps {
  readonly count: number;
  readonly rowHeight: number;
  readonly label: string;
  /** Kept in view. */
  readonly index?: number;
  /** First and last row in view, on every change. */
  readonly onRange?: (first: number, last: number) => void;
  readonly row: (index: number) => ComponentChildren;
  readonly empty?: ComponentChildren;
}

/**
 * Rows of one height, of which only those in view exist. A list taller than a browser can draw scrolls in proportion.
 */
export function VirtualList({ count, rowHeight, label, index, onRange, row, empty }: VirtualListProps) {
  const box = useRef<HTMLDivElement>(null);
  const [top, height] = [useSignal(0), useSignal(0)];
  const tall = Math.min(count * rowHeight, TALL_MAX);
  const scale = count * rowHeight <= TALL_MAX ? 1 : (count * rowHeight - height.value) / (TALL_MAX - height.value);
  const first = Math.max(0, Math.floor((top.value * scale) / rowHeight) - MARGIN_ROWS);
  const last = Math.min(count - 1, Math.ceil((top.value * scale + height.value) / rowHeight) + MARGIN_ROWS);
  const range = useComputed(() => `${top.value} ${height.value}`);

  useEffect(() => {
    const element = box.current!;
    const observer = new ResizeObserver(() => (height.value = element.clientHeight));
    observer.observe(element);
    height.value = element.clientHeight;
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (last >= first) onRange?.(first, last);
  }, [first, last, range.value]);
  useEffect(() => {
    if (index === undefined || index < 0 || height.value === 0) return;
    const element = box.current!;
    const at = (index * rowHeight) / scale;
    if (at < element.scrollTop) element.scrollTop = at;
    else if (at + rowHeight > element.scrollTop + element.clientHeight)
      element.scrollTop = at + rowHeight - element.clientHeight;
  }, [index, count, height.value]);

  const rows = [];
  for (let i = first; i <= last; i += 1)
    rows.push(
      <div
        key={i}
        class="vrow"
        role="listitem"
        aria-setsize={count}
        aria-posinset={i + 1}
        style={{ height: `${rowHeight}px` }}
      >
        {row(i)}
      </div>,
    );
  const offset = scale === 1 ? first * rowHeight : top.value - (top.value * scale - first * rowHeight);
  return (
    <div
      class="vlist"
      ref={box}
      onScroll={() => (top.value = box.current!.scrollTop)}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable by keyboard
      tabIndex={0}
      role="group"
      aria-label={label}
    >
      {count === 0 ? (
        <div class="empty">{empty}</div>
      ) : (
        <div class="vspace" style={{ height: `${tall}px` }}>
          <div class="vrows" role="list" style={{ transform: `translateY(${offset}px)` }}>
            {rows}
          </div>
        </div>
      )}
    </div>
  );
}
