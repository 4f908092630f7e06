import type { ChartRow, Heat } from '../../../../src/protocol.js';
import { Rule } from '../../parts/chips.js';
import { counted } from '../../parts/format.js';
import { moments } from '../../state/data.js';
import * as place from '../../state/place.js';
import { t } from '../../texts/locale.js';

/** The same chart as a table: every transition with what it does, and how often it was taken. */
export function ChartTable({ table, heat }: { table: readonly ChartRow[]; heat: Heat | null }) {
  const taken = new Set(
    moments.value.value?.record?.steps.flatMap(({ actor, rules }) => (actor === place.actor.value ? rules : [])),
  );
  const { columns } = t.value;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable by keyboard
    <div class="scroll" tabIndex={0} role="group" aria-label={t.value.views.table}>
      <table class="grid">
        <thead>
          <tr>
            <th scope="col">{columns.rule}</th>
            <th scope="col">{columns.state}</th>
            <th scope="col">{columns.event}</th>
            <th scope="col">{columns.guard}</th>
            <th scope="col">{columns.target}</th>
            <th scope="col">{columns.what}</th>
            {heat && <th scope="col">{columns.taken}</th>}
          </tr>
        </thead>
        <tbody>
          {table.map((row) => (
            <tr key={`${row.rule} ${row.state} ${row.event}`} class={taken.has(row.rule) ? 'taken' : ''}>
              <td>
                <Rule id={row.rule} />
              </td>
              <td>{row.state}</td>
              <td>{row.event}</td>
              <td>{row.guard}</td>
              <td>{row.target}</td>
              <td class="what">{row.what}</td>
              {heat && <td class="number">{timesTaken(row, heat)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function timesTaken({ rule, state }: ChartRow, { edges }: Heat): string {
  const isHere = (from: string | null): boolean =>
    state === 'any' || state === 'born' || (from ?? '').split(' + ').some((path) => `${path}.`.startsWith(`${state}.`));
  const times = edges
    .filter((edge) => edge.rule === rule && isHere(edge.from))
    .reduce((sum, { count }) => sum + count, 0);
  return times === 0 ? t.value.never : counted(times);
}
