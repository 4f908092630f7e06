/**
 * What is known of a machine's context beside its chart. The context of a birth gives each field its kind and its default;
 * said here is only what a birth does not show.
 */
export interface ContextCard<C> {
  /** Input of a birth, as far as it can be told of an actor that is restored. */
  readonly input: (known: Known<C>) => object;
  /** Each field that may be null, with an example of each kind that it may have else. */
  readonly nullable: { readonly [K in NullableKey<C>]: readonly NonNullable<C[K]>[] };
  /** Each field that may be left out, with an example. */
  readonly optional: { readonly [K in OptionalKey<C>]: NonNullable<C[K]> };
  /** Fields that nothing can stand for, each with an example: an actor without one cannot be restored. */
  readonly needed: Partial<C>;
}
export interface Known<C> {
  /** The actor's own id. */
  readonly id: string;
  /** Time of the checkpoint, ms since 1970. */
  readonly at: number;
  /** The needed fields, as the checkpoint has them. */
  readonly needed: C;
}
type OptionalKey<C> = { [K in keyof C]-?: object extends Pick<C, K> ? K : never }[keyof C];
type NullableKey<C> = { [K in keyof C]-?: null extends C[K] ? K : never }[keyof C];

/** The card of whatever machine. */
export interface AnyContextCard {
  readonly input: (known: Known<never>) => object;
  readonly nullable: object;
  readonly optional: object;
  readonly needed: object;
}
