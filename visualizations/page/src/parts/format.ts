import { locale, t } from '../texts/locale.js';

const two = (value: number): string => String(value).padStart(2, '0');

/** `03:12:07.412`, in the reader's time zone. */
export function timeOfDay(at: number, withMs = true): string {
  const date = new Date(at);
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return withMs ? `${time}.${String(date.getMilliseconds()).padStart(3, '0')}` : time;
}
/** `2026-03-01` */
export function dateOf(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
export function dateAndTime(at: number, withMs = true): string {
  return `${dateOf(at)} ${timeOfDay(at, withMs)}`;
}

/** `120 ms`, `3.2 s`, `4 min 10 s`, `2 h 5 min`, `3 d 4 h`. */
export function lasting(ms: number): string {
  const { units } = t.value;
  const whole = Math.max(0, Math.round(ms));
  if (whole < 1_000) return `${whole} ${units.ms}`;
  if (whole < 59_950) return `${(whole / 1_000).toFixed(1)} ${units.s}`;
  const seconds = Math.round(whole / 1_000);
  if (seconds < 3_600) return pair(Math.floor(seconds / 60), units.min, seconds % 60, units.s);
  const minutes = Math.round(seconds / 60);
  if (minutes < 1_440) return pair(Math.floor(minutes / 60), units.h, minutes % 60, units.min);
  return pair(Math.floor(minutes / 1_440), units.d, Math.floor((minutes % 1_440) / 60), units.h);
}
function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** `12,345` */
export function counted(value: number): string {
  return value.toLocaleString(locale.value === 'zh' ? 'zh-CN' : 'en-US');
}
/** `12 kB`; decimal units. */
export function bytes(value: number): string {
  if (value < 1_000) return `${value} B`;
  return value < 1e6 ? `${(value / 1e3).toFixed(value < 1e4 ? 1 : 0)} kB` : `${(value / 1e6).toFixed(1)} MB`;
}
