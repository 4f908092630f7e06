import { useSignal } from '@preact/signals';
import { type ActorChange, type ActorView, type Difference, pathOf } from '../../../../src/protocol.js';
import { ActorLink, Rule, StateChip } from '../../parts/chips.js';
import { Scalar } from '../../parts/jsonTree.js';
import { visible } from '../../parts/told.js';
import { t } from '../../texts/locale.js';

/** What each touched actor was and became, and what changed in its context. */
export function Changes({ changes }: { changes: readonly ActorChange[] }) {
  return (
    <ul class="changes">
      {changes.map((change) => (
        <Change key={change.actor} change={change} />
      ))}
    </ul>
  );
}

const SHOWN = 6;
function Change({ change: { actor, before, after, diff, diffTotal } }: { change: ActorChange }) {
  const isWhole = useSignal(false);
  const shown = isWhole.value ? diff : diff.slice(0, SHOWN);
  return (
    <li>
      <div class="changeHead">
        <ActorLink id={actor} />
        <Became before={before} after={after} />
        {after && <Rule id={after.rule} />}
      </div>
      {shown.length > 0 && (
        <table class="diff">
          <tbody>
            {shown.map((difference) => (
              <Diff key={difference.path} difference={difference} />
            ))}
          </tbody>
        </table>
      )}
      {diff.length > SHOWN && (
        <button type="button" class="more" onClick={() => (isWhole.value = !isWhole.value)}>
          {isWhole.value ? t.value.less : t.value.more(String(diff.length - SHOWN))}
        </button>
      )}
      {diffTotal > diff.length && <p class="note">{t.value.moreDifferences(diffTotal - diff.length)}</p>}
    </li>
  );
}
function Became({ before, after }: { before: ActorView | null; after: ActorView | null }) {
  const [from, to] = [before && pathOf(before.value), after && pathOf(after.value)];
  return (
    <span class="became">
      {from === null && <span class="soft">{t.value.born}</span>}
      {from !== null && from !== to && <StateChip machine={before!.machine} state={from} />}
      {from !== to && <span aria-hidden="true"> → </span>}
      {to === null ? <span class="soft">{t.value.gone}</span> : <StateChip machine={after!.machine} state={to} />}
    </span>
  );
}
function Diff({ difference }: { difference: Difference }) {
  return (
    <tr>
      <th scope="row">
        <bdi>{visible(difference.path)}</bdi>
      </th>
      <td>
        <span class="was">{'before' in difference ? <Scalar value={difference.before} /> : t.value.absent}</span>
        <span aria-hidden="true"> → </span>
        <span class="is">{'after' in difference ? <Scalar value={difference.after} /> : t.value.absent}</span>
      </td>
    </tr>
  );
}
