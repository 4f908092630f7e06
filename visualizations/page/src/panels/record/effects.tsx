import { useSignal } from '@preact/signals';
import type { ArmedTimer, EffectView, Link } from '../../../../src/protocol.js';
import { ActorLink, Chip, SeqLink } from '../../parts/chips.js';
import { lasting } from '../../parts/format.js';
import { JsonTree } from '../../parts/jsonTree.js';
import { Told } from '../../parts/told.js';
import { t } from '../../texts/locale.js';
import { TimeLeft } from '../actor/timers.js';

/** What the record asked of the outside, and what became of it later. */
export function Effects({ effects, at }: { effects: readonly EffectView[]; at: number }) {
  return (
    <ul class="effects">
      {effects.map((effect) => (
        <EffectItem key={effect.id} effect={effect} at={at} />
      ))}
    </ul>
  );
}
function EffectItem({ effect, at }: { effect: EffectView; at: number }) {
  const isOpen = useSignal(false);
  return (
    <li>
      <div class="changeHead">
        <button type="button" class="twig" aria-expanded={isOpen.value} onClick={() => (isOpen.value = !isOpen.value)}>
          <span class="twist" aria-hidden="true" />
          <b>{effect.type}</b>
        </button>
        <ActorLink id={effect.actor} />
        {effect.isOpen && <Chip tone="busy">{t.value.noOutcomeYet}</Chip>}
      </div>
      {effect.outcomes.map((outcome) => (
        <Outcome key={outcome.seq} outcome={outcome} at={at} />
      ))}
      {isOpen.value && <JsonTree data={effect.request} open={2} />}
    </li>
  );
}
function Outcome({ outcome, at }: { outcome: Link; at: number }) {
  return (
    <div class="outcome">
      <span aria-hidden="true">↳</span> <SeqLink seq={outcome.seq} /> {outcome.type}{' '}
      <span class="soft">{t.value.after(lasting(outcome.at - at))}</span> <Told text={outcome.text} max={80} />
    </div>
  );
}

export function ArmedTimers({ timers, at }: { timers: readonly ArmedTimer[]; at: number }) {
  return (
    <ul class="effects">
      {timers.map(({ actor, timer, dueAt, fired }) => (
        <li key={`${actor} ${timer}`}>
          <div class="changeHead">
            <b>{timer}</b> <ActorLink id={actor} /> <span class="soft">{t.value.dueAfter(lasting(dueAt - at))}</span>
          </div>
          {fired ? (
            <Outcome outcome={fired} at={at} />
          ) : (
            <div class="outcome soft">
              {t.value.notFired} <TimeLeft dueAt={dueAt} />
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}
