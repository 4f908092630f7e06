import type { Fault, Request } from './faults.js';
import { statusOfCode } from './httpStatuses.js';
import { featuresOf, isV2 } from './messageFeatures.js';

export interface Answer {
  readonly status: number;
  readonly code?: number;
  /** Where it differs from `code`. */
  readonly errCode?: number;
  readonly message?: string;
  readonly body?: object;
  readonly headers?: { readonly [name: string]: string };
  /** Instead of a JSON body; empty: none. */
  readonly text?: string;
  readonly type?: string;
}

/** What a fault that decides the answer answers. */
export function answerOf(fault: Fault, request: Request): Answer {
  const { status, code } = fault;
  switch (fault.kind) {
    case 'outage':
    case 'gatewayUnreachable':
      return { status: status ?? 503, message: 'service unavailable', ...(code === undefined ? {} : { code }) };
    case 'rateLimit':
      return { ...refusal(fault, 429, 20028, 'rate limited'), ...retryAfter(fault) };
    case 'rejectEmbed':
      return refusal(fault, 400, 304011, 'embed is not permitted');
    case 'rejectKeyboard':
      return refusal(fault, 400, 304040, 'keyboard content is refused');
    case 'rejectImage':
      return refusal(fault, 400, 304010, 'image cannot be re-hosted');
    case 'rejectMedia':
      if (featuresOf(request).has('upload')) return refusal(fault, 400, 850026, 'file cannot be downloaded');
      return refusal(fault, 400, 304080, 'file_info is not valid');
    case 'rejectMarkdown':
      if (isV2(request.route)) return refusal(fault, 400, 40034012, 'native markdown is not allowed');
      return refusal(fault, 500, 304041, 'markdown is not allowed');
    case 'rejectLinks':
      if (isV2(request.route)) return refusal(fault, 400, 40054010, 'url is not allowed');
      return refusal(fault, 403, 304003, 'url is not registered');
    case 'rejectEveryone':
      return refusal(fault, 400, 304019, '@everyone quota is used up');
    case 'ipNotAllowed':
      return { status: 401, code: 11298, errCode: 40023002, message: 'source address is not on the whitelist' };
    case 'tokenRefused':
      return refused(code ?? 100001);
    case 'html':
      return { status: status ?? 200, text: `<html><body>${pageOf(status)}</body></html>`, type: 'text/html' };
    case 'empty':
      return { status: status ?? 200, text: '' };
    case 'noContent':
      return { status: 204, text: '' };
    default:
      return { status: status ?? statusOfCode(code, 500), code: code ?? 304016, message: 'internal error' };
  }
}

/** The token endpoint refuses with HTTP 200 and a body of two fields. */
function refused(code: number): Answer {
  const messages: { readonly [code: number]: string } = {
    100001: 'too many requests',
    100002: 'internal err',
    100007: 'appid invalid',
    100016: 'invalid appid or secret',
    10004: 'bot not exist',
  };
  const message = messages[code] ?? 'internal err';
  return { status: 200, code, message, body: { code, message } };
}

function refusal(fault: Fault, status: number, ownCode: number, message: string): Answer {
  const code = fault.code ?? ownCode;
  const usual = fault.code === undefined ? status : statusOfCode(code, status);
  return { status: fault.status ?? usual, code, message };
}

function retryAfter({ retryAfterSec }: Fault): Pick<Answer, 'headers'> {
  return retryAfterSec === undefined ? {} : { headers: { 'Retry-After': String(retryAfterSec) } };
}

function pageOf(status: number | undefined): string {
  return status === undefined || status < 400 ? 'Welcome to the captive portal' : `<h1>${status} Bad Gateway</h1>`;
}
