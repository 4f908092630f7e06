import type { ProcessClock } from '../../../actors/ports.js';
import type { ErrorClass } from '../../../machines/vocabulary/base.js';
import type { EffectOf } from '../../../machines/vocabulary/effects.js';
import type { Fact } from '../../../machines/vocabulary/facts/facts.js';
import { classify } from '../http/errorTaxonomy.js';
import { createHttpTransport } from '../http/httpTransport.js';
import type { OpenApi } from '../http/openApi.js';
import { splitUrl } from '../http/splitUrl.js';

export interface HostChecksOptions {
  readonly baseUrl: string;
  readonly openApi: Pick<OpenApi, 'within' | 'reset'>;
  readonly clock: ProcessClock;
}
type Check = EffectOf<'check.run'> & { readonly id: string };
type Post = (fact: Fact) => void;

/** The recovery loop's two checks of the host. Each ends as exactly one fact, within its deadline. */
export interface HostChecks {
  network(effect: Check, post: Post): Promise<void>;
  api(effect: Check, post: Post): Promise<void>;
}

/** Throws TypeError when `baseUrl` is no http address. */
export function createHostChecks({ baseUrl, openApi, clock }: HostChecksOptions): HostChecks {
  const { origin } = splitUrl(baseUrl, 'QQ_BOT_API_URL');
  return {
    /**
     * A fresh TCP and TLS connection, and any HTTP answer at all: also a 401, 404 or 500 shows that the host is there.
     */
    async network({ id, timeoutMs }, post) {
      const transport = createHttpTransport({ clock, connectMs: timeoutMs });
      const outcome = await transport.send({ method: 'GET', origin, path: '/', headers: {}, body: null, timeoutMs });
      void transport.close();
      const { status, errorCode: code, latencyMs } = outcome;
      post({
        type: 'network.checked',
        effectId: id,
        ok: status !== null,
        code: status === null ? code : null,
        latencyMs,
      });
    },
    async api({ id, timeoutMs }, post) {
      const outcome = await openApi.within(timeoutMs).meApi.me();
      const { class: judged, status, code } = classify(outcome, clock.wallNow());
      const kind = judged === 'underAudit' || judged === 'duplicate' ? 'ok' : (judged as 'ok' | ErrorClass);
      post({ type: 'api.checked', effectId: id, class: kind, status, code, latencyMs: outcome.latencyMs });
    },
  };
}
