import { describe, expect, test } from '@jest/globals';
import type { AnyMachineSnapshot } from 'xstate';
import { OUTCOMES } from '../../src/actors/step/routes.js';
import { topology } from '../../src/actors/wiring/topology.js';
import { CARDS } from '../../src/machines/cards.js';
import { LEASES, type Lease, type LeaseName, type Self } from '../../src/machines/vocabulary/leases.js';
import { createMachineFold } from './machineFold.js';
import type { CoverEdge } from './transitionCover.js';
import { cover, walks } from './walks.js';

type Card = (self: Self<never>) => readonly Lease[];
const cards: { readonly [machine: string]: Card } = {
  message: CARDS.message.leases!,
  delivery: CARDS.delivery.leases!,
  externalCall: CARDS.externalCall.leases!,
};
const kinds = Object.keys(LEASES) as LeaseName[];

interface Count {
  waiting: number;
  held: number;
}
type Account = { readonly [kind in LeaseName]: Count };
type Said = readonly { readonly type: string; readonly [key: string]: unknown }[];
type Permits = Self<never>['permits'];

/** The call is over: its outcome, or what the reader of a channel makes of it. */
const isOver = (type: string): boolean => OUTCOMES.has(type) || type === 'doubt.settled';

function accountOf(card: Card, { status, value, context }: AnyMachineSnapshot, permits: Permits): Account {
  const leases = status === 'active' ? card({ id: 'x', value, context: context as never, permits }) : [];
  const count = (kind: LeaseName, isHeld: boolean): number =>
    leases.filter((lease) => lease.kind === kind && lease.isHeld === isHeld).length;
  return Object.fromEntries(
    kinds.map((kind) => [kind, { waiting: count(kind, false), held: count(kind, true) }]),
  ) as unknown as Account;
}

/** What the signals of one transition do to an account: the one it heard, then those it gave. */
function booked(before: Account, heard: string, said: Said, closed: number): Account {
  const after = structuredClone(before) as Account;
  for (const kind of kinds) {
    const { grant, refusal, returns } = LEASES[kind];
    const count = after[kind];
    if (heard === grant || heard === refusal) count.waiting -= 1;
    if (heard === grant) count.held += 1;
    for (const { type } of said) {
      if (type === `${kind}.requested`) count.waiting += 1;
      if (!(returns as readonly string[]).includes(type)) continue;
      const isWaiting = type.endsWith('.cancelled') || (kind === 'turn' && count.held === 0);
      count[isWaiting ? 'waiting' : 'held'] -= 1;
    }
  }
  // The outcome of a call gives its permit back: the breaker hears it too.
  after.permit.held -= closed;
  return after;
}

/** The permits of the calls that are out in each state of a walk; edges come in the order in which states were reached. */
function permitsAlong(edges: readonly CoverEdge[]): (edge: CoverEdge) => { before: Permits; after: Permits } {
  const known = new Map<AnyMachineSnapshot, Permits>();
  const found = new Map<CoverEdge, { before: Permits; after: Permits }>();
  for (const edge of edges) {
    const { from, event, folded } = edge;
    const before = known.get(from) ?? [];
    const left = edge.taken.length > 0 && isOver(event.type) ? [] : before;
    const begun = folded.emitted.filter((said) => said.type in topology.effects && 'permit' in said);
    const after = [...left, ...(begun as unknown as Permits)];
    if (!known.has(folded.snapshot)) known.set(folded.snapshot, after);
    found.set(edge, { before, after });
  }
  return (edge) => found.get(edge)!;
}

describe.each(Object.entries(cards))('[core 30] leases of %s by its card', (name, card) => {
  const { machine } = topology.machines[name]!;
  const permitsOf = permitsAlong(cover(name).edges);
  /** What it does not wait for is never granted to it (that goes back at once), nor refused. */
  const isWanted = (edge: CoverEdge): boolean => {
    const { type } = edge.event;
    const kind = kinds.find((one) => LEASES[one].grant === type || LEASES[one].refusal === type);
    return kind === undefined || accountOf(card, edge.from, permitsOf(edge).before)[kind].waiting > 0;
  };
  const edges = cover(name).edges.filter((edge) => edge.taken.length > 0 && isWanted(edge));

  test('at birth: what it asks for', () => {
    for (const input of walks[name]!.inputs) {
      const { snapshot, emitted } = createMachineFold(machine).start(input);
      if (snapshot.status !== 'active') continue;
      const nothing = accountOf(() => [], snapshot, []);
      expect(accountOf(card, snapshot, [])).toEqual(booked(nothing, '', emitted, 0));
    }
  });

  test('before a transition, and the signals that it hears and gives: what its card says after it', () => {
    const wrong = edges
      .filter(({ folded }) => folded.snapshot.status === 'active')
      .flatMap((edge) => {
        const { before, after } = permitsOf(edge);
        const closed = isOver(edge.event.type) ? before.length : 0;
        const expected = booked(accountOf(card, edge.from, before), edge.event.type, edge.folded.emitted, closed);
        const actual = accountOf(card, edge.folded.snapshot, after);
        return JSON.stringify(actual) === JSON.stringify(expected) ? [] : [{ taken: edge.taken, expected, actual }];
      });
    expect(wrong.slice(0, 3)).toEqual([]);
    expect(edges.length).toBeGreaterThan(5);
  });

  test('a transition that ends it gives back nothing that it did not have', () => {
    const wrong = edges
      .filter(({ folded }) => folded.snapshot.status !== 'active')
      .flatMap((edge) => {
        const { before } = permitsOf(edge);
        const closed = isOver(edge.event.type) ? before.length : 0;
        const left = booked(accountOf(card, edge.from, before), edge.event.type, edge.folded.emitted, closed);
        // A reply returns its turn at every end: nothing to a lane that does not know it.
        left.turn.waiting = Math.max(0, left.turn.waiting);
        const isOverdrawn = Object.values(left).some(({ waiting, held }) => waiting < 0 || held < 0);
        return isOverdrawn ? [{ taken: edge.taken, event: edge.event, left }] : [];
      });
    expect(wrong.slice(0, 3)).toEqual([]);
  });
});
