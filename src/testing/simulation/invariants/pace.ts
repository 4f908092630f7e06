import type { SystemState } from '../../../actors/step/state.js';
import type { Stepped } from '../bot/bot.js';
import { contextIn, contextOf } from './contexts.js';
import type { Fail } from './violation.js';

/**
 * [QQ] A channel takes so many messages in a second; answers to an operator's commands stand outside the line, not
 * above the limit twice.
 */
export class Pace {
  /** When the accepted messages of each lane started, newest last. */
  private readonly accepted = new Map<string, { readonly at: number; readonly urgent: boolean }[]>();
  private readonly startedAt = new Map<string, number>();

  constructor(private readonly fail: Fail) {}

  take({ record, actorsBefore, effectsBefore }: Stepped, state: SystemState): void {
    for (const effect of record.effects) if (effect.type === 'call.start') this.startedAt.set(effect.id, record.at);
    // A lane that begins anew does not know what it let through before.
    for (const { actor, from, to } of record.steps)
      if (actor.startsWith('lane:') && (from === null || to === null)) this.accepted.delete(actor);
    for (const effect of effectsBefore.values()) {
      if (effect?.type !== 'call.start' || state.openEffect(effect.id)) continue;
      const at = this.startedAt.get(effect.id) ?? record.at;
      this.startedAt.delete(effect.id);
      const owner = actorsBefore.get(effect.delivery);
      if (record.fact.type !== 'call.succeeded' || !owner) continue;
      this.count(laneOf(effect.place), at, contextOf(owner, 'delivery').operator, state);
    }
  }

  private count(lane: string, at: number, urgent: boolean, state: SystemState): void {
    const options = contextIn(state, lane, 'lane')?.options;
    if (!options) return;
    const list = this.accepted.get(lane) ?? [];
    list.push({ at, urgent });
    const recent = list.filter((one) => Math.abs(at - one.at) < options.paceMs);
    this.accepted.set(lane, list.slice(-4 * options.paceMax));
    const ordinary = recent.filter((one) => !one.urgent && one.at <= at).length;
    if (!urgent && ordinary > options.paceMax)
      this.fail('[L5] pace of a channel', `${lane}: ${ordinary} in ${options.paceMs} ms`);
  }
}

function laneOf({ kind, guildId, channelId }: { kind: string; guildId: string; channelId: string }): string {
  if (kind === 'direct') return `lane:dm:${guildId}`;
  return kind === 'guild' ? `lane:${channelId}` : `lane:${kind}:${channelId}`;
}
