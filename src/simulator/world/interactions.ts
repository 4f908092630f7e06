/** An interaction and what became of it. */
export interface Interaction {
  readonly id: string;
  readonly at: number;
  /** Null: not acknowledged yet. */
  acknowledgedAt: number | null;
  code: number | null;
  appId: string | null;
}

/** Interactions kept; the oldest go first. */
export const INTERACTIONS_MAX = 10_000;
/** Whoever pressed sees a failure after this. */
export const ACKNOWLEDGE_MS = 3_000;

/** Interactions by id. */
export class Interactions {
  private readonly list = new Map<string, Interaction>();

  add(id: string, at: number): void {
    this.list.set(id, { id, at, acknowledgedAt: null, code: null, appId: null });
    if (this.list.size > INTERACTIONS_MAX) this.list.delete(this.list.keys().next().value as string);
  }
  find(id: string): Interaction | undefined {
    return this.list.get(id);
  }
  /** With whether each was acknowledged in time. */
  all(): readonly (Interaction & { readonly inTime: boolean })[] {
    return [...this.list.values()].map((one) => ({
      ...one,
      inTime: one.acknowledgedAt !== null && one.acknowledgedAt - one.at <= ACKNOWLEDGE_MS,
    }));
  }
}
