import {
  type Act,
  MOMENTS,
  type NextLife,
  type OperatorAct,
  type Plan,
  TARGETS,
  WEATHERS,
  type Weather,
} from './acts.js';
import { Dice } from './dice.js';
import { OPTION_SETS } from './optionSets.js';

const HOUR_MS = 3_600_000;
/** How long one thing fails alone. */
const LONELY_MS = 300_000;
/** Gaps between two messages: bursts, and times in which little is said. */
const GAPS_MS = [5, 50, 200, 800, 2_000] as const;
const DOWN_MS = [500, 2_000, 2_000, 20_000, 150_000, 400_000] as const;
/** Every machine; those that hold what must come back more often. */
const TAKEN_OUT = [
  'message',
  'delivery',
  'externalCall',
  'interaction',
  'lane',
  'circuitBreaker',
  'operatorBreaker',
  'intake',
  'gateway',
  'accessToken',
  'feature',
  'health',
  'recovery',
  'audits',
  'ownMessages',
  'bot',
  'message',
  'delivery',
  'externalCall',
  'message',
  'delivery',
  'externalCall',
] as const;
const CLOSE_CODES = [1006, 4009, 4006, 4004, 4000, 4903, 4900, 4014] as const;
const BREAKERS = ['breaker:messages', 'breaker:messages', 'breaker:uploads', 'breaker:external:a'] as const;
const OPERATOR_ACTS: readonly OperatorAct[] = [
  'operator.isolated',
  'operator.released',
  'operator.disabled',
  'operator.observed',
  'operator.enabled',
  'operator.reset',
  'operator.released',
];
const FORCED = ['richEmbeds', 'fileUploads', 'externalApiCalls'] as const;

/** How often each kind of fault comes in an hour; at least once in every run. */
const AN_HOUR = {
  kill: 12,
  stop: 2,
  close: 8,
  reconnect: 3,
  invalidate: 2,
  platformEvent: 40,
  quarantine: 44,
  operate: 14,
  force: 5,
  recover: 4,
  retry: 14,
  stall: 4,
  tokenLost: 2,
  tighten: 3,
  clockStep: 2,
} as const;
type Fault = keyof typeof AN_HOUR;
export const FAULTS = Object.keys(AN_HOUR) as readonly Fault[];

/** The plan that a seed stands for. */
export function planOf(seed: number, hours: number): Plan {
  const dice = new Dice(seed);
  const durationMs = Math.round(hours * HOUR_MS);
  const acts: Act[] = [...messages(dice, durationMs), ...weathers(dice, durationMs)];
  for (const kind of FAULTS) {
    const count = Math.max(1, Math.round(AN_HOUR[kind] * hours));
    for (let n = 0; n < count; n += 1) acts.push(faultOf(kind, dice, Math.floor(dice.next(kind) * durationMs), n));
  }
  const all = [...withLonelyFaults(acts, dice, durationMs)];
  return { seed, durationMs, acts: all.sort((a, b) => a.at - b.at) };
}

function messages(dice: Dice, durationMs: number): Act[] {
  const acts: Act[] = [];
  for (let at = 1_000, n = 1; at < durationMs; n += 1) {
    acts.push({ kind: 'message', at, n });
    at += 1 + dice.below(dice.pick(GAPS_MS, 'gap'), 'gap');
  }
  return acts;
}

function weathers(dice: Dice, durationMs: number): Act[] {
  const acts: Act[] = [];
  for (let at = 20_000; at < durationMs; at += 5_000 + dice.below(90_000, 'spell')) {
    const weather: { -readonly [name in keyof Weather]: Weather[name] } = {
      noise: dice.pick([0, 0.02, 0.1, 0.4], 'noise'),
    };
    for (const name of WEATHERS) if (dice.chance(0.2, 'weather')) weather[name] = true;
    if (dice.chance(0.2, 'target')) weather.target = dice.pick(TARGETS, 'target');
    acts.push({ kind: 'weather', at, weather });
  }
  return acts;
}

/**
 * Stretches in which one thing alone fails and nothing else is done, so that it can be seen that it stops nothing else.
 */
function withLonelyFaults(acts: readonly Act[], dice: Dice, durationMs: number): readonly Act[] {
  const lastsMs = Math.min(LONELY_MS, durationMs / 6);
  const alone: readonly Weather[] = [
    { noise: 0, uploads: true },
    { noise: 0, target: dice.pick(TARGETS, 'alone') },
  ];
  return alone.reduce((all, weather, n) => {
    const [from, to] = [(durationMs * (n + 1)) / 3, (durationMs * (n + 1)) / 3 + lastsMs].map(Math.round) as [
      number,
      number,
    ];
    // A process that died shortly before would sleep through it.
    const sinceOf = (kind: Act['kind']): number => (kind === 'kill' || kind === 'stop' ? from - lastsMs : from);
    const isOutside = ({ kind, at }: Act): boolean => kind === 'message' || at < sinceOf(kind) || at >= to;
    const begin: readonly Act[] = [
      { kind: 'operate', at: from, what: 'operator.reset', breaker: 'breaker:messages' },
      { kind: 'operate', at: from, what: 'operator.reset', breaker: 'breaker:uploads' },
      { kind: 'force', at: from, feature: 'fileUploads', on: null },
      { kind: 'weather', at: from, weather },
    ];
    return [...all.filter(isOutside), ...begin, { kind: 'weather', at: to, weather: { noise: 0.02 } }];
  }, acts);
}

function faultOf(kind: Fault, dice: Dice, at: number, n: number): Act {
  switch (kind) {
    case 'kill':
      return { kind, at, moment: MOMENTS[n % MOMENTS.length]!, next: nextLife(dice) };
    case 'stop':
      return { kind, at, next: nextLife(dice) };
    case 'close':
      return { kind, at, code: dice.pick(CLOSE_CODES, 'code') };
    case 'quarantine':
      return { kind, at, machine: TAKEN_OUT[n % TAKEN_OUT.length]!, luck: dice.next('luck') };
    case 'operate':
      return { kind, at, what: dice.pick(OPERATOR_ACTS, 'operate what'), breaker: dice.pick(BREAKERS, 'breaker') };
    case 'force':
      return { kind, at, feature: dice.pick(FORCED, 'forced'), on: dice.pick([true, false, false, null], 'on') };
    case 'recover':
      return { kind, at, force: dice.chance(0.3, 'forced recovery') };
    case 'retry':
      return { kind, at, luck: dice.next('luck') };
    case 'stall':
      return {
        kind,
        at,
        ms: dice.pick([300, 3_000, 35_000, 120_000], 'stall for'),
        timersFirst: dice.chance(0.5, 'order'),
      };
    case 'tighten':
      return { kind, at, forMs: dice.pick([2_000, 30_000], 'tight for') };
    case 'clockStep':
      return { kind, at, ms: dice.pick([-3_600_000, -2_000, 2_000, 3_600_000], 'step') };
    case 'platformEvent':
      return { kind, at, n };
    case 'reconnect':
    case 'invalidate':
    case 'tokenLost':
      return { kind, at };
  }
}

function nextLife(dice: Dice): NextLife {
  return {
    downMs: dice.pick(DOWN_MS, 'down'),
    options: dice.chance(0.4, 'new options') ? dice.below(OPTION_SETS, 'options') : -1,
    charts: dice.chance(0.3, 'charts') ? 'changed' : 'same',
  };
}
