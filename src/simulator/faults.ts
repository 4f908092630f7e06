import type { Random } from './random.js';

export const FAULT_KINDS = [
  'outage',
  'errors',
  'slow',
  'hang',
  'rateLimit',
  'rejectEmbed',
  'rejectKeyboard',
  'rejectImage',
  'dropConnection',
  'invalidSession',
  'html',
  'empty',
  'noContent',
  'truncate',
  'reset',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface FaultRequest {
  readonly kind: FaultKind;
  /** Chance that it strikes a request; 0 to 1, default 1. */
  readonly probability?: number | undefined;
  /** Ends by itself after this; default: when it is deleted. */
  readonly durationMs?: number | undefined;
  /** Ends after striking this often. */
  readonly count?: number | undefined;
  /** Only requests whose route contains this, such as `messages`, `gateway` or `getAppAccessToken`. */
  readonly route?: string | undefined;
  readonly channelId?: string | undefined;
  readonly status?: number | undefined;
  readonly code?: number | undefined;
  readonly latencyMs?: number | undefined;
  readonly retryAfterSec?: number | undefined;
  readonly closeCode?: number | undefined;
  /** The message is accepted first, then the answer suffers. */
  readonly afterAccept?: boolean | undefined;
}
export interface Fault extends FaultRequest {
  readonly id: string;
  readonly addedAt: number;
  struck: number;
}
export interface Request {
  readonly route: string;
  readonly channelId: string | null;
  /** Whether the body has this field. */
  readonly has: (field: string) => boolean;
}

/** Faults at once; more are refused. */
export const FAULTS_MAX = 100;
/** Told as 400 by the control API. */
export class TooManyFaults extends RangeError {
  readonly statusCode = 400;
}
/** Routes that a fault strikes only when it names them: a bot that cannot log in would hide everything else. */
const QUIET_ROUTES = ['getAppAccessToken', 'gateway'];

/** The faults in force. Which of them strikes a request depends on the seed and the order of requests alone. */
export class Faults {
  private list: Fault[] = [];
  private serial = 0;

  constructor(
    private readonly random: Random,
    private readonly now: () => number,
  ) {}

  add(request: FaultRequest): Fault {
    if (this.list.length >= FAULTS_MAX)
      throw new TooManyFaults(`${FAULTS_MAX} faults are in force; DELETE /sim/faults first`);
    this.serial += 1;
    const fault = { ...request, id: `fault-${this.serial}`, addedAt: this.now(), struck: 0 };
    this.list.push(fault);
    return fault;
  }
  current(): readonly Fault[] {
    this.list = this.list.filter((fault) => this.isInForce(fault));
    return this.list;
  }
  remove(id?: string): boolean {
    const before = this.list.length;
    this.list = id === undefined ? [] : this.list.filter((fault) => fault.id !== id);
    return this.list.length < before;
  }
  /** The first fault that strikes this request; each match spends its luck and its count. */
  strike(request: Request): Fault | null {
    for (const fault of this.current()) {
      if (!matches(fault, request)) continue;
      if (this.random.next() >= (fault.probability ?? 1)) continue;
      fault.struck += 1;
      return fault;
    }
    return null;
  }
  isInForce(fault: Fault): boolean {
    const isOver = fault.durationMs !== undefined && this.now() - fault.addedAt >= fault.durationMs;
    return !isOver && (fault.count === undefined || fault.struck < fault.count) && this.list.includes(fault);
  }
}

const REFUSED_FORM: { readonly [kind: string]: string } = {
  rejectEmbed: 'embed',
  rejectKeyboard: 'keyboard',
  rejectImage: 'image',
};

function matches(fault: Fault, request: Request): boolean {
  if (fault.kind === 'dropConnection' || fault.kind === 'invalidSession') return false;
  const form = REFUSED_FORM[fault.kind];
  if (form !== undefined && !request.has(form)) return false;
  if (fault.channelId !== undefined && fault.channelId !== request.channelId) return false;
  if (fault.route !== undefined) return request.route.includes(fault.route);
  return !QUIET_ROUTES.some((quiet) => request.route.includes(quiet));
}
