import { useSignal } from '@preact/signals';
import { endFaults, faults, startFault } from '../../state/chat.js';
import { t } from '../../texts/locale.js';

/** What a newcomer may break. `once`: acts at once and is over. */
const SWITCHES = [
  { kind: 'outage', fault: { kind: 'outage', durationMs: 20_000 } },
  { kind: 'errors', fault: { kind: 'errors', probability: 0.5, status: 500, durationMs: 60_000 } },
  { kind: 'rejectEmbed', fault: { kind: 'rejectEmbed', durationMs: 60_000 } },
  { kind: 'rateLimit', fault: { kind: 'rateLimit', retryAfterSec: 2, durationMs: 15_000 } },
  { kind: 'hang', fault: { kind: 'hang', durationMs: 20_000 } },
  { kind: 'slow', fault: { kind: 'slow', latencyMs: 3_000, durationMs: 30_000 } },
  { kind: 'dropConnection', fault: { kind: 'dropConnection' }, once: true },
] as const;

export function FaultSwitches() {
  const problem = useSignal<string | null>(null);
  const flip = async (index: number, isOn: boolean): Promise<void> => {
    const { kind, fault } = SWITCHES[index]!;
    try {
      await (isOn ? endFaults(kind) : startFault(fault));
      problem.value = null;
    } catch (error) {
      problem.value = String((error as Error).message);
    }
  };
  return (
    <div class="faults" role="group" aria-label={t.value.faults}>
      <span class="label">{t.value.faults}</span>
      <div class="faultRow">
        {SWITCHES.map((one, i) => {
          const isOn = faults.value.some(({ kind }) => kind === one.kind);
          const text = t.value.faultNames[one.kind];
          return (
            <button
              key={one.kind}
              type="button"
              class="fault"
              aria-pressed={'once' in one ? undefined : isOn}
              data-tip={text.hint}
              onClick={() => void flip(i, isOn)}
            >
              {text.name}
            </button>
          );
        })}
      </div>
      {problem.value && <p class="bad">{problem.value}</p>}
    </div>
  );
}
