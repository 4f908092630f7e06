import type { EventObject } from 'xstate';
import type { Route, Told } from './routes.js';

/**
 * Signals one fact may cause: so many, or `SIGNALS_EACH_MAX` for each living actor when that is more. Past it machines
 * answer each other for ever; a fact that ends all that lives does not come near it.
 */
export const SIGNALS_MAX = 1_000;
export const SIGNALS_EACH_MAX = 30;

export type Delivery = Told & { readonly route: Route };

/** What is still to be heard in one step, in order. */
export class Deliveries {
  private line: Delivery[] = [];
  private signals = 0;
  private signalsMax = SIGNALS_MAX;
  private last: Delivery | null = null;

  /** `living`: how many actors live; asked only where the signals are many. */
  constructor(
    private readonly cause: string,
    private readonly living: () => number,
  ) {}

  put(route: Route, event: EventObject, from: string | null = null): void {
    this.line.push({ route, event, from });
  }

  /** One way of a signal. */
  putSignal(route: Route, signal: EventObject, from: string): void {
    this.signals += 1;
    this.last = { route, event: signal, from };
    this.line.push(this.last);
  }

  /** The next one, taken out; undefined: all is quiet. Throws when there is no end to it. */
  take(): Delivery | undefined {
    if (this.signals > this.signalsMax) {
      this.signalsMax = Math.max(SIGNALS_MAX, SIGNALS_EACH_MAX * this.living());
      if (this.signals > this.signalsMax) throw new Error(this.endless());
    }
    return this.line.shift();
  }

  private endless(): string {
    const { event, from } = this.last!;
    return `fact ${this.cause} caused more than ${this.signalsMax} signals; the last was ${event.type} from ${from}`;
  }

  /** Those that are not kept go, and `first` comes before the others; gives the others. */
  reorder(isKept: (delivery: Delivery) => boolean, first: readonly Delivery[]): readonly Delivery[] {
    const kept = this.line.filter(isKept);
    this.line = [...first, ...kept];
    return kept;
  }

  /** Who is to hear something. */
  get hearers(): ReadonlySet<string> {
    return new Set(this.line.map(({ route }) => route.to));
  }
}
