import type { WhatIfResult } from '../../../../../src/actors/whatIf/whatIf.js';
import { SeqLink } from '../../parts/chips.js';
import { counted, lasting, timeOfDay } from '../../parts/format.js';
import { Section } from '../../parts/section.js';
import { Told } from '../../parts/told.js';
import { moments } from '../../state/data.js';
import { t } from '../../texts/locale.js';

const ROWS = [
  'answered',
  'degraded',
  'silent',
  'refused',
  'deadLettered',
  'uncertain',
  'inHand',
  'calls',
  'wastedCalls',
  'breakerOpenings',
  'externalOpenings',
  'featuresOff',
] as const;

/** Recorded beside what-if: numbers, and both on one line of time. */
export function WhatIfAnswer({ result }: { result: WhatIfResult }) {
  const { recorded, whatIf, inferred, firstDifference, divergence } = result;
  const longest = (times: readonly (number | null)[]): string =>
    times.length === 0 ? '–' : times.map((ms) => (ms === null ? t.value.never : lasting(ms))).join(', ');
  return (
    <>
      {divergence && <p class="alert">{t.value.whatIfDiverged(divergence.seq)}</p>}
      <Section title={t.value.whatIfTimeline}>
        <Lines result={result} />
      </Section>
      <Section title={t.value.whatIfNumbers}>
        <table class="grid compare">
          <thead>
            <tr>
              <td />
              <th scope="col">{t.value.recordedColumn}</th>
              <th scope="col">{t.value.whatIfColumn}</th>
              <th scope="col">{t.value.differenceColumn}</th>
            </tr>
          </thead>
          <tbody>
            {ROWS.map((name) => (
              <tr key={name} class={recorded[name] === whatIf[name] ? '' : 'taken'}>
                <th scope="row">{t.value.whatIfRows[name]}</th>
                <td>{counted(recorded[name])}</td>
                <td>{counted(whatIf[name])}</td>
                <td>{signed(whatIf[name] - recorded[name])}</td>
              </tr>
            ))}
            <tr>
              <th scope="row">{t.value.recoverRow}</th>
              <td>{longest(recorded.recoverMs)}</td>
              <td>{longest(whatIf.recoverMs)}</td>
              <td />
            </tr>
          </tbody>
        </table>
        <p class="note">
          {inferred.calls === 0
            ? t.value.noneInferred
            : t.value.inferredShare(
                `${(100 * inferred.callShare).toFixed(1)} %`,
                `${(100 * inferred.messageShare).toFixed(1)} %`,
              )}
        </p>
      </Section>
      <Section title={t.value.firstDifference}>
        {firstDifference ? (
          <div class="mono">
            <SeqLink seq={firstDifference.seq} />
            <div>
              {t.value.recordedColumn}: <Told text={firstDifference.recorded ?? t.value.absent} max={200} />
            </div>
            <div>
              {t.value.whatIfColumn}: <Told text={firstDifference.whatIf ?? t.value.absent} max={200} />
            </div>
          </div>
        ) : (
          <p class="soft">{t.value.noDifference}</p>
        )}
      </Section>
    </>
  );
}
function signed(value: number): string {
  return value === 0 ? '' : value > 0 ? `+${counted(value)}` : `−${counted(-value)}`;
}

const [WIDE, BAND] = [400, 26];
/** Two bands for each of the two runs: what was answered, what failed; and when breakers and features changed. */
function Lines({ result }: { result: WhatIfResult }) {
  const { series } = result;
  const buckets = Math.max(series.recorded.answered.length, 1);
  const span = Math.max(1, buckets * series.bucketMs);
  const xOf = (at: number): number => ((at - series.from) / span) * WIDE;
  const at = moments.value.value?.at ?? null;
  const runs = [
    { name: t.value.recordedColumn, run: series.recorded },
    { name: t.value.whatIfColumn, run: series.whatIf },
  ];
  const most = Math.max(1, ...runs.flatMap(({ run }) => [...run.answered, ...run.failedCalls]));
  return (
    <>
      {runs.map(({ name, run }) => (
        <figure key={name}>
          <figcaption class="label">{name}</figcaption>
          <svg
            class="series"
            viewBox={`0 0 ${WIDE} ${2 * BAND + 12}`}
            preserveAspectRatio="none"
            role="img"
            aria-label={name}
          >
            {run.marks.map((mark) => (
              <path
                key={`${mark.at} ${mark.actor} ${mark.what}`}
                class={/open|off/.test(mark.what) ? 'mark bad' : 'mark good'}
                d={`M${xOf(mark.at)} 0V${2 * BAND + 12}`}
              />
            ))}
            <path class="answered" d={area(run.answered, most, BAND)} />
            <path class="failed" d={area(run.failedCalls, most, 2 * BAND + 8)} />
            {at !== null && at >= series.from && at <= series.from + span && (
              <path class="here" d={`M${xOf(at)} 0V${2 * BAND + 12}`} />
            )}
          </svg>
        </figure>
      ))}
      <div class="laneAxis" aria-hidden="true">
        <span>{timeOfDay(series.from, false)}</span>
        <span>{timeOfDay(series.from + span, false)}</span>
      </div>
      <p class="legend small">
        <span class="key answered">{t.value.answeredSeries}</span>
        <span class="key failures">{t.value.failedSeries}</span>
      </p>
    </>
  );
}
function area(counts: readonly number[], most: number, ground: number): string {
  const step = WIDE / Math.max(1, counts.length);
  return counts
    .map((count, i) =>
      count === 0
        ? ''
        : `M${(i * step).toFixed(2)} ${ground}v${(-(count / most) * BAND).toFixed(2)}h${(step * 0.9).toFixed(2)}V${ground}z`,
    )
    .join('');
}
