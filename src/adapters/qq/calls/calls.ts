import type { Performers } from '../../../actors/ports.js';
import { NOT_UPLOADED } from '../../../machines/delivery/pictures.js';
import { nameOf } from '../../../machines/delivery/replyText.js';
import type { Place } from '../../../machines/vocabulary/base.js';
import type { EffectOf } from '../../../machines/vocabulary/effects.js';
import type { CallFact, Fact } from '../../../machines/vocabulary/facts/facts.js';
import type { Locale } from '../../../machines/vocabulary/replies/words.js';
import { classify } from '../http/errorTaxonomy.js';
import type { HttpOutcome } from '../http/httpTransport.js';
import { Multipart } from '../http/multipart.js';
import type { OpenApi, OpenApiGroups } from '../http/openApi.js';
import { encodeReply } from '../wire/encode.js';
import { readPicture, UnreadableFile, type Uploads } from './pictures.js';

export interface CallsOptions {
  readonly openApi: Pick<OpenApi, 'within'>;
  readonly uploads: Uploads;
  /** Wall time, ms: what a Retry-After that is a date is measured from. */
  readonly now: () => number;
  /** Language of what is said in the place of something left out; default en. */
  readonly locale?: Locale;
}
type Call = EffectOf<'call.start'> & { readonly id: string };
type Upload = EffectOf<'picture.upload'> & { readonly id: string };
type Acknowledge = EffectOf<'interaction.acknowledge'> & { readonly id: string };
type Post = (fact: Fact) => void;

/** QQ does not know the reference of an upload (any more). */
const UPLOAD_UNKNOWN = 304080;

/**
 * Sends replies, uploads their pictures, acknowledges interactions. Each effect ends as exactly one `call.succeeded` or
 * `call.failed`; a call whose time is over is ambiguous, since QQ may have read it.
 */
export function createCalls(
  options: CallsOptions,
): Performers<'call.start' | 'picture.upload' | 'interaction.acknowledge'> {
  const { openApi, now } = options;
  async function startCall(effect: Call, post: Post): Promise<void> {
    if (effect.rehearse) return post(failed(effect.id, 'transient', 'REHEARSED'));
    await told(effect.id, post, () => send(options, effect));
  }
  async function upload(effect: Upload, post: Post): Promise<void> {
    const { id, place, picture, timeoutMs } = effect;
    await told(id, post, () => options.uploads.upload(place, picture, openApi.within(timeoutMs)));
  }
  async function told(effectId: string, post: Post, call: () => Promise<HttpOutcome | null>): Promise<void> {
    try {
      const outcome = await call();
      if (outcome) post(factOf(effectId, outcome, now()));
      else post({ ...failed(effectId, 'local', NOT_UPLOADED), upload: true });
    } catch (error) {
      if (!(error instanceof UnreadableFile)) throw error;
      post(failed(effectId, 'local', error.code));
    }
  }
  async function acknowledge({ id, interaction, timeoutMs }: Acknowledge, post: Post): Promise<void> {
    const request = {
      method: 'PUT',
      url: '/interactions/:interaction',
      rest: { interaction },
      data: { code: 0 },
    } as const;
    const outcome = await openApi.within(timeoutMs).request(request);
    post(factOf(id, outcome, now()));
  }
  return {
    'call.start': startCall,
    'picture.upload': upload,
    'interaction.acknowledge': acknowledge,
  };
}

/** Null: its picture is not there yet, and nothing was sent. */
async function send({ openApi, uploads, locale }: CallsOptions, effect: Call): Promise<HttpOutcome | null> {
  const { place, rung, form } = effect;
  const groups = openApi.within(effect.timeoutMs);
  const isKeyed = place.kind === 'group' || place.kind === 'c2c';
  if (rung !== 'image' || (!isKeyed && form.imageFile === undefined))
    return postTo(groups, place, encodeReply(effect, locale));
  if (!isKeyed) {
    const file = { field: 'file_image', name: nameOf(form.imageFile!), bytes: await readPicture(form.imageFile!) };
    const { message_reference: _withoutQuote, ...fields } = encodeReply(effect, locale);
    return postTo(groups, place, new Multipart(fields, file));
  }
  const info = uploads.known(place, form);
  if (info === null) return null;
  const outcome = await postTo(groups, place, encodeReply(effect, locale, info));
  const { code, err_code } = (outcome.body ?? {}) as { code?: unknown; err_code?: unknown };
  if ((err_code ?? code) === UPLOAD_UNKNOWN) uploads.forget(place, form);
  return outcome;
}

function postTo(groups: OpenApiGroups, { kind, channelId, guildId }: Place, data: object): Promise<HttpOutcome> {
  switch (kind) {
    case 'guild':
      return groups.messageApi.postMessage(channelId, data);
    case 'direct':
      return groups.directMessageApi.postDirectMessage(guildId, data);
    case 'group':
      return groups.request({ method: 'POST', url: '/v2/groups/:id/messages', rest: { id: channelId }, data });
    case 'c2c':
      return groups.request({ method: 'POST', url: '/v2/users/:id/messages', rest: { id: channelId }, data });
  }
}

/** A failure without a request. */
function failed(
  effectId: string,
  kind: 'transient' | 'local',
  code: string,
): Extract<CallFact, { type: 'call.failed' }> {
  const nothing = { status: null, latencyMs: 0, retryAfterMs: null, traceId: null };
  return { type: 'call.failed', effectId, class: kind, code, ...nothing };
}

function factOf(effectId: string, outcome: HttpOutcome, wallNow: number): CallFact {
  const { class: judged, code, status, retryAfterMs, traceId } = classify(outcome, wallNow);
  const { latencyMs } = outcome;
  if (judged === 'ok' || judged === 'underAudit' || judged === 'duplicate') {
    const auditId = judged === 'underAudit' ? auditIdOf(outcome.body) : null;
    return {
      type: 'call.succeeded',
      effectId,
      class: judged,
      status: status ?? 200,
      code: typeof code === 'number' ? code : null,
      latencyMs,
      messageId: textOf((outcome.body as { id?: unknown } | null)?.id),
      ...(auditId === null ? {} : { auditId }),
    };
  }
  return { type: 'call.failed', effectId, class: judged, status, code, latencyMs, retryAfterMs, traceId };
}

function auditIdOf(body: unknown): string | null {
  const { data } = (body ?? {}) as { data?: { message_audit?: { audit_id?: unknown } } };
  return textOf(data?.message_audit?.audit_id);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' && value.length <= 512 ? value : null;
}
