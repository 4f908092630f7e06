import type { Cause, RecordDetail } from '../../../../src/protocol.js';
import { Chip, MessageLink, SeqLink } from '../../parts/chips.js';
import { dateAndTime, lasting, timeOfDay } from '../../parts/format.js';
import { JsonTree } from '../../parts/jsonTree.js';
import { Facts, Section } from '../../parts/section.js';
import { Told } from '../../parts/told.js';
import { MARK_TONES, outcomeTone } from '../../parts/tones.js';
import { records, seq } from '../../state/data.js';
import { find } from '../../state/place.js';
import { t } from '../../texts/locale.js';
import { Sequence } from '../message/sequence.js';
import { Changes } from './changes.js';
import { ArmedTimers, Effects } from './effects.js';

/** The record at this moment: why it came, what it did to whom, and what came of it. */
export function RecordPanel() {
  const detail = records.value.value;
  if (seq.value === 0) return <p class="empty">{t.value.beforeAll}</p>;
  if (records.error.value) return <p class="empty bad">{records.error.value.message}</p>;
  if (!detail) return <p class="empty">{t.value.loading}</p>;
  return (
    <div class={records.key.value === seq.value ? '' : 'stale'}>
      <Head detail={detail} />
      {detail.divergence && (
        <div class="alert" role="alert">
          <b>{t.value.divergence(detail.divergence.actor)}</b>
          <div>
            {t.value.recorded}: <Told text={detail.divergence.recorded} max={400} />
          </div>
          <div>
            {t.value.recomputed}: <Told text={detail.divergence.recomputed} max={400} />
          </div>
        </div>
      )}
      <Section title={t.value.sequence} aside={t.value.stepsCount(detail.summary.stepsTotal)}>
        <Sequence hops={detail.hops} steps={detail.steps} />
      </Section>
      {detail.changes.length > 0 && (
        <Section title={t.value.changes}>
          <Changes changes={detail.changes} />
        </Section>
      )}
      {detail.effects.length > 0 && (
        <Section title={t.value.effects}>
          <Effects effects={detail.effects} at={detail.summary.at} />
        </Section>
      )}
      {detail.timers.length > 0 && (
        <Section title={t.value.timersArmed}>
          <ArmedTimers timers={detail.timers} at={detail.summary.at} />
        </Section>
      )}
      <Section title={t.value.fact}>
        <JsonTree data={detail.fact} open={2} />
      </Section>
    </div>
  );
}

function Head({ detail: { summary, id, cause } }: { detail: RecordDetail }) {
  const { type, at, epoch, text, message, user, errorClass, marks } = summary;
  return (
    <header class="subject">
      <h2>
        <span class="number soft">#{summary.seq}</span> {type}
      </h2>
      {text !== '' && (
        <p class="says">
          <Told text={text} />
        </p>
      )}
      {(marks.length > 0 || errorClass) && (
        <p class="chips">
          {errorClass && (
            <button type="button" class="plain" onClick={() => find({ class: errorClass })}>
              <Chip tone={outcomeTone(errorClass)}>{errorClass}</Chip>
            </button>
          )}
          {marks.map((mark) => (
            <Chip key={mark} tone={MARK_TONES[mark]}>
              {t.value.marks[mark]}
            </Chip>
          ))}
        </p>
      )}
      <Facts
        rows={[
          [t.value.time, dateAndTime(at)],
          [t.value.processLife, `${epoch}`],
          message ? [t.value.message, <MessageLink id={message} />] : null,
          user ? [t.value.user, <UserLink id={user} />] : null,
          [t.value.because, <Because cause={cause} at={at} />],
          [t.value.factId, <code>{id}</code>],
        ]}
      />
    </header>
  );
}
function UserLink({ id }: { id: string }) {
  return (
    <button type="button" class="link" onClick={() => find({ user: id })}>
      <Told text={id} max={60} />
    </button>
  );
}

/** Why the fact came: the way back to the record that asked for it. */
function Because({ cause, at }: { cause: Cause | null; at: number }) {
  if (!cause) return <span>{t.value.fromOutside}</span>;
  return (
    <span>
      {t.value.causes[cause.kind](cause.name)} <SeqLink seq={cause.seq} />{' '}
      <span class="soft" data-tip={timeOfDay(cause.at)}>
        {t.value.before(lasting(at - cause.at))}
      </span>
    </span>
  );
}
