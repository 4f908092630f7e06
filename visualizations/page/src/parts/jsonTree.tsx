import { useSignal } from '@preact/signals';
import { type BoundedJson, CUT } from '../../../src/protocol.js';
import { t } from '../texts/locale.js';
import { bytes, counted } from './format.js';
import { Told, visible } from './told.js';

/** Entries of one list or object that are shown before more are asked for. */
const SHOWN = 60;

/** JSON as a tree that opens on demand. */
export function JsonTree({ data, open = 1 }: { data: BoundedJson; open?: number }) {
  return (
    <div class="json">
      <Branch name={null} value={data.json} open={open} />
      {data.isCut && <p class="note">{t.value.cutTo(bytes(data.bytes))}</p>}
    </div>
  );
}

export function Branch({ name, value, open }: { name: string | null; value: unknown; open: number }) {
  const isOpen = useSignal(open > 0);
  const shown = useSignal(SHOWN);
  if (typeof value !== 'object' || value === null) {
    return (
      <div class="leaf">
        {name !== null && <Key name={name} />}
        <Scalar value={value} />
      </div>
    );
  }
  const entries = Object.entries(value);
  const isList = Array.isArray(value);
  const size = isList ? `[${counted(entries.length)}]` : `{${counted(entries.length)}}`;
  if (entries.length === 0)
    return (
      <div class="leaf">
        {name !== null && <Key name={name} />}
        <span class="soft">{isList ? '[]' : '{}'}</span>
      </div>
    );
  return (
    <div class="branch">
      <button type="button" class="twig" aria-expanded={isOpen.value} onClick={() => (isOpen.value = !isOpen.value)}>
        <span class="twist" aria-hidden="true" />
        {name === null ? <span class="soft">{size}</span> : <Key name={name} />}
        {name !== null && <span class="soft">{size}</span>}
      </button>
      {isOpen.value && (
        <div class="inner">
          {entries.slice(0, shown.value).map(([key, inner]) => (
            <Branch key={key} name={key} value={inner} open={open - 1} />
          ))}
          {entries.length > shown.value && (
            <button type="button" class="more" onClick={() => (shown.value += SHOWN * 4)}>
              {t.value.more(counted(entries.length - shown.value))}
            </button>
          )}
        </div>
      )}
    </div>
  );
}

function Key({ name }: { name: string }) {
  return (
    <>
      <bdi class="key">{visible(name.slice(0, 120))}</bdi>
      <span class="soft">: </span>
    </>
  );
}

export function Scalar({ value }: { value: unknown }) {
  if (value === undefined) return <span class="soft">{t.value.absent}</span>;
  if (typeof value === 'string') {
    if (value.startsWith(CUT)) return <span class="cut">{value}</span>;
    return (
      <span class="string">
        “<Told text={value} />”
      </span>
    );
  }
  if (typeof value === 'object' && value !== null)
    return (
      <code>
        <Told text={JSON.stringify(value)} max={120} />
      </code>
    );
  return <span class={typeof value === 'number' ? 'number' : 'keyword'}>{String(value)}</span>;
}
