import type { Performers } from '../../../actors/ports.js';
import type { ErrorClass } from '../../../machines/vocabulary/base.js';
import type { EffectOf } from '../../../machines/vocabulary/effects.js';
import type { Fact } from '../../../machines/vocabulary/facts/facts.js';
import { type CallClass, classify } from '../http/errorTaxonomy.js';
import type { OpenApi } from '../http/openApi.js';
import { discoverySchema } from '../wire/fields.js';

export interface DiscoveryOptions {
  readonly openApi: Pick<OpenApi, 'groups'>;
  /** Wall time, ms. */
  readonly now: () => number;
}

/**
 * Asks QQ where the gateway is: each `gateway.discover` ends as one `gateway.discovered` or `gateway.discoveryFailed`.
 */
export function createDiscovery({ openApi, now }: DiscoveryOptions): Performers<'gateway.discover'> {
  async function discover(effect: EffectOf<'gateway.discover'> & { id: string }, post: (fact: Fact) => void) {
    const outcome = await openApi.groups.request({ method: 'GET', url: '/gateway/bot' });
    const { class: judged, code, status } = classify(outcome, now());
    const answer = judged === 'ok' ? discoverySchema.safeParse(outcome.body) : null;
    if (answer?.success) {
      const { url, shards, session_start_limit: limit } = answer.data;
      const sessionsRemaining = limit?.remaining ?? null;
      const reset = typeof limit?.reset_after === 'number' ? { resetAfterMs: limit.reset_after } : {};
      post({ type: 'gateway.discovered', effectId: effect.id, url, shards, sessionsRemaining, ...reset });
      return;
    }
    const failure = answer ? ({ class: 'transient', code: 'BAD_SHAPE' } as const) : { class: asFailure(judged), code };
    post({ type: 'gateway.discoveryFailed', effectId: effect.id, ...failure, status });
  }
  return { 'gateway.discover': discover };
}

/** Asking twice harms nothing, so an answer that was not seen is no more than a failure. */
function asFailure(judged: CallClass): ErrorClass {
  return judged === 'ok' || judged === 'underAudit' || judged === 'duplicate' || judged === 'ambiguous'
    ? 'transient'
    : judged;
}
