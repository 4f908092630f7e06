import type { Performer } from '../../actors/ports.js';
import type { CallFact, EffectOf, Fact } from '../../machines/facts.js';
import { encodeReply } from './encode.js';
import { classify } from './errorTaxonomy.js';
import type { HttpOutcome } from './httpTransport.js';
import type { OpenApi } from './openApi.js';

export interface CallsOptions {
  readonly openApi: Pick<OpenApi, 'within'>;
  /** Wall time, ms: what a Retry-After that is a date is measured from. */
  readonly now: () => number;
}

/**
 * Sends replies. Each `call.start` ends as exactly one `call.succeeded` or `call.failed`; a call whose time is over is
 * ambiguous, since QQ may have read it.
 */
export function createCalls({ openApi, now }: CallsOptions): { readonly 'call.start': Performer } {
  async function startCall(effect: EffectOf<'call.start'> & { id: string }, post: (fact: Fact) => void): Promise<void> {
    if (effect.rehearse) {
      post(rehearsed(effect.id));
      return;
    }
    const { messageApi, directMessageApi } = openApi.within(effect.timeoutMs);
    const body = encodeReply(effect);
    const { kind, channelId, guildId } = effect.place;
    const outcome =
      kind === 'guild'
        ? await messageApi.postMessage(channelId, body)
        : await directMessageApi.postDirectMessage(guildId, body);
    post(factOf(effect.id, outcome, now()));
  }
  return { 'call.start': startCall as Performer };
}

/** A failure on purpose: no request was made. */
function rehearsed(effectId: string): CallFact {
  const nothing = { status: null, latencyMs: 0, retryAfterMs: null, traceId: null };
  return { type: 'call.failed', effectId, class: 'transient', code: 'REHEARSED', ...nothing };
}

function factOf(effectId: string, outcome: HttpOutcome, wallNow: number): CallFact {
  const { class: judged, code, status, retryAfterMs, traceId } = classify(outcome, wallNow);
  const { latencyMs } = outcome;
  if (judged === 'ok' || judged === 'underAudit' || judged === 'duplicate') {
    const shown = { status: status ?? 200, code: typeof code === 'number' ? code : null };
    return {
      type: 'call.succeeded',
      effectId,
      class: judged,
      ...shown,
      latencyMs,
      messageId: messageIdOf(outcome.body),
    };
  }
  return { type: 'call.failed', effectId, class: judged, status, code, latencyMs, retryAfterMs, traceId };
}

function messageIdOf(body: unknown): string | null {
  const id = (body as { id?: unknown } | null)?.id;
  return typeof id === 'string' && id !== '' ? id : null;
}
