import type { RequestedReply } from '../../../machines/vocabulary/base.js';
import type { Form } from '../../../machines/vocabulary/replies/forms.js';
import type { EffectOfType, Outside } from './outside.js';

/** A handler that waits for its external call. */
interface Waiting {
  readonly replies: readonly RequestedReply[];
  readonly operator: boolean;
}

/** The author's handlers and the foreign APIs that they call: replies of all forms, silence, throws, hangs. */
export class Author {
  private readonly waiting = new Map<string, Waiting>();

  constructor(private readonly outside: Outside) {}

  /** The process has died, and what its handlers were doing. */
  drop(): void {
    this.waiting.clear();
  }

  run({ id: effectId, message, runId }: EffectOfType<'handler.run'>): void {
    const { outside } = this;
    const { dice } = outside;
    const purpose = `handler ${runId}`;
    if (outside.bad(0.01, purpose)) return outside.later(1, { type: 'effect.failed', effectId, error: 'E' });
    if (outside.bad(0.02, purpose)) return; // it hangs: M11
    if (outside.bad(0.02, purpose)) {
      const reason = dice.pick(['threw', 'nonsense'] as const, purpose);
      return outside.later(4, { type: 'handler.failed', effectId, reason, error: 'E' });
    }
    const luck = dice.next(purpose);
    const operator = message.work === 'command';
    const count = luck < 0.05 ? 0 : luck < 0.75 ? 1 : 1 + dice.below(4, purpose);
    const replies = Array.from({ length: count }, (_, ordinal) => ({ ordinal, form: this.form(purpose) }));
    if (!operator && luck > 0.88) return this.askForeign(effectId, { replies, operator });
    const ms = 2 + dice.below(outside.bad(0.1, purpose) ? 60_000 : 50, purpose);
    if (count > 1 && dice.chance(0.5, purpose)) {
      outside.later(ms / 2, { type: 'reply.requested', effectId, replies: replies.slice(0, 1) });
      outside.later(ms, { type: 'handler.completed', effectId, replies: replies.slice(1), operator });
    } else outside.later(ms, { type: 'handler.completed', effectId, replies, operator });
  }

  external({ id: effectId, run }: EffectOfType<'external.run'>): void {
    const { outside } = this;
    const { dice, weather } = outside;
    const latencyMs =
      weather.slow && outside.bad(0.3, 'external slow') ? 12_000 : 20 + dice.below(100, 'external takes');
    if (outside.bad(0.01, 'external hangs')) return; // X12
    if (outside.bad(0.01, 'external adapter')) outside.later(1, { type: 'effect.failed', effectId, error: 'E' });
    else if ((weather.outage && outside.bad(0.9, 'external outage')) || outside.bad(0.05, 'external fails')) {
      const kind = dice.pick(['transient', 'ambiguous', 'local'] as const, 'external class');
      outside.later(latencyMs, { type: 'external.failed', effectId, class: kind, latencyMs, error: 'E' });
    } else outside.later(latencyMs, { type: 'external.succeeded', effectId, latencyMs });
    outside.laterRun(latencyMs + 1, () => this.goOn(run));
  }
  refused({ run }: EffectOfType<'external.refuse'>): void {
    this.outside.laterRun(1, () => this.goOn(run));
  }

  private askForeign(effectId: string, waiting: Waiting): void {
    const name = this.outside.dice.pick(['a', 'b'], 'foreign API');
    this.waiting.set(effectId, waiting);
    this.outside.later(2, { type: 'external.requested', effectId, ordinal: 0, name, timeoutMs: 5_000 });
  }
  private goOn(effectId: string): void {
    const waiting = this.waiting.get(effectId);
    if (!waiting) return;
    this.waiting.delete(effectId);
    this.outside.later(3, { type: 'handler.completed', effectId, ...waiting });
  }

  private form(purpose: string): Form {
    const { dice } = this.outside;
    const luck = dice.next(purpose);
    return {
      text: 'w '.repeat(1 + dice.below(luck < 0.1 ? 120 : 10, purpose)),
      embed: dice.chance(0.6, purpose),
      ...(luck > 0.9 ? { image: 'https://pictures.example/a.png' } : {}),
      ...(luck > 0.8 && luck < 0.9 ? { buttons: [{ label: 'x', command: 'y' }] } : {}),
      ...(luck > 0.78 && luck < 0.8 ? { ark: { template: 23, values: [] } } : {}),
      ...(luck > 0.76 && luck < 0.78 ? { imageFile: '/pictures/a.png' } : {}),
    };
  }
}
