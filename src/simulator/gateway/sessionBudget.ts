import type { Policies } from '../world/policies.js';

const DAY_MS = 86_400_000;
/** Sessions that may be started at once are counted over this. */
const AT_ONCE_MS = 5_000;

/** How many sessions may still be started, for each bot. */
export class SessionBudget {
  private readonly used = new Map<string, { since: number; count: number; recent: readonly number[] }>();

  constructor(
    private readonly policies: Pick<Policies, 'sessionsMax' | 'sessionsAtOnce'>,
    private readonly now: () => number,
  ) {}

  /** Takes one; false: there is none left, or too many were started just now. */
  take(appId: string): boolean {
    const { sessionsMax, sessionsAtOnce } = this.policies;
    const use = this.useOf(appId);
    const recent = use.recent.filter((at) => this.now() - at < AT_ONCE_MS);
    if (use.count >= sessionsMax || (sessionsAtOnce > 0 && recent.length >= sessionsAtOnce)) return false;
    this.used.set(appId, {
      since: use.since,
      count: use.count + 1,
      recent: sessionsAtOnce > 0 ? [...recent, this.now()] : [],
    });
    return true;
  }
  /** As `GET /gateway/bot` tells it. */
  shown(appId: string): object {
    const { sessionsMax, sessionsAtOnce } = this.policies;
    const { since, count } = this.useOf(appId);
    return {
      total: sessionsMax,
      remaining: Math.max(0, sessionsMax - count),
      reset_after: Math.max(0, since + DAY_MS - this.now()),
      max_concurrency: Math.max(1, sessionsAtOnce),
    };
  }
  private useOf(appId: string) {
    const use = this.used.get(appId);
    return use && this.now() - use.since < DAY_MS ? use : { since: this.now(), count: 0, recent: [] };
  }
}
