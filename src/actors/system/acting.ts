import { thrownOf } from '../../base/thrown.js';
import type { EffectType } from '../../machines/vocabulary/effects.js';
import type { Fact } from '../../machines/vocabulary/facts/facts.js';
import type { Effect, Log, Performer, Performers, Record } from '../ports.js';
import type { Reached } from '../step/crashPoints.js';
import type { SystemState } from '../step/state.js';

export type RecordListener = (record: Record, state: SystemState) => void;

/** Starts the effects of durable records and tells the listeners of each. */
export class Acting {
  private readonly listeners = new Set<RecordListener>();

  constructor(
    private readonly performers: Partial<Performers<EffectType>>,
    private readonly log: Log,
    private readonly post: (fact: Fact) => void,
    private readonly reached: Reached,
  ) {}

  subscribe(listener: RecordListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  act(records: readonly Record[], state: SystemState): void {
    for (const record of records) {
      for (const effect of record.effects) {
        this.reached('act.before');
        this.perform(effect);
        this.reached('act.after');
      }
      for (const listener of this.listeners) this.tell(listener, record, state);
    }
  }

  perform(effect: Effect): void {
    const failed = (error: unknown): void => {
      const message = thrownOf(error).text;
      this.log.error({ effect: effect.type, id: effect.id, error: message }, 'an adapter failed');
      this.post({ type: 'effect.failed', effectId: effect.id, error: message });
    };
    const performer = this.performers[effect.type] as Performer | undefined;
    if (!performer) {
      failed(new Error(`no performer for effect ${effect.type}`));
      return;
    }
    try {
      const pending = performer(effect, this.takeOutcome);
      pending?.catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  private readonly takeOutcome = (fact: Fact): void => {
    this.reached('outcome.before');
    this.post(fact);
    this.reached('outcome.after');
  };

  private tell(listener: RecordListener, record: Record, state: SystemState): void {
    try {
      listener(record, state);
    } catch (error) {
      this.log.error({ seq: record.seq, error: thrownOf(error).text }, 'a listener of records threw');
    }
  }
}
