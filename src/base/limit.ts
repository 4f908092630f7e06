export interface Limit {
  /** Also in the title of the test that reaches it: `[limit ID]`. */
  readonly id: string;
  readonly what: string;
  readonly max: number;
  /** The option that sets it; null: fixed in the code. */
  readonly option: string | null;
  readonly atMax: string;
}

/** One that no option sets. */
export const fixed = (id: string, what: string, max: number, atMax: string): Limit => ({
  id,
  what,
  max,
  option: null,
  atMax,
});
