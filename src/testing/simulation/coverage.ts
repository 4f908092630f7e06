import type { SystemState } from '../../actors/step/state.js';
import type { PlaceKind } from '../../machines/vocabulary/base.js';
import type { Stepped } from './bot/bot.js';
import { contextOf, stateOf } from './invariants/contexts.js';
import { WITH_TURN } from './invariants/givers.js';
import { MOMENTS } from './plan/acts.js';
import { FAULTS } from './plan/plan.js';
import { PLACE_KINDS } from './world/users.js';

/** Leases by the rule that grants them, and the lines in which they are waited for. */
const LEASES = {
  'lease: permit': ['B1', 'B18'],
  'lease: probe': ['B6', 'B15', 'B33', 'B16', 'B55'],
  'lease: reserved permit': ['OB1', 'OB6'],
  'lease: external permit': ['X5'],
  'lease: reading permit': ['D38'],
  'lease: upload permit': ['D63'],
  'lease: turn': ['D2'],
  'lease: slot': ['M2'],
  'lease: canary': ['F13'],
  'line: breaker': ['B2'],
  'line: reserved permit': ['OB2'],
  'line: lane': ['L8'],
  'line: slots': ['I6'],
  'line: held back': ['I17'],
} as const;
const ENDS = ['answered', 'silent', 'refused', 'deadLettered', 'uncertain'] as const;
/** What an actor held or waited for when it was taken out. */
const DEATHS = [
  'permit',
  'external permit',
  'turn',
  'slot',
  'canary',
  'upload permit',
  'place in a lane',
  'place at a breaker',
  'place before the slots',
] as const;

/** Rules without which a batch proves little about leases, deadlines and recovery. */
const RULES = [
  'B4',
  'B8',
  'B10',
  'B12',
  'B13',
  'B19',
  'B24',
  'B32',
  'B38',
  'B57',
  'B59',
  'B60',
  'B64',
  'OB5',
  'D4',
  'D5',
  'D6',
  'D7',
  'D11',
  'D16',
  'D17',
  'D19',
  'D20',
  'D26',
  'D31',
  'D33',
  'D34',
  'D37',
  'D69',
  'D59',
  'D64',
  'D65',
  'D66',
  'D68',
  'D69',
  'D70',
  'D72',
  'F8',
  'F11',
  'F19',
  'F25',
  'I7',
  'I20',
  'I24',
  'M9',
  'M11',
  'M21',
  'M25',
  'L7',
  'L23',
  'R19',
  'R23',
  'T10',
  'T14',
  'W32',
  'X12',
  'Y8',
  'Y9',
] as const;

/**
 * What goes wrong with a journal: an append refused, its answer lost, not even to be looked at, taken over by another
 * process.
 */
export const JOURNAL_FAULTS = ['failed', 'lost', 'unseen', 'fenced'] as const;

/** [core 37] What went on while one thing alone failed. */
const FAIR = [
  'fair: others beside a failing target',
  'fair: others while uploads fail',
  'fair: text alone while uploads fail',
  'fair: the failing target is set aside',
];

export const MARKS: readonly string[] = [
  ...FAIR,
  ...FAULTS.filter((kind) => kind !== 'kill').map((kind) => `fault: ${kind}`),
  ...MOMENTS.map((moment) => `fault: kill ${moment}`),
  'fault: new options',
  'fault: changed charts',
  'fault: duplicate',
  ...PLACE_KINDS.map((kind) => `place: ${kind}`),
  ...ENDS.map((end) => `end: ${end}`),
  ...Object.keys(LEASES),
  ...JOURNAL_FAULTS.map((what) => `journal: ${what}`),
  ...DEATHS.map((held) => `death with: ${held}`),
  ...RULES.map((rule) => `rule: ${rule}`),
];
const LEASE_OF: ReadonlyMap<string, string> = new Map<string, string>(
  Object.entries(LEASES).flatMap(([lease, rules]) => rules.map((rule) => [rule, lease] as const)),
);
const RULE_MARKS: ReadonlySet<string> = new Set(RULES);

/** What has happened at least once, by name. */
export class Coverage {
  readonly seen = new Set<string>();

  mark(name: string): void {
    this.seen.add(name);
  }

  take({ record, actorsBefore }: Stepped, state: SystemState): void {
    const { fact } = record;
    for (const { actor, rules, to } of record.steps) {
      for (const rule of rules) {
        const lease = LEASE_OF.get(rule);
        if (lease !== undefined) this.seen.add(lease);
        if (RULE_MARKS.has(rule)) this.seen.add(`rule: ${rule}`);
      }
      if (actor.startsWith('message:') && typeof to === 'string') this.seen.add(`end: ${to}`);
    }
    if (fact.type === 'message.duplicated') this.mark('fault: duplicate');
    if (fact.type === 'actor.quarantined') this.death(fact.actor, actorsBefore, state);
    for (const effect of record.effects) if (effect.type === 'call.start') this.place(effect.place.kind);
  }

  missing(): readonly string[] {
    return MARKS.filter((mark) => !this.seen.has(mark));
  }

  private place(kind: PlaceKind): void {
    this.seen.add(`place: ${kind}`);
  }

  private death(id: string, actorsBefore: Stepped['actorsBefore'], state: SystemState): void {
    const actor = actorsBefore.get(id);
    if (!actor) return;
    const kind = stateOf(actor);
    const held = (what: (typeof DEATHS)[number]): void => this.mark(`death with: ${what}`);
    if (actor.machine === 'delivery') {
      if (kind === 'sending' || kind === 'reading') held('permit');
      if (kind === 'uploading') held('upload permit');
      if (WITH_TURN.includes(kind)) held('turn');
      if (kind === 'queued') held('place in a lane');
      if (kind === 'awaitingPermit' || kind === 'awaitingUpload') held('place at a breaker');
      for (const [feature, one] of state.actors.entries())
        if (
          one.machine === 'feature' &&
          actorsBefore.get(feature) &&
          contextOf(actorsBefore.get(feature)!, 'feature').canary === id
        )
          held('canary');
      if (kind === 'sending' && isCanary(id, state)) held('canary');
    }
    if (actor.machine === 'message' && (kind === 'handling' || kind === 'pausing')) held('slot');
    if (actor.machine === 'message' && kind === 'received') held('place before the slots');
    if (actor.machine === 'externalCall' && kind === 'calling') held('external permit');
  }
}

function isCanary(id: string, state: SystemState): boolean {
  return ['richEmbeds', 'fileUploads', 'interactiveButtons'].some((name) => {
    const feature = state.actor(`feature:${name}`);
    return feature !== undefined && contextOf(feature, 'feature').canary === id;
  });
}
