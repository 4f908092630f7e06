import type { Performers } from '../../../actors/ports.js';
import type { ErrorClass } from '../../../machines/vocabulary/base.js';
import type { EffectOf } from '../../../machines/vocabulary/effects.js';
import type { Fact } from '../../../machines/vocabulary/facts/facts.js';
import type { Locale } from '../../../machines/vocabulary/replies/words.js';
import { classify } from '../http/errorTaxonomy.js';
import type { OpenApi } from '../http/openApi.js';
import { encodeReply, type ReplyBody } from '../wire/encode.js';

export interface ChannelChecksOptions {
  readonly openApi: Pick<OpenApi, 'within'>;
  readonly now: () => number;
  /** This bot's user id; null: not known yet. */
  readonly botId: () => string | null;
  readonly locale?: Locale;
}
type Check = EffectOf<'channel.check'> & { readonly id: string };

/** Messages that QQ gives at once. */
const LIST_MAX = 20;

/**
 * Reads what stands in a channel since a message, and which of it is ours and says the same. Ends as one
 * `channel.checked`.
 */
export function createChannelChecks({
  openApi,
  now,
  botId,
  locale,
}: ChannelChecksOptions): Performers<'channel.check'> {
  async function check(effect: Check, post: (fact: Fact) => void): Promise<void> {
    const { id: effectId, place, msgId, timeoutMs } = effect;
    const told = { type: 'channel.checked', effectId, matches: [] as string[], isWhole: false } as const;
    const bot = botId();
    if (bot === null) {
      post({ ...told, class: 'local', code: 'NO_BOT_ID' });
      return;
    }
    const pager = { type: 'after', id: msgId, limit: String(LIST_MAX) } as const;
    const outcome = await openApi.within(timeoutMs).messageApi.messages(place.channelId, pager);
    const { class: judged, code } = classify(outcome, now());
    if (judged !== 'ok') {
      const kind = judged === 'underAudit' || judged === 'duplicate' ? 'transient' : (judged as ErrorClass);
      post({ ...told, class: kind, code });
      return;
    }
    if (!Array.isArray(outcome.body)) {
      post({ ...told, class: 'transient', code: 'BAD_ANSWER' });
      return;
    }
    const list: readonly unknown[] = outcome.body;
    const wanted = saidBy(encodeReply(effect, locale));
    const matches = list.flatMap((one) => idOf(one, bot, wanted));
    post({ ...told, class: 'ok', code: null, matches: matches.slice(0, LIST_MAX), isWhole: list.length < LIST_MAX });
  }
  return { 'channel.check': check };
}

function idOf(one: unknown, bot: string, wanted: string): readonly string[] {
  if (typeof one !== 'object' || one === null) return [];
  const { id, author } = one as { id?: unknown; author?: { id?: unknown } };
  const isOurs = typeof id === 'string' && id !== '' && author?.id === bot;
  return isOurs && saidBy(one) === wanted ? [id] : [];
}

/** The words of a message or of its embed, without what QQ may change on the way: white space and entities. */
function saidBy(message: object): string {
  const { content, embed, embeds } = message as ReplyBody & { readonly embeds?: readonly unknown[] };
  const card = (embed ?? (Array.isArray(embeds) ? embeds[0] : undefined)) as { fields?: unknown } | undefined;
  const lines = Array.isArray(card?.fields)
    ? card.fields.map((field: { name?: unknown } | null) => String(field?.name ?? ''))
    : [];
  const words = typeof content === 'string' && content !== '' ? content : lines.join('\n');
  return words.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&').replace(/\s+/g, ' ').trim();
}
