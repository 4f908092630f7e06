import type { z } from 'zod';
import { Random } from '../kit/random.js';
import { placesOf } from './eventPlaces.js';
import type { FIELDS, FieldName } from './fields.js';
import { type FaultKind, targetOf } from './kinds.js';
import { latencyOf } from './latency.js';
import { featuresOf, type Refusable, refuses } from './messageFeatures.js';

export type FaultRequest = { readonly kind: FaultKind } & {
  readonly [F in FieldName]?: z.infer<(typeof FIELDS)[F]> | undefined;
};
export type Fault = FaultRequest & {
  readonly id: string;
  readonly addedAt: number;
  struck: number;
};
/** A request as far as faults look at it. */
export interface Request extends Refusable {
  /** Method and path as they were sent; `route` has names instead of ids. */
  readonly path?: string;
  readonly channelId: string | null;
  /** null: the request does not say, as at the token endpoint. */
  readonly appId: string | null;
}
/** An event on its way to a bot. */
export interface Told {
  readonly t: string;
  readonly d?: unknown;
}
/** What all faults in force do to one request together. */
export interface Strike {
  /** The first that decides the answer. */
  readonly decided: Fault | null;
  /** All waits before the answer together. */
  readonly latencyMs: number;
  /** The message is taken before the wait and the answer. */
  readonly isAcceptedFirst: boolean;
  /** Time over which the body drips; 0: it does not. */
  readonly dripMs: number;
  /** What the token endpoint says instead of the truth. */
  readonly expiresIn: string | number | undefined;
  /** For the list of calls: the kind that decided, or the first that struck. */
  readonly kind: FaultKind | null;
}
export const UNHARMED: Strike = {
  decided: null,
  latencyMs: 0,
  isAcceptedFirst: false,
  dripMs: 0,
  expiresIn: undefined,
  kind: null,
};

/** Faults at once; more are refused. */
export const FAULTS_MAX = 100;
/** Told as 400 by the control API. */
export class TooManyFaults extends RangeError {
  readonly statusCode = 400;
}
/** Routes that a fault strikes only when it names them: a bot that cannot log in would hide everything else. */
const QUIET_ROUTES = ['getAppAccessToken', 'gateway'];
const TOKEN_ROUTE = 'getAppAccessToken';
/** Kinds that are about discovery, or spare nothing but the token endpoint. */
const NOT_QUIET: readonly FaultKind[] = ['ipNotAllowed', 'gatewayUnreachable'];
const TOKEN_KINDS: readonly FaultKind[] = ['tokenRefused', 'tokenLife'];

/** The faults in force. What they do depends on the seed and the order of what they strike, each by its own luck. */
export class Faults {
  private list: Fault[] = [];
  /** Ended by themselves, and not yet deleted by whoever added them. */
  private over: string[] = [];
  private readonly luck = new WeakMap<Fault, Random>();
  private readonly removed = new WeakSet<Fault>();
  private serial = 0;

  constructor(
    private readonly seed: number,
    private readonly now: () => number,
  ) {}

  /** Those that act at once are never in force: who adds one strikes with it. */
  add(request: FaultRequest): Fault {
    if (this.current().length >= FAULTS_MAX)
      throw new TooManyFaults(`${FAULTS_MAX} faults are in force; DELETE /sim/faults first`);
    this.serial += 1;
    const fault = { ...request, id: `fault-${this.serial}`, addedAt: this.now(), struck: 0 };
    this.luck.set(fault, new Random(this.seed ^ Math.imul(this.serial, 0x9e3779b1)));
    if (targetOf(fault.kind) === 'now') this.end(fault);
    else this.list.push(fault);
    return fault;
  }
  current(): readonly Fault[] {
    if (this.list.every((fault) => !this.isOver(fault))) return this.list;
    for (const fault of this.list) if (this.isOver(fault)) this.end(fault);
    this.list = this.list.filter((fault) => !this.isOver(fault));
    return this.list;
  }
  /** False: none of this id was added, or it was removed before. */
  remove(id?: string): boolean {
    const gone = this.list.filter((fault) => id === undefined || fault.id === id);
    for (const fault of gone) this.removed.add(fault);
    this.list = this.list.filter((fault) => !gone.includes(fault));
    const wasOver = id === undefined || this.over.includes(id);
    this.over = this.over.filter((old) => id !== undefined && old !== id);
    return gone.length > 0 || wasOver;
  }

  /** Everything that strikes this request; each fault that does spends its luck and its count. */
  strike(request: Request): Strike {
    const faults = this.current();
    if (faults.length === 0) return UNHARMED;
    const changes: Fault[] = [];
    let decided: Fault | null = null;
    for (const fault of faults) {
      const isChange = targetOf(fault.kind) === 'answer';
      if ((decided && !isChange) || !strikes(fault, request) || !this.isUnlucky(fault)) continue;
      if (isChange) changes.push(fault);
      else decided = fault;
    }
    return decided || changes.length > 0 ? this.sum(decided, changes) : UNHARMED;
  }
  /** The first fault of this kind that strikes something of a gateway connection or a push. */
  hit(kind: FaultKind, appId: string | null, event: Told | null = null): Fault | null {
    for (const fault of this.current()) if (fault.kind === kind && this.strikesBot(fault, appId, event)) return fault;
    return null;
  }
  /** By scope, luck and count: whether this fault strikes that bot now. */
  strikesBot(fault: Fault, appId: string | null, event: Told | null = null): boolean {
    if (fault.appId !== undefined && fault.appId !== appId) return false;
    if (fault.event !== undefined && !event?.t.includes(fault.event)) return false;
    if (fault.channelId !== undefined && !placesOf(event?.d).includes(fault.channelId)) return false;
    return (fault.count === undefined || fault.struck < fault.count) && this.isUnlucky(fault);
  }
  /** Whether what this fault holds back is still held: not deleted and its time not over, however often it struck. */
  isHeld(fault: Fault): boolean {
    return !this.removed.has(fault) && !this.isLate(fault);
  }
  randomOf(fault: Fault): Random {
    return this.luck.get(fault)!;
  }

  private sum(decided: Fault | null, changes: readonly Fault[]): Strike {
    const slow = changes.filter((fault) => fault.kind === 'slow');
    const drip = changes.filter((fault) => fault.kind === 'slowBody');
    const life = changes.find((fault) => fault.kind === 'tokenLife');
    return {
      decided,
      latencyMs: slow.reduce((sum, fault) => sum + latencyOf(fault, this.randomOf(fault), 1_000), 0),
      isAcceptedFirst: decided ? decided.afterAccept === true : changes.some((fault) => fault.afterAccept),
      dripMs: drip.reduce((sum, fault) => sum + latencyOf(fault, this.randomOf(fault), 5_000), 0),
      expiresIn: life?.expiresIn,
      kind: (decided ?? changes[0])?.kind ?? null,
    };
  }
  private isUnlucky(fault: Fault): boolean {
    if (this.randomOf(fault).next() >= (fault.probability ?? 1)) return false;
    fault.struck += 1;
    return true;
  }
  private isLate(fault: Fault): boolean {
    return fault.durationMs !== undefined && this.now() - fault.addedAt >= fault.durationMs;
  }
  private isOver(fault: Fault): boolean {
    return this.isLate(fault) || (fault.count !== undefined && fault.struck >= fault.count);
  }
  private end({ id }: Fault): void {
    this.over.push(id);
    if (this.over.length > FAULTS_MAX) this.over.shift();
  }
}

function strikes(fault: Fault, request: Request): boolean {
  const { kind, route, channelId, appId, feature } = fault;
  const target = targetOf(kind);
  if (target !== 'request' && target !== 'answer' && !isDiscoveryFault(fault)) return false;
  if (channelId !== undefined && channelId !== request.channelId) return false;
  if (appId !== undefined && appId !== request.appId) return false;
  if (feature !== undefined && !featuresOf(request).has(feature)) return false;
  if (!refuses(kind, request)) return false;
  if (TOKEN_KINDS.includes(kind)) return request.route.includes(TOKEN_ROUTE);
  if (isDiscoveryFault(fault)) return request.route.includes('gateway');
  if (route !== undefined) return request.route.includes(route) || request.path?.includes(route) === true;
  const quiet = NOT_QUIET.includes(kind) ? [TOKEN_ROUTE] : QUIET_ROUTES;
  return !quiet.some((name) => request.route.includes(name));
}

function isDiscoveryFault({ kind, manner }: Fault): boolean {
  return kind === 'gatewayUnreachable' && manner === 'discovery';
}
