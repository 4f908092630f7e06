import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type LifePage, type LifeStep, pathOf } from '../../../../src/protocol.js';
import { ActorLink, Rule, SeqLink, StateChip } from '../../parts/chips.js';
import { dateAndTime, lasting, timeOfDay } from '../../parts/format.js';
import { JsonTree } from '../../parts/jsonTree.js';
import { Facts, Section } from '../../parts/section.js';
import { Told, visible } from '../../parts/told.js';
import { ask } from '../../state/api.js';
import { actors, chosen, chosenMachine, ruleSentence, seq, shownAt } from '../../state/data.js';
import * as place from '../../state/place.js';
import { goTo } from '../../state/timeline.js';
import { t } from '../../texts/locale.js';
import { TimeLeft } from './timers.js';

/** The chosen actor at this moment: what it is, why, what it holds, and its life. */
export function ActorPanel() {
  const id = place.actor.value;
  const detail = actors.value.value?.id === id ? actors.value.value : null;
  return (
    <div class={detail && detail.seq !== seq.value ? 'stale' : ''}>
      <header class="subject">
        <h2>
          <bdi>{visible(id)}</bdi>
        </h2>
        <Now />
      </header>
      {actors.error.value && <p class="empty bad">{actors.error.value.message}</p>}
      {detail?.context && (
        <Section title={t.value.context}>
          <JsonTree data={detail.context} open={2} />
        </Section>
      )}
      {detail && detail.openEffects.length > 0 && (
        <Section title={t.value.openEffects}>
          <ul class="effects">
            {detail.openEffects.map((effect) => (
              <li key={effect.id}>
                <b>{effect.type}</b> {effect.seq !== null && <SeqLink seq={effect.seq} />}
              </li>
            ))}
          </ul>
        </Section>
      )}
      <Section title={t.value.life}>
        <LifeTable actor={id} />
      </Section>
    </div>
  );
}

function Now() {
  const view = chosen.value;
  const machine = chosenMachine.value ?? '';
  const ended = actors.value.value?.id === place.actor.value ? actors.value.value.ended : null;
  if (!view)
    return (
      <p class="soft">
        {ended ? t.value.endedBefore : t.value.notBornYet}{' '}
        {ended && <StateChip machine={ended.machine} state={pathOf(ended.value)} />}
      </p>
    );
  return (
    <Facts
      rows={[
        [t.value.state, <StateChip machine={machine} state={pathOf(view.value)} />],
        [t.value.since, `${dateAndTime(view.since)} (${lasting(Math.max(0, shownAt.value - view.since))})`],
        [
          t.value.byRule,
          <>
            <Rule id={view.rule} /> <span class="soft">{ruleSentence(view.rule)}</span>
          </>,
        ],
        view.reason ? [t.value.reason, <Told text={view.reason} max={200} />] : null,
        view.parent ? [t.value.belongsTo, <ActorLink id={view.parent} />] : null,
        ...view.timers.map(
          (timer) =>
            [
              timer.timer,
              <>
                <TimeLeft dueAt={timer.dueAt} />{' '}
                <span class="soft">
                  ({timeOfDay(timer.dueAt)}, {t.value.armedBy} <SeqLink seq={timer.armedAtSeq} />)
                </span>
              </>,
            ] as const,
        ),
      ]}
    />
  );
}

const PAGE = 60;
/** The steps of an actor, newest first, up to this moment; older ones on demand. */
function LifeTable({ actor }: { actor: string }) {
  const steps = useSignal<readonly LifeStep[]>([]);
  const older = useSignal<number | null>(null);
  const at = seq.value;
  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(() => {
      ask<LifePage>('api/life', { actor, before: at + 1, limit: PAGE }, stop.signal).then(
        (page) => {
          [steps.value, older.value] = [[...page.steps].reverse(), page.before];
        },
        () => undefined,
      );
    }, 80);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [actor, at]);
  const more = async (): Promise<void> => {
    const page = await ask<LifePage>('api/life', { actor, before: older.value, limit: PAGE });
    [steps.value, older.value] = [[...steps.value, ...[...page.steps].reverse()], page.before];
  };
  if (steps.value.length === 0) return <p class="soft">{t.value.noSteps}</p>;
  return (
    <>
      <table class="grid life">
        <tbody>
          {steps.value.map((step, i) => (
            <LifeRow key={`${step.seq} ${steps.value.length - i}`} step={step} isHere={step.seq === at} />
          ))}
        </tbody>
      </table>
      {older.value !== null && (
        <button type="button" class="more" onClick={() => void more()}>
          {t.value.older}
        </button>
      )}
    </>
  );
}
function LifeRow({ step: { seq: at, at: time, event, from, to, rules }, isHere }: { step: LifeStep; isHere: boolean }) {
  const [before, after] = [from === null ? t.value.born : pathOf(from), to === null ? t.value.gone : pathOf(to)];
  return (
    <tr class={isHere ? 'here' : ''}>
      <td>
        <button type="button" class="link seq" onClick={() => goTo(at)} data-tip={dateAndTime(time)}>
          #{at}
        </button>
      </td>
      <td>{event}</td>
      <td class={rules.length === 0 ? 'soft' : ''}>
        {rules.length === 0 ? t.value.ignored : before === after ? after : `${before} → ${after}`}
      </td>
      <td>
        {rules.map((rule) => (
          <Rule key={rule} id={rule} />
        ))}
      </td>
    </tr>
  );
}
