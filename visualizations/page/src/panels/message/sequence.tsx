import { type Hop, pathOf, type Step } from '../../../../src/protocol.js';
import { chooseActor } from '../../parts/chips.js';
import { visible } from '../../parts/told.js';
import { ruleSentence } from '../../state/data.js';
import * as place from '../../state/place.js';
import { t } from '../../texts/locale.js';

const [LANE_PX, ROW_PX, HEAD_PX] = [98, 36, 38];
const [CHAR_PX, SMALL_CHAR_PX] = [6.7, 6.4];
/** Ways in one picture; the rest is told in the list of changes. */
const HOPS_MAX = 120;

/** Who told whom what within one record, top to bottom, and what each one became by it. */
export function Sequence({ hops, steps }: { hops: readonly Hop[]; steps: readonly Step[] }) {
  if (hops.length === 0) return <p class="soft">{t.value.nobodyHeard}</p>;
  const shown = hops.slice(0, HOPS_MAX);
  const lanes = [...new Set(shown.flatMap(({ from, to }) => [from, to]))].sort(
    (a, b) => Number(a !== null) - Number(b !== null),
  );
  const [wide, tall] = [lanes.length * LANE_PX, HEAD_PX + shown.length * ROW_PX + 12];
  const xOf = (actor: string | null): number => lanes.indexOf(actor) * LANE_PX + LANE_PX / 2;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable by keyboard
    <div class="scrollX" tabIndex={0} role="group" aria-label={t.value.sequence}>
      <svg class="sequence" width={wide} height={tall} role="img" aria-label={described(shown, steps)}>
        {lanes.map((actor) => (
          <Lane key={actor} actor={actor} x={xOf(actor)} tall={tall} />
        ))}
        {shown.map((hop, i) => (
          <Way
            key={i}
            hop={hop}
            step={hop.step === null ? undefined : steps[hop.step]}
            from={xOf(hop.from)}
            to={xOf(hop.to)}
            y={HEAD_PX + i * ROW_PX + 20}
            wide={wide}
          />
        ))}
      </svg>
      {hops.length > HOPS_MAX && <p class="note">{t.value.moreWays(hops.length - HOPS_MAX)}</p>}
    </div>
  );
}

function described(hops: readonly Hop[], steps: readonly Step[]): string {
  return hops
    .map(({ from, to, event, step }) => {
      const became = step === null ? null : steps[step]?.to;
      return `${from ?? t.value.outside} → ${to ?? t.value.outside}: ${event}${became ? ` (${pathOf(became)})` : ''}`;
    })
    .join('; ');
}

function Lane({ actor, x, tall }: { actor: string | null; x: number; tall: number }) {
  const [kind, ...rest] = (actor ?? t.value.outside).split(':');
  const name = rest.join(':');
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: as above
    <g
      class={`lane ${actor === place.actor.value ? 'chosen' : ''}`}
      onClick={() => actor !== null && chooseActor(actor)}
    >
      <path d={`M${x} ${HEAD_PX - 4}V${tall}`} />
      <text x={x} y={name === '' ? 22 : 14}>
        {visible(short(kind ?? '', 13))}
      </text>
      {name !== '' && (
        <text x={x} y={29} class="soft">
          {visible(short(name, 13))}
        </text>
      )}
    </g>
  );
}
function short(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 6)}…${text.slice(-5)}`;
}

interface WayProps {
  readonly hop: Hop;
  readonly step: Step | undefined;
  readonly from: number;
  readonly to: number;
  readonly y: number;
  readonly wide: number;
}
/** A text around `x` that stays inside the picture. */
function within(x: number, text: string, charPx: number, wide: number): number {
  const half = (text.length * charPx) / 2 + 2;
  return Math.min(Math.max(x, half), Math.max(half, wide - half));
}
function Way({ hop, step, from, to, y, wide }: WayProps) {
  const isSelf = from === to;
  const toRight = to >= from;
  const line = isSelf ? `M${from} ${y - 6}h22v12h-17` : `M${from} ${y}H${to + (toRight ? -6 : 6)}`;
  const tip = isSelf ? `M${from + 1} ${y + 6}l7-4v8z` : `M${to} ${y}l${toRight ? -8 : 8}-4v8z`;
  const rule = step?.rules.at(-1);
  const event = short(hop.event, 24);
  const became = step ? becameText(step) : '';
  return (
    <g class={`way ${hop.kind} ${step && step.rules.length === 0 ? 'ignored' : ''}`} data-rule={rule}>
      <path class="line" d={line} />
      <path class="tip" d={tip} />
      <text
        x={isSelf ? from + 28 : within((from + to) / 2, event, CHAR_PX, wide)}
        y={isSelf ? y + 3 : y - 5}
        text-anchor={isSelf ? 'start' : 'middle'}
      >
        {event}
      </text>
      {step && (
        <text
          x={within(to, `${became} ${rule ?? ''}`, SMALL_CHAR_PX, wide)}
          y={y + 12 + (isSelf ? 4 : 0)}
          class="became"
          text-anchor="middle"
        >
          {became}
          {rule && <tspan class="ruleText"> {rule}</tspan>}
        </text>
      )}
      {rule && <desc>{ruleSentence(rule)}</desc>}
    </g>
  );
}
function becameText({ from, to, rules }: Step): string {
  if (rules.length === 0) return t.value.ignored;
  if (to === null) return '✕';
  const [before, after] = [from === null ? null : pathOf(from), pathOf(to)];
  return before === after ? `· ${short(after, 16)}` : `→ ${short(after, 16)}`;
}
