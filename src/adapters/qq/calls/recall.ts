import type { Place } from '../../../machines/vocabulary/base.js';
import { classify } from '../http/errorTaxonomy.js';
import type { HttpOutcome } from '../http/httpTransport.js';
import type { OpenApi } from '../http/openApi.js';

export interface RecallOptions {
  /** Do not show that a message was taken back (guild channels). */
  readonly hideTip?: boolean;
}
export type Recall = (place: Place, messageId: string, options?: RecallOptions) => Promise<void>;

/** QQ did not take the message back. `code` is QQ's, or the transport's. */
export class RecallRefused extends Error {
  override readonly name = 'RecallRefused';
  constructor(
    readonly code: number | string | null,
    readonly status: number | null,
  ) {
    super(`QQ did not take the message back (code ${code ?? 'none'}, status ${status ?? 'none'})`);
  }
}

/** Takes messages back. Rejects with RecallRefused; asking again harms nothing. */
export function createRecall(openApi: Pick<OpenApi, 'groups'>): Recall {
  return async (place, messageId, { hideTip = false } = {}) => {
    const outcome = await remove(openApi, place, messageId, hideTip);
    if (outcome.status !== null && outcome.status < 300) return;
    const { code, status } = classify(outcome, 0);
    throw new RecallRefused(code, status);
  };
}

function remove(
  { groups }: Pick<OpenApi, 'groups'>,
  place: Place,
  messageId: string,
  hideTip: boolean,
): Promise<HttpOutcome> {
  const { kind, channelId, guildId } = place;
  if (kind === 'guild') return groups.messageApi.deleteMessage(channelId, messageId, hideTip);
  const url = {
    direct: '/dms/:place/messages/:messageId',
    group: '/v2/groups/:place/messages/:messageId',
    c2c: '/v2/users/:place/messages/:messageId',
  }[kind];
  const rest = { place: kind === 'direct' ? guildId : channelId, messageId };
  const params = kind === 'direct' ? { hidetip: hideTip } : {};
  return groups.request({ method: 'DELETE', url, rest, params });
}
