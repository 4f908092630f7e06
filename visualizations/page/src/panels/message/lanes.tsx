import type { Call, Lane, MessageLife, Span } from '../../../../src/protocol.js';
import { ActorLink } from '../../parts/chips.js';
import { lasting, timeOfDay } from '../../parts/format.js';
import { outcomeTone, toneOf } from '../../parts/tones.js';
import { moments } from '../../state/data.js';
import * as place from '../../state/place.js';
import { t } from '../../texts/locale.js';

/** The lanes of a message on one time axis; a click goes to the record in which a stay began. */
export function Lanes({ life }: { life: MessageLife }) {
  const end = Math.max(life.endedAt ?? life.upTo.at, life.receivedAt + 1);
  const xOf = (at: number): number => ((Math.min(at, end) - life.receivedAt) / (end - life.receivedAt)) * 100;
  const cursor =
    moments.value.value && moments.value.value.at >= life.receivedAt && moments.value.value.at <= end
      ? xOf(moments.value.value.at)
      : null;
  return (
    <div class="lanes">
      <div class="laneAxis" aria-hidden="true">
        <span>{timeOfDay(life.receivedAt)}</span>
        <span>{lasting((end - life.receivedAt) / 2)}</span>
        <span>{lasting(end - life.receivedAt)}</span>
      </div>
      {life.lanes.map((lane) => (
        <LaneRow
          key={lane.actor}
          message={life.id}
          lane={lane}
          xOf={xOf}
          end={end}
          restarts={life.restarts}
          cursor={cursor}
        />
      ))}
    </div>
  );
}

interface LaneRowProps {
  readonly lane: Lane;
  readonly message: string;
  readonly xOf: (at: number) => number;
  readonly end: number;
  readonly restarts: MessageLife['restarts'];
  readonly cursor: number | null;
}
function LaneRow({ lane, message, xOf, end, restarts, cursor }: LaneRowProps) {
  return (
    <div class="laneRow">
      <div class="laneName">
        <ActorLink id={lane.actor}>{laneName(lane.actor, message)}</ActorLink>
      </div>
      <div class="laneTrack">
        {lane.spans.map((span) => (
          <SpanBox
            key={`${span.from.seq} ${span.state}`}
            span={span}
            machine={lane.machine}
            left={xOf(span.from.at)}
            right={xOf(span.to?.at ?? end)}
          />
        ))}
        {lane.calls.map((call) => (
          <CallBox key={call.effect} call={call} left={xOf(call.from.at)} right={xOf(call.to?.at ?? end)} />
        ))}
        {restarts.map(({ seq, at }) => (
          <i key={seq} class="restartLine" style={{ left: `${xOf(at)}%` }} data-tip={t.value.marks.restart} />
        ))}
        {cursor !== null && <i class="cursorLine" style={{ left: `${cursor}%` }} />}
      </div>
    </div>
  );
}
function SpanBox({ span, machine, left, right }: { span: Span; machine: string; left: number; right: number }) {
  const { state, from, to, wait, rule } = span;
  const lasted = to ? lasting(to.at - from.at) : '…';
  return (
    <button
      type="button"
      class={`span ${toneOf(machine, state)} ${wait?.kind ?? ''}`}
      style={{ left: `${left}%`, width: `${Math.max(0.4, right - left)}%` }}
      data-tip={`${state} · ${lasted} · ${rule}`}
      aria-label={`${state}, ${lasted}`}
      onClick={() => (place.moment.value = from.seq)}
    >
      <span>{state}</span>
    </button>
  );
}
function CallBox({ call, left, right }: { call: Call; left: number; right: number }) {
  const { type, form, outcome, status, from } = call;
  const told = [form ?? type, outcome ?? '…', status].filter(Boolean).join(' · ');
  return (
    <button
      type="button"
      class={`call ${outcomeTone(outcome)}`}
      style={{ left: `${left}%`, width: `${Math.max(0.6, right - left)}%` }}
      data-tip={told}
      aria-label={told}
      onClick={() => (place.moment.value = from.seq)}
    />
  );
}

/** An actor's name without the id of its message: `delivery 0`. */
export function laneName(actor: string, message: string): string {
  return actor.replace(`:${message}`, ' ').replace(' .', ' ').trim();
}
