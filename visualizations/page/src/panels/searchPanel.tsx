import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { MARK_KINDS } from '../../../src/protocol.js';
import { Draft } from '../parts/draft.js';
import { counted } from '../parts/format.js';
import { VirtualList } from '../parts/virtualList.js';
import { firstSeq, lastSeq, overview, seq } from '../state/data.js';
import * as place from '../state/place.js';
import { t } from '../texts/locale.js';
import { type Found, findings, recordPages } from './findings.js';
import { RecordRow } from './record/recordRow.js';

const ROW_PX = 44;

/** Records: all of them as a window on the journal, or those that fit. */
export function SearchPanel() {
  const isAll = Object.values(place.filters.value).every((value) => !value);
  return (
    <div class="searchPanel">
      <FilterForm />
      {isAll ? (
        <AllRecords />
      ) : (
        <FoundRecords key={JSON.stringify(place.filters.value)} filters={place.filters.value} />
      )}
    </div>
  );
}

function FilterForm() {
  const set = (name: keyof place.Filters, value: string): void => {
    const { [name]: _, ...rest } = place.filters.value;
    place.filters.value = value.trim() === '' ? rest : { ...rest, [name]: value.trim() };
  };
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()}>
      <label class="wide">
        <span class="label">{t.value.filterNames.text}</span>
        <Draft
          id="search"
          type="search"
          value={place.filters.value.text ?? ''}
          maxLength={200}
          onCommit={(text) => set('text', text)}
        />
      </label>
      {(['actor', 'event', 'message', 'user', 'class', 'rule'] as const).map((name) => (
        <label key={name}>
          <span class="label">{t.value.filterNames[name]}</span>
          <Draft
            type="search"
            value={place.filters.value[name] ?? ''}
            {...(name === 'event' ? { list: 'eventTypes' } : {})}
            spellcheck={false}
            onCommit={(text) => set(name, text)}
          />
        </label>
      ))}
      <label>
        <span class="label">{t.value.filterNames.mark}</span>
        <select value={place.filters.value.mark ?? ''} onChange={(event) => set('mark', event.currentTarget.value)}>
          <option value="">{t.value.any}</option>
          {MARK_KINDS.map((kind) => (
            <option key={kind} value={kind}>
              {t.value.marks[kind]}
            </option>
          ))}
        </select>
      </label>
      <button type="button" onClick={() => (place.filters.value = {})}>
        {t.value.clearFilters}
      </button>
      <datalist id="eventTypes">
        {overview.value?.types.map((type) => (
          <option key={type} value={type} />
        ))}
      </datalist>
    </form>
  );
}

/** Every record, read in windows around what is in view. */
function AllRecords() {
  const pages = useMemo(() => recordPages(), [overview.value?.journal, overview.value?.first.at]);
  const count = lastSeq.value === 0 ? 0 : lastSeq.value - firstSeq.value + 1;
  return (
    <VirtualList
      count={count}
      rowHeight={ROW_PX}
      label={t.value.records}
      index={seq.value - firstSeq.value}
      onRange={(first, last) => pages.want(firstSeq.value + first, firstSeq.value + last)}
      row={(index) => <RecordRow seq={firstSeq.value + index} summary={pages.at(firstSeq.value + index)} />}
      empty={t.value.noRecords}
    />
  );
}

function FoundRecords({ filters }: { filters: place.Filters }) {
  const found = useSignal<Found | null>(null);
  useEffect(() => {
    const search = findings(filters, (next) => (found.value = next));
    return search.stop;
  }, []);
  const { records, state, reached, message, more } = found.value ?? {
    records: [],
    state: 'searching',
    reached: 0,
    message: '',
    more: () => undefined,
  };
  return (
    <>
      <p class="note" role="status">
        {state === 'failed'
          ? message
          : state === 'searching'
            ? t.value.searching(counted(records.length), counted(reached))
            : t.value.found(counted(records.length), state === 'whole')}
      </p>
      <VirtualList
        count={records.length}
        rowHeight={ROW_PX}
        label={t.value.records}
        onRange={(_, last) => last >= records.length - 10 && more()}
        row={(index) => <RecordRow seq={records[index]!.seq} summary={records[index]} />}
        empty={state === 'searching' ? '' : t.value.nothingFound}
      />
    </>
  );
}
