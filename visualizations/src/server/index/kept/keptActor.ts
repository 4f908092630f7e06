import { folderOf } from '../../../../../src/actors/charts/inertScope.js';
import type { StateValue } from '../../../../../src/actors/ports.js';
import { deepFreeze } from '../../../../../src/actors/step/freeze.js';
import type { ActorState } from '../../../../../src/actors/step/state.js';
import { topology } from '../../../../../src/actors/wiring/topology.js';

/** An actor as it is, or as text: most kept actors are never asked for again, and text is a fifth as large. */
export type KeptActor = ActorState | string;
/** An actor to look at: of its snapshot only what can be seen is there. */
export type SeenActor = Omit<ActorState, 'snapshot'> & {
  readonly snapshot: Pick<ActorState['snapshot'], 'value' | 'context'>;
};
type Packed = readonly [string, StateValue, object, ActorState['timers'], readonly string[], number, string];

/** Options are the same for all actors of a kind and stand in every context; a text names them by number. */
const options: object[] = [];
const numbers = new WeakMap<object, number>();
const numbersByText = new Map<string, number>();
const OPTIONS_MAX = 10_000;

export function textOf({ machine, snapshot, timers, open, since, rule }: ActorState): string {
  const context = snapshot.context as { readonly options?: unknown };
  const number = numberOf(context.options);
  const short = number === null ? context : { ...context, options: number };
  return JSON.stringify([machine, snapshot.value, short, timers, open, since, rule] satisfies Packed);
}

/** What can be seen of it. */
export function seen(text: string): SeenActor {
  const [machine, value, context, timers, open, since, rule] = JSON.parse(text) as Packed;
  const number = (context as { readonly options?: unknown }).options;
  const whole = typeof number === 'number' ? { ...context, options: options[number] } : context;
  return { machine, snapshot: { value, context: whole }, timers, open, since, rule };
}

export function restored(text: string): ActorState {
  const { snapshot, ...rest } = seen(text);
  const value = snapshot.value as StateValue;
  const folder = folderOf(topology.machines[rest.machine]!.machine);
  return { ...rest, snapshot: folder.restore({ status: 'active', value, context: deepFreeze(snapshot.context) }) };
}

/** null: not an object, or there are too many different ones. */
function numberOf(value: unknown): number | null {
  if (typeof value !== 'object' || value === null) return null;
  const known = numbers.get(value);
  if (known !== undefined) return known;
  const text = JSON.stringify(value);
  let number = numbersByText.get(text);
  if (number === undefined) {
    if (options.length >= OPTIONS_MAX) return null;
    number = options.push(deepFreeze(value)) - 1;
    numbersByText.set(text, number);
  }
  numbers.set(value, number);
  return number;
}
