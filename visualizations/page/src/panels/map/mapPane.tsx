import { useSignal } from '@preact/signals';
import { Icon } from '../../parts/icons.js';
import * as place from '../../state/place.js';
import { t } from '../../texts/locale.js';
import { ActorList } from '../actor/actorList.js';
import { MapTiles } from './mapTiles.js';

/** Left: all actors, as a map of tiles or by name. */
export function MapPane() {
  const shown = useSignal<'tiles' | 'list'>('tiles');
  return (
    <section class="pane mapPane" aria-label={t.value.actors}>
      <header class="paneHead">
        <h2>{t.value.actors}</h2>
        <div class="tools">
          <div class="segmented" role="group" aria-label={t.value.showAs}>
            {(['tiles', 'list'] as const).map((way) => (
              <button key={way} type="button" aria-pressed={shown.value === way} onClick={() => (shown.value = way)}>
                {t.value.actorViews[way]}
              </button>
            ))}
          </div>
          <button
            type="button"
            class="tool"
            onClick={() => (place.view.value = 'map')}
            aria-label={t.value.enlargeMap}
            data-tip={t.value.enlargeMap}
          >
            <Icon name="enlarge" />
          </button>
        </div>
      </header>
      {shown.value === 'tiles' ? <MapTiles /> : <ActorList />}
    </section>
  );
}
