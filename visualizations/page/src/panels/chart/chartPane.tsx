import { type Signal, useComputed } from '@preact/signals';
import { pathOf } from '../../../../src/protocol.js';
import { StateChip } from '../../parts/chips.js';
import { Icon } from '../../parts/icons.js';
import { visible } from '../../parts/told.js';
import { actors, briefCharts, charts, chosen, chosenMachine, moments, overview } from '../../state/data.js';
import * as place from '../../state/place.js';
import { t } from '../../texts/locale.js';
import { Timers } from '../actor/timers.js';
import { MapPicture } from '../map/mapPicture.js';
import { heatScope, heats } from './chartHeat.js';
import { ChartPicture } from './chartPicture.js';
import { ChartTable } from './chartTable.js';

/** The chart of the chosen actor, as picture or as table; or the map in large. */
export function ChartPane() {
  const isMap = place.view.value === 'map';
  return (
    <section class="pane chart" aria-label={isMap ? t.value.map : t.value.chart}>
      <header class="paneHead">
        {isMap ? <h2>{t.value.map}</h2> : <ChosenHead />}
        <div class="tools">
          {place.view.value === 'chart' && <Toggle name="brief" isOn={place.brief} hint={t.value.briefHint} />}
          {!isMap && <Toggle name="heat" isOn={place.heat} hint={t.value.heatHint} />}
          <ViewSwitch />
        </div>
      </header>
      {isMap ? <MapPicture /> : <ChosenChart />}
    </section>
  );
}

function Toggle({ name, isOn, hint }: { name: 'brief' | 'heat'; isOn: Signal<boolean>; hint: string }) {
  return (
    <button
      type="button"
      class="tool"
      aria-label={t.value[name]}
      aria-pressed={isOn.value}
      onClick={() => (isOn.value = !isOn.value)}
      data-tip={hint}
    >
      <Icon name={name} /> <span class="word">{t.value[name]}</span>
    </button>
  );
}

function ChosenHead() {
  const view = chosen.value;
  const machine = chosenMachine.value;
  return (
    <div class="chosenHead">
      <h2>
        <bdi>{visible(place.actor.value)}</bdi>
      </h2>
      {view && machine && <StateChip machine={machine} state={pathOf(view.value)} />}
      {view && <Timers timers={view.timers} />}
    </div>
  );
}

function ViewSwitch() {
  return (
    <div class="segmented" role="group" aria-label={t.value.showAs}>
      {(['chart', 'table', 'map'] as const).map((view) => (
        <button
          key={view}
          type="button"
          aria-pressed={place.view.value === view}
          onClick={() => (place.view.value = view)}
        >
          {t.value.views[view]}
        </button>
      ))}
    </div>
  );
}

function ChosenChart() {
  const answer = useComputed(() => ofChosen(charts));
  const drawn = useComputed(() => (place.brief.value ? ofChosen(briefCharts) : ofChosen(charts)));
  const id = place.actor.value;
  if (!overview.value) return null;
  if (!chosenMachine.value) return <p class="empty">{t.value.noChart(id)}</p>;
  if (!answer.value) return <p class="empty">{charts.error.value ? charts.error.value.message : t.value.drawing}</p>;
  const isGone = moments.value.value !== null && chosen.value === null && actors.value.value?.id === id;
  const counts = place.heat.value && heats.value.value?.scope === heatScope.value ? heats.value.value : null;
  return (
    <>
      {isGone && <p class="hint">{actors.value.value?.ended ? t.value.endedBefore : t.value.notBornYet}</p>}
      {place.view.value === 'table' ? (
        <ChartTable table={answer.value.table} heat={counts} />
      ) : (
        drawn.value && <ChartPicture layout={drawn.value.layout} whole={answer.value.layout} heat={counts} />
      )}
    </>
  );
}

function ofChosen({ value }: typeof charts) {
  return value.value?.machine === chosenMachine.value ? value.value : null;
}
