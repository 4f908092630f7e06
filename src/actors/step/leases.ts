import type { EventObject } from 'xstate';
import { LEASES, type Lease, type LeaseName } from '../../machines/vocabulary/leases.js';
import type { Lending, Passage, Route } from './routes.js';
import type { ActorState, StateView } from './state.js';

/** How it speaks in the name of an actor. */
export interface Outgoing {
  signal(signal: EventObject, from: string): void;
  send(route: Route, from: string): void;
}

const KINDS = Object.entries(LEASES) as [LeaseName, (typeof LEASES)[LeaseName]][];
const grants: ReadonlyMap<string, LeaseName> = new Map(KINDS.map(([kind, { grant }]) => [grant, kind]));
const refusals: ReadonlyMap<string, LeaseName> = new Map(KINDS.map(([kind, { refusal }]) => [refusal, kind]));
const returns: ReadonlyMap<string, LeaseName> = new Map(
  KINDS.flatMap(([kind, { returns }]) => returns.map((type) => [type, kind] as const)),
);
const givers: ReadonlySet<string> = new Set(KINDS.flatMap(([, { givers }]) => givers));

export const isGrant = (type: string): boolean => grants.has(type);
export const isGiver = (machine: string): boolean => givers.has(machine);

/**
 * The one mechanism by which what is handed out comes back: when a holder or waiter ends in any way, the runtime gives
 * back and withdraws in its name, in the same step; no chart and no row of the topology exists for death alone.
 */
export class Leases {
  constructor(
    private readonly lending: Lending | undefined,
    private readonly view: StateView,
    private readonly outgoing: Outgoing,
  ) {}

  of(id: string, actor: ActorState): readonly Lease[] {
    return this.lending?.leasesOf(id, actor, this.view) ?? [];
  }

  /** `owed`: what it had before the event that ended it; what its chart gave back itself is left out. */
  giveBack(id: string, owed: readonly Lease[], cause: EventObject, said: readonly EventObject[] = []): void {
    const [granted, refused] = [grants.get(cause.type), refusals.get(cause.type)];
    for (const { kind, isHeld, back } of owed) {
      if (kind === refused || said.some(({ type }) => returns.get(type) === kind)) continue;
      // It ended at the very grant that it had waited for. A turn goes back the same way held or waited for.
      if (kind === granted && !isHeld && kind !== 'turn') this.refuse(id, cause, '');
      else this.outgoing.signal(back, id);
    }
  }

  /** After every event: a try that is over goes back. */
  passed(id: string, passage: Passage): void {
    if (!this.lending) return;
    for (const route of this.lending.triesOf(id, passage, this.view)) this.outgoing.send(route, id);
  }

  /** Somebody waits there for this grant. */
  isWanted(id: string, actor: ActorState | undefined, grant: EventObject): boolean {
    if (!this.lending) return true;
    const kind = grants.get(grant.type);
    return actor !== undefined && this.of(id, actor).some((lease) => lease.kind === kind && !lease.isHeld);
  }

  refuse(id: string, grant: EventObject, giver: string): void {
    const back = this.lending?.refusalOf(id, grant, giver, this.view);
    if (back) this.outgoing.signal(back, id);
  }

  /** Who waited at a giver that is gone, and what each asks. */
  *waitingAt(giver: string): IterableIterator<readonly [asker: string, ask: EventObject]> {
    for (const id of this.view.living()) {
      for (const lease of this.of(id, this.view.actor(id) as ActorState)) {
        const at = lease.isHeld ? undefined : this.lending!.waitsAt(lease, this.view);
        if (at === giver || at === null) yield [id, lease.ask];
      }
    }
  }
}
