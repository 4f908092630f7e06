/**
 * What an action or a guard reads of the event that it stands for. The events of a chart are a closed set, and each row
 * names those it hears: an action in a row that hears another one fails here, with both names, and reads nothing that
 * is not there.
 */
interface AnyEvent {
  readonly type: string;
}
type OfType<E, T> = E extends { readonly type: infer Y } ? ([Y & T] extends [never] ? never : E) : never;
type With<E, K extends PropertyKey> = Extract<E, { readonly [key in K]: unknown }>;
type KeyOf<E> = E extends unknown ? keyof E : never;
type ValueOf<E, K> = E extends unknown ? (K extends keyof E ? E[K] : undefined) : never;

/** The event, which is of one of these types. Throws when it is of another. */
export function heard<E extends AnyEvent, T extends E['type']>(event: E, one: T, other?: T): OfType<E, T> {
  if (isOf(event, one, other)) return event;
  throw unheard(event, other === undefined ? `"${one}"` : `"${one}" or "${other}"`);
}

/** The event, which carries this. Throws when it carries none. */
export function bearing<E extends AnyEvent, K extends KeyOf<E> & string>(event: E, key: K): With<E, K> {
  if (bears(event, key)) return event;
  throw unheard(event, `an event with "${key}"`);
}

/** What the event says of this; undefined: it is of a type that says nothing of it. */
export function said<E extends AnyEvent, K extends KeyOf<E> & string>(event: E, key: K): ValueOf<E, K>;
export function said<E>(event: E, key: keyof E): unknown {
  return event[key];
}

function isOf<E extends AnyEvent, T extends E['type']>(
  event: E,
  one: T,
  other: T | undefined,
): event is OfType<E, T> & E {
  return event.type === one || event.type === other;
}

function bears<E extends AnyEvent, K extends string>(event: E, key: K): event is With<E, K> & E {
  return key in event;
}

function unheard({ type }: AnyEvent, wanted: string): Error {
  return new Error(`heard "${type}", and means ${wanted}; look for it in the chart`);
}
