import type { CallClass } from '../../adapters/qq/http/errorTaxonomy.js';
import { refusalOf } from '../../adapters/qq/http/refusals.js';
import { namesOfIntents } from '../../adapters/qq/wire/intents.js';
import type { Config } from '../../config/config.js';
import { closePolicyOf, INTENTS_REFUSED } from '../../machines/gateway/closeCodes.js';
import { type Finding, failed, ok, skipped, warning } from './check.js';
import type { SessionEnd } from './gatewaySession.js';
import type { ApiAnswer, GatewayAnswer, TokenAnswer } from './qqCalls.js';
import type { DoctorTexts } from './texts.js';

/** A clock further off than this is told, s. */
export const SKEW_MAX_S = 30;
/** With fewer gateway sessions left for the day we warn, and do not spend one on a check. */
export const SESSIONS_LOW = 10;
/** QQ's code for an address that is not in the IP whitelist. */
const WHITELIST = 11298;
/** Not accepted though it is well-formed: who has to act is the one who talks to QQ. */
const TOKEN_REFUSED = 4004;

export interface Judgement {
  readonly texts: DoctorTexts;
  readonly locale: Config['locale'];
}
interface Failure {
  readonly class: CallClass;
  readonly code: number | string | null;
  readonly status: number | null;
}

export function judgeClock(skewMs: number | null, { texts }: Judgement): Finding {
  if (skewMs === null) return skipped(texts.clockUnknown);
  const seconds = Math.round(skewMs / 1_000);
  const detail = texts.clock(seconds);
  return Math.abs(seconds) > SKEW_MAX_S ? warning(detail, texts.clockFix) : ok(detail);
}

export function judgeToken(answer: TokenAnswer, now: number, tokenUrl: string, judgement: Judgement): Finding {
  const { texts } = judgement;
  if (answer.type === 'token.fetchFailed') return judgeFailure(answer, tokenUrl, 'QQ_BOT_TOKEN_URL', judgement);
  const seconds = Math.round((answer.expiresAt - now) / 1_000);
  return seconds > 0 ? ok(texts.tokenOk(seconds)) : warning(texts.tokenShort, texts.tokenShortFix);
}

export function judgeWhitelist(answers: readonly (Failure | null)[], { texts, locale }: Judgement): Finding {
  const isRefused = answers.some((answer) => answer?.code === WHITELIST);
  if (isRefused) return failed('refused', texts.whitelistRefused, refusalOf(WHITELIST)?.[locale] ?? texts.whitelistFix);
  // Only the API itself is known to look at the whitelist.
  const api = answers.at(-1);
  return api && api.status !== null ? ok(texts.whitelistOk) : skipped(texts.whitelistUnknown);
}

export function judgeApi(answer: ApiAnswer, apiUrl: string, judgement: Judgement): Finding {
  if (answer.class !== 'ok') return judgeFailure(answer, apiUrl, 'QQ_BOT_API_URL', judgement);
  const shape = { class: 'transient', code: 'BAD_SHAPE', status: answer.status } as const;
  if (answer.name === null) return judgeFailure(shape, apiUrl, 'QQ_BOT_API_URL', judgement);
  return ok(judgement.texts.apiOk(answer.name, hostOf(apiUrl)));
}

/** `fixedUrl`: the gateway that the configuration names; then the answer tells no more than the sessions. */
export function judgeGateway(
  answer: GatewayAnswer,
  fixedUrl: string | null,
  apiUrl: string,
  judgement: Judgement,
): Finding {
  const { texts } = judgement;
  const isFound = answer.type === 'gateway.discovered';
  if (!isFound && fixedUrl === null) return judgeFailure(answer, apiUrl, 'QQ_BOT_API_URL', judgement);
  const sessions = isFound ? answer.sessionsRemaining : null;
  const detail = texts.gateway(hostOf(fixedUrl ?? (isFound ? answer.url : '')), sessions, fixedUrl !== null);
  return sessions !== null && sessions < SESSIONS_LOW ? warning(detail, texts.gatewayFix) : ok(detail);
}

export function judgeIntents(
  end: SessionEnd,
  url: string,
  { intents, baseIntents }: Config['options']['gateway'],
  deadlineMs: number,
  { texts, locale }: Judgement,
): Finding {
  const host = hostOf(url);
  if (end.kind === 'ready') return ok(texts.intentsOk(namesOfIntents(intents)));
  if (end.kind === 'late')
    return failed('unavailable', texts.late(host, end.waitedFor, deadlineMs / 1_000), texts.lateFix);
  const refusal = refusalOf(end.code)?.[locale];
  if (end.code === INTENTS_REFUSED) {
    // What every bot may use needs no application.
    const special = namesOfIntents(intents & ~baseIntents);
    const asked = special.length > 0 ? special : namesOfIntents(intents);
    const fix = [texts.intentsRefusedFix(asked, namesOfIntents(baseIntents)), refusal].filter(Boolean).join(' ');
    return failed('refused', texts.intentsRefused(namesOfIntents(intents)), fix);
  }
  const isRefusal = end.code === TOKEN_REFUSED || closePolicyOf(end.code) === 'stop';
  const blame = isRefusal ? 'refused' : 'unavailable';
  return failed(blame, texts.closed(host, end.code, end.reason), refusal ?? texts.closedFix);
}

/**
 * A call that did not end well: refused by QQ, not answered, or answered by something that is not QQ in good health.
 */
function judgeFailure(failure: Failure, url: string, setting: string, { texts, locale }: Judgement): Finding {
  const { class: judged, code, status } = failure;
  const host = hostOf(url);
  const shown = String(code ?? (status === null ? judged : `HTTP ${status}`));
  if (code === WHITELIST) return failed('refused', texts.refused(host, shown), texts.seeWhitelist);
  const refusal = refusalOf(code)?.[locale];
  const isRefused = judged === 'fatal' || judged === 'auth' || judged === 'rejectedTarget' || refusal !== undefined;
  if (isRefused) return failed('refused', texts.refused(host, shown), refusal ?? texts.refusedFix(setting));
  if (status === null) return failed('unavailable', texts.silent(host, shown), texts.silentFix(setting));
  return failed('unavailable', texts.unwell(host, shown), texts.unwellFix(setting));
}

/** Never more than the host: an address may carry a password. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : '?';
}
