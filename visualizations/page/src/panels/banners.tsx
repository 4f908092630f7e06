import { SeqLink } from '../parts/chips.js';
import { counted } from '../parts/format.js';
import { Told } from '../parts/told.js';
import { folding } from '../state/api.js';
import { failure, lastSeq, loadOverview, moments, overview } from '../state/data.js';
import { feed } from '../state/live.js';
import { t } from '../texts/locale.js';

/** What the reader must know before believing what is shown. */
export function Banners() {
  const known = overview.value;
  const source = known?.source;
  return (
    <div class="banners" role="status">
      {failure.value && (
        <p class="banner bad">
          {failure.value.status === 0 ? t.value.serverGone : <Told text={failure.value.message} max={400} />}{' '}
          <button type="button" onClick={() => void loadOverview()}>
            {t.value.again}
          </button>
        </p>
      )}
      {feed.value === 'lost' && <p class="banner bad">{t.value.feedLost}</p>}
      {source && source.state !== 'ok' && (
        <p class={`banner ${source.state === 'ended' ? '' : 'bad'}`}>
          {t.value.sourceStates[source.state]} {source.message && <Told text={source.message} max={400} />}
        </p>
      )}
      {source?.state === 'ok' && source.message && (
        <p class="banner">
          <Told text={source.message} max={400} />
        </p>
      )}
      {known?.divergence && (
        <p class="banner">
          {t.value.divergedFrom(known.divergence.seq, known.divergence.actor)} <SeqLink seq={known.divergence.seq} />
        </p>
      )}
      {overview.value && lastSeq.value === 0 && <p class="banner">{t.value.noRecords}</p>}
      {moments.error.value && !failure.value && (
        <p class="banner bad">
          <Told text={moments.error.value.message} max={400} />
        </p>
      )}
      {folding.value && (
        <p class="banner">
          {t.value.folding(counted(folding.value.left))}
          <progress
            max={folding.value.of}
            value={folding.value.of - folding.value.left}
            aria-label={t.value.foldingLabel}
          />
        </p>
      )}
    </div>
  );
}
