import type { TimerView } from '../../../../src/protocol.js';
import { lasting } from '../../parts/format.js';
import { shownAt } from '../../state/data.js';
import { t } from '../../texts/locale.js';

/** Named delays and what is left of them, counting down while the page follows. */
export function Timers({ timers }: { timers: readonly TimerView[] }) {
  return (
    <>
      {timers.map(({ timer, dueAt }) => (
        <span key={timer} class="timer">
          <span class="soft">{timer}</span> <TimeLeft dueAt={dueAt} />
        </span>
      ))}
    </>
  );
}
export function TimeLeft({ dueAt }: { dueAt: number }) {
  return <span class="left">{timeLeft(dueAt)}</span>;
}
export function timeLeft(dueAt: number): string {
  const left = dueAt - shownAt.value;
  return left <= 0 ? t.value.due : lasting(left < 10_000 ? Math.ceil(left / 100) * 100 : left);
}
