import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type ActorGroup, type ActorView, type Moment, pathOf } from '../../../../src/protocol.js';
import { chooseActor } from '../../parts/chips.js';
import { counted, lasting } from '../../parts/format.js';
import { visible } from '../../parts/told.js';
import { toneOf, worstTone } from '../../parts/tones.js';
import { VirtualList } from '../../parts/virtualList.js';
import { ask } from '../../state/api.js';
import { actorKey, moments, PER_GROUP, shownAt, splitKey } from '../../state/data.js';
import { createLoader } from '../../state/loader.js';
import * as place from '../../state/place.js';
import { t } from '../../texts/locale.js';

/** Of groups that are not listed whole the server looks through the rest. */
const matches = createLoader<string, Moment>(
  (key, stop) => {
    const [at, find] = splitKey(key);
    return ask('api/moment', { seq: at, perGroup: PER_GROUP, find }, stop);
  },
  { cacheMax: 1, isFinal: () => false },
);

type Row = { readonly group: ActorGroup } | { readonly view: ActorView } | { readonly hidden: number };
const ROW_PX = 28;

/** Every actor at this moment, by machine; groups fold, and a name finds its actor. */
export function ActorList() {
  const wanted = useSignal('');
  const folded = useSignal<ReadonlySet<string>>(new Set());
  const toggle = (machine: string): void => {
    const next = new Set(folded.value);
    if (!next.delete(machine)) next.add(machine);
    folded.value = next;
  };
  const text = wanted.value.trim().toLowerCase();
  const now = moments.value.value;
  const isWhole = now?.groups.every((group) => group.total === group.actors.length) ?? true;
  useEffect(() => {
    if (now && text !== '' && !isWhole) matches.request(actorKey(text, now.seq));
  }, [text, now?.seq, isWhole]);
  const isMatched = text !== '' && !isWhole && matches.key.value?.endsWith(` ${text}`);
  const rows = rowsOf((isMatched ? matches.value.value : now)?.groups ?? [], text, folded.value);
  const total = now?.groups.reduce((sum, group) => sum + group.total, 0) ?? 0;
  return (
    <div class="actorList">
      <header class="paneHead">
        <span class="soft number">{counted(total)}</span>
        <input
          type="search"
          class="small"
          placeholder={t.value.findActor}
          aria-label={t.value.findActor}
          value={wanted.value}
          onInput={(event) => (wanted.value = event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && wanted.value.trim() !== '') chooseActor(firstOf(rows) ?? wanted.value.trim());
          }}
        />
      </header>
      <VirtualList
        count={rows.length}
        rowHeight={ROW_PX}
        label={t.value.actors}
        empty={!now ? '' : text === '' ? t.value.noActors : t.value.noActorFits(visible(text))}
        row={(index) => <ActorRow row={rows[index]!} isFolded={folded.value} onToggle={toggle} />}
      />
    </div>
  );
}
function firstOf(rows: readonly Row[]): string | undefined {
  return rows.flatMap((row) => ('view' in row ? [row.view.id] : []))[0];
}

function rowsOf(groups: readonly ActorGroup[], wanted: string, folded: ReadonlySet<string>): readonly Row[] {
  return groups.flatMap((group): Row[] => {
    const views = group.actors.filter(({ id }) => wanted === '' || id.toLowerCase().includes(wanted));
    if (wanted !== '' && views.length === 0) return [];
    const hidden = views.length === group.actors.length ? group.total - group.actors.length : 0;
    if (folded.has(group.machine) && wanted === '') return [{ group }];
    return [{ group }, ...views.map((view) => ({ view })), ...(hidden > 0 ? [{ hidden }] : [])];
  });
}

function ActorRow({
  row,
  isFolded,
  onToggle,
}: {
  row: Row;
  isFolded: ReadonlySet<string>;
  onToggle: (machine: string) => void;
}) {
  if ('hidden' in row) return <div class="actorRow hidden">{t.value.moreActors(counted(row.hidden), PER_GROUP)}</div>;
  if ('group' in row) {
    const { machine, total } = row.group;
    return (
      <button
        type="button"
        class="actorRow group"
        aria-expanded={!isFolded.has(machine)}
        onClick={() => onToggle(machine)}
      >
        <span class="twist" aria-hidden="true" />
        <span>{machine}</span>
        <span class="soft number">{counted(total)}</span>
        {isFolded.has(machine) && <span class={`dot ${worstTone(row.group)}`} aria-hidden="true" />}
      </button>
    );
  }
  const { id, machine, value, since } = row.view;
  const state = pathOf(value);
  return (
    <button type="button" class="actorRow" aria-current={place.actor.value === id} onClick={() => chooseActor(id)}>
      <span class={`dot ${toneOf(machine, state)}`} aria-hidden="true" />
      <bdi class="name">{visible(id)}</bdi>
      <span class="state">{state}</span>
      <span class="soft number age">
        {lasting(Math.max(0, shownAt.value - since))
          .split(' ')
          .slice(0, 2)
          .join(' ')}
      </span>
    </button>
  );
}
