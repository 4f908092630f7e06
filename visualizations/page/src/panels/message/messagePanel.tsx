import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Lane, MessageLife, SearchPage, Span, Wait } from '../../../../src/protocol.js';
import { ActorLink, Chip, openMessage, SeqLink } from '../../parts/chips.js';
import { dateAndTime, lasting, timeOfDay } from '../../parts/format.js';
import { Facts, Section } from '../../parts/section.js';
import { Told, ToldLine, visible } from '../../parts/told.js';
import { outcomeTone, toneOf } from '../../parts/tones.js';
import { ask } from '../../state/api.js';
import { lastSeq, moments, records, seq } from '../../state/data.js';
import { arrivals } from '../../state/live.js';
import { createLoader } from '../../state/loader.js';
import * as place from '../../state/place.js';
import { t } from '../../texts/locale.js';
import { Lanes, laneName } from './lanes.js';

const lives = createLoader<string, MessageLife>(
  (key, stop) => ask('api/message', { id: key.slice(key.indexOf(' ') + 1) }, stop),
  {
    cacheMax: 20,
  },
);

/** One message from its arrival to its answer: lanes on a common time, and every wait explained. */
export function MessagePanel() {
  const id = place.message.value;
  const isOpen = useSignal(false);
  // While the message is in hand each arrival may tell more of it.
  const version = isOpen.value ? arrivals.value : 0;
  useEffect(() => {
    if (id) lives.request(`${version} ${id}`);
  }, [id, version]);
  const life = lives.value.value?.id === id ? lives.value.value : null;
  useEffect(() => {
    isOpen.value = life !== null && life.endedAt === null;
  }, [life]);
  return (
    <div>
      <MessageChoice />
      {lives.error.value && id && <p class="empty bad">{lives.error.value.message}</p>}
      {life && !lives.error.value && <Life life={life} />}
      {!id && <Messages />}
    </div>
  );
}

const MESSAGES = 50;
const arrived = createLoader<number, SearchPage>(
  (to, stop) => ask('api/search', { event: 'message.received', to, limit: MESSAGES }, stop),
  { cacheMax: 1, isFinal: () => false },
);

/** The messages that came last before this moment, to choose from. */
function Messages() {
  useEffect(() => arrived.request(seq.value), [seq.value]);
  const found = arrived.value.value?.records.filter(({ message }) => message !== null) ?? null;
  if (arrived.error.value) return <p class="empty bad">{arrived.error.value.message}</p>;
  if (!found) return null;
  if (found.length === 0) return <p class="empty">{t.value.noMessages}</p>;
  return (
    <Section title={t.value.messagesSoFar}>
      <ul class="arrived">
        {found.map(({ seq: at, at: time, text, message, user }) => (
          <li key={at}>
            <button type="button" onClick={() => openMessage(message!)}>
              <ToldLine text={text} />
              <span class="soft">
                <span class="number">{timeOfDay(time)}</span> <bdi>{visible(user ?? '')}</bdi>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** By its id, or the message that the record at this moment is about. */
function MessageChoice() {
  const here =
    (records.value.value?.summary.seq === moments.value.value?.seq ? records.value.value?.summary.message : null) ??
    moments.value.value?.record?.message;
  return (
    <form
      class="choice"
      onSubmit={(event) => {
        event.preventDefault();
        const wanted = new FormData(event.currentTarget).get('id');
        place.message.value = String(wanted ?? '').trim() || null;
      }}
    >
      <label>
        <span class="label">{t.value.messageId}</span>
        <input name="id" key={place.message.value ?? ''} defaultValue={place.message.value ?? ''} spellcheck={false} />
      </label>
      <button type="submit">{t.value.show}</button>
      {place.message.value && (
        <button type="button" onClick={() => (place.message.value = null)}>
          {t.value.otherMessages}
        </button>
      )}
      {here && here !== place.message.value && (
        <button type="button" onClick={() => (place.message.value = here)}>
          {t.value.messageHere}
        </button>
      )}
    </form>
  );
}

function Life({ life }: { life: MessageLife }) {
  const { author, place: where, content, receivedAt, receivedSeq, endedAt, endedSeq, verdict, reason } = life;
  const lasted = (endedAt ?? life.upTo.at) - receivedAt;
  return (
    <>
      <header class="subject">
        <p class="says large">
          <Told text={content} max={400} />
        </p>
        <p class="chips">
          <Chip tone={verdict ? toneOf('message', verdict) : 'busy'}>{verdict ?? t.value.inHand}</Chip>
          <span class="soft">{endedAt ? t.value.endedAfter(lasting(lasted)) : t.value.inHandFor(lasting(lasted))}</span>
        </p>
        <Facts
          rows={[
            author ? [t.value.author, <Told text={`${author.username} (${author.id})`} max={80} />] : null,
            where ? [t.value.channel, <Told text={`${where.kind} ${where.channelId}`} max={80} />] : null,
            [
              t.value.arrived,
              <>
                {dateAndTime(receivedAt)} <SeqLink seq={receivedSeq} />
              </>,
            ],
            endedAt && endedSeq
              ? [
                  t.value.ended,
                  <>
                    {dateAndTime(endedAt)} <SeqLink seq={endedSeq} />
                  </>,
                ]
              : null,
            reason ? [t.value.reason, <Told text={reason} max={120} />] : null,
          ]}
        />
      </header>
      <Section title={t.value.lanes}>
        <Lanes life={life} />
      </Section>
      <Section title={t.value.waits}>
        <Waits life={life} />
      </Section>
      {lastSeq.value > life.upTo.seq && life.endedAt === null && <p class="note">{t.value.toldUpTo(life.upTo.seq)}</p>}
    </>
  );
}

/** Every stay that was a wait, in words; the longest stands out. */
function Waits({ life }: { life: MessageLife }) {
  const lastedOf = (span: Span): number => (span.to?.at ?? life.endedAt ?? life.upTo.at) - span.from.at;
  const all = life.lanes.flatMap((lane) =>
    lane.spans.flatMap((span) => (span.wait ? [{ lane, span, wait: span.wait }] : [])),
  );
  const waits = all.filter(({ span, wait }) => wait.kind === 'call' || lastedOf(span) >= 1);
  const longest = Math.max(1, ...waits.map(({ span }) => lastedOf(span)));
  if (waits.length === 0) return <p class="soft">{t.value.noWaits}</p>;
  return (
    <ol class="waits">
      {waits.map(({ lane, span, wait }) => (
        <li key={`${lane.actor} ${span.from.seq} ${span.state}`}>
          <div class="waitBar" aria-hidden="true">
            <i style={{ width: `${Math.max(1, (100 * lastedOf(span)) / longest)}%` }} data-wait={wait.kind} />
          </div>
          <div>
            <ActorLink id={lane.actor}>{laneName(lane.actor, life.id)}</ActorLink>{' '}
            {sentence(wait, lasting(lastedOf(span)), span.to === null)} <SeqLink seq={span.from.seq} />
            <CallOutcomes lane={lane} span={span} wait={wait} />
          </div>
        </li>
      ))}
    </ol>
  );
}
function sentence(wait: Wait, time: string, isOpen: boolean): string {
  const on = wait.on ? `${wait.on}${wait.onState ? ` (${wait.onState})` : ''}` : '';
  return t.value.waitSentences[wait.kind](isOpen ? t.value.soFar(time) : time, on);
}
function CallOutcomes({ lane, span, wait }: { lane: Lane; span: Span; wait: Wait }) {
  if (wait.kind !== 'call' && wait.kind !== 'external') return null;
  const calls = lane.calls.filter(
    ({ from }) => from.seq >= span.from.seq && (span.to === null || from.seq <= span.to.seq),
  );
  return (
    <>
      {calls.map((call) => (
        <span key={call.effect} class="callOutcome">
          {call.form && <span class="soft">{call.form}</span>}
          <Chip tone={outcomeTone(call.outcome)}>
            {call.outcome ?? '…'}
            {call.status ? ` ${call.status}` : ''}
            {call.code ? ` ${call.code}` : ''}
          </Chip>
          {call.isProbe && <span class="soft">{t.value.probe}</span>}
        </span>
      ))}
    </>
  );
}
