import { type HealingOptions, healingDefaults } from './healingOptions.js';

/**
 * Every number that a machine decides by. Options are part of the journaled state: they enter with `run.started`, so a
 * replay decides as the past did. Durations are milliseconds. `src/config/config.ts` validates what a user sets.
 */
export interface BotOptions extends HealingOptions {
  readonly circuitBreaker: {
    /** Consecutive counted failures that open the breaker. */
    readonly failureThreshold: number;
    /** `once`: while others answer, failures of one target (a channel, a user) count once. `each`: whoever fails. */
    readonly targetFailures: 'once' | 'each';
    /** Share of counted failures in the window that opens the breaker, once `minimumCalls` are in it. */
    readonly failureRate: number;
    readonly minimumCalls: number;
    readonly windowMs: number;
    /** Share of slow calls in the window that opens the breaker, once `minimumCalls` are in it. */
    readonly slowRate: number;
    /** First open time; it grows by `openFactor` to `openEarlyMaxMs` during `earlyMs`, afterwards it is `openLateMs`. */
    readonly openMs: number;
    readonly openFactor: number;
    readonly openEarlyMaxMs: number;
    readonly openLateMs: number;
    /** `equal`: half of the open time is certain, the other half random. */
    readonly openJitter: 'equal' | 'none';
    readonly earlyMs: number;
    /** How long a probe may be out before it counts as failed. */
    readonly leaseMs: number;
    /** Length of the whole slow start after a good probe; shares of `calls.inFlightMax` admitted in its equal parts. */
    readonly rampMs: number;
    readonly rampShares: readonly number[];
    /** Deliveries that may wait for a permit; past it the one asking is refused. */
    readonly waitingMax: number;
    /** `observing` grants every permit and only records what it would have done; `disabled` does not even count. */
    readonly mode: 'enabled' | 'observing' | 'disabled';
  };
  readonly retry: {
    readonly retriesMax: number;
    readonly baseMs: number;
    readonly factor: number;
    readonly jitter: 'full' | 'none';
    readonly capMs: number;
    /** Pause between attempts once `retriesMax` is spent, until the reply window ends. */
    readonly slowScheduleMs: number;
  };
  readonly calls: {
    /** A call that takes longer is counted as slow, not abandoned. */
    readonly slowMs: number;
    readonly timeoutMs: number;
    readonly inFlightMax: number;
  };
  readonly delivery: {
    readonly rungPauseMs: number;
    /** How long after its message a reply may still be sent, for each kind of place. */
    readonly replyWindowMs: {
      readonly guild: number;
      readonly direct: number;
      readonly group: number;
      readonly c2c: number;
    };
    /** Characters of one message; a longer text goes in numbered parts. Halved for a text that QQ still finds too long. */
    readonly textMax: number;
    /** Read the channel (private bots) when a call's answer is lost. */
    readonly verifyUncertain: boolean;
    /** What becomes of a reply whose call was cut off before its answer was seen. */
    readonly uncertainReplies: 'atLeastOnce' | 'atMostOnce';
    /** After this the reply quotes its question and says that it is late. */
    readonly lateMs: number;
    /** How long an accepted message may stay under audit before it counts as delivered. */
    readonly auditMs: number;
    /**
     * Pause between tries, halved by luck at most, while the bot is barred for a time: this machine's address is not on the
     * whitelist (11298), or the bot is muted (40054002). 0: such a reply is dead at once.
     */
    readonly barredMs: number;
  };
  readonly interactions: {
    /** How long after it came an interaction can be acknowledged. */
    readonly deadlineMs: number;
    /** Pause before an acknowledgement that failed is tried again. */
    readonly retryMs: number;
  };
  readonly lane: {
    /** Messages in `paceMs` per channel (QQ: 5 in a second). */
    readonly paceMax: number;
    readonly paceMs: number;
    /** Deliveries that may wait in one lane. */
    readonly queueMax: number;
    /** Pause of a lane after QQ refused the channel (muted, no permission) or limited it without saying for how long. */
    readonly blockedMs: number;
    /** Failures in a row after which a lane is set aside for `asideMs`, twice as long each further time, to `asideMaxMs`. */
    readonly asideAfter: number;
    readonly asideMs: number;
    readonly asideMaxMs: number;
  };
  readonly handlers: {
    readonly timeoutMs: number;
    readonly concurrencyMax: number;
    readonly queueMax: number;
    /** Runs of one handler over process lives; then a dead letter `poison`. All but the first two wait `rerunMs` (0: not). */
    readonly runsMax: number;
    readonly rerunMs: number;
    /** How long an overheard message of a group is held for its twin, which would tell that it mentions the bot; 0: not. */
    readonly twinMs: number;
  };
  readonly intake: {
    /** Messages in hand are at most those that ended in the last so many ms, and at least `aheadMin`; past it nothing is read. */
    readonly aheadMs: number;
    readonly aheadMin: number;
    /** Messages in hand while there is no gateway session, which must be read to come back; past it the one that comes is refused. */
    readonly unlinkedMax: number;
    /** Share of the old space of the heap from which on only a few messages are in hand. */
    readonly heapMax: number;
  };
  readonly gateway: {
    /** Deadline for discovery, connecting, HELLO, READY and RESUMED, each. */
    readonly handshakeMs: number;
    readonly backOffBaseMs: number;
    readonly backOffCapMs: number;
    /** READY must hold this long before the back-off starts from its base again. */
    readonly steadyMs: number;
    /** Unanswered heartbeats before the socket counts as dead. */
    readonly missedAcksMax: number;
    /** RESUMEs that may end before RESUMED; then the session is given up. */
    readonly resumesMax: number;
    /** IDENTIFYs in a row that may be refused (op 9) before the pause becomes `refusedMs`. */
    readonly refusalsMax: number;
    readonly refusedMs: number;
    /** Least pause after QQ made no session (4903); with each further refusal it may be that much longer. */
    readonly sessionPauseMs: number;
    /** How long to wait for the server's close frame after op 7 or op 9. */
    readonly closeGraceMs: number;
    readonly intents: number;
    /** Tried once when QQ refuses `intents` (4014). */
    readonly baseIntents: number;
    /** Skips discovery when set. */
    readonly url: string | null;
    /** This process is number `shard[0]` (from 0) of `shard[1]` that share the guilds. */
    readonly shard: readonly [index: number, count: number];
    /** `webhook`: QQ pushes to an address of ours, no socket is opened. */
    readonly source: 'socket' | 'webhook';
  };
  readonly token: {
    /** Refresh this long before expiry: inside QQ's 60 s overlap, so that a new token is returned. */
    readonly marginMs: number;
    readonly backOffBaseMs: number;
    readonly backOffCapMs: number;
  };
  readonly features: {
    /** Different contents refused in one form that switch the form off. */
    readonly refusalsMax: number;
    /** Refusals in a row that do so whatever their contents: a bot may say the same all the time. */
    readonly repeatsMax: number;
    /** A refusal is forgotten after this. */
    readonly refusalMemoryMs: number;
    /** First wait before one reply tries the form again; it grows by `canaryFactor` to `canaryMaxMs`. */
    readonly canaryMs: number;
    readonly canaryFactor: number;
    readonly canaryMaxMs: number;
    /** Wait when QQ says that the bot has no permission for the form. */
    readonly permissionMs: number;
    /** How long the canary's call may be out before another reply may try. */
    readonly leaseMs: number;
    /** After a good canary: so many accepted, or this much time without a refusal, and the form counts as whole. */
    readonly probationCount: number;
    readonly probationMs: number;
    /** The longest pause of external calls after a limit of the whole host. */
    readonly rateLimitedMs: number;
    /** Throttled answers, and channels they came from, within `throttleWindowMs` that count as such a limit. */
    readonly throttlesMax: number;
    readonly throttledChannels: number;
    readonly throttleWindowMs: number;
    /** Suspended for the network, a form is tried again after this at the latest. */
    readonly networkMs: number;
  };
  readonly externalCalls: {
    /** Time for one external call unless it names its own; also the most it may name. */
    readonly timeoutMs: number;
    /** How long a call may wait for a permit of its breaker. */
    readonly permitMs: number;
  };
  readonly commands: {
    /** Built-in commands of one user in `windowMs`; past it one refusal, then silence. */
    readonly perUserMax: number;
    readonly windowMs: number;
  };
  readonly bot: {
    /** How long a drain waits for messages in hand. */
    readonly drainMs: number;
    readonly deadLettersMax: number;
  };
  readonly locale: 'en' | 'zh';
}

/** GUILDS | PUBLIC_GUILD_MESSAGES | DIRECT_MESSAGE; and the bits that every bot may use: 0, 1 and 30. */
export const DEFAULT_INTENTS = (1 << 0) | (1 << 12) | (1 << 30);
export const BASE_INTENTS = (1 << 0) | (1 << 1) | (1 << 30);

export const defaultOptions: BotOptions = {
  circuitBreaker: {
    failureThreshold: 5,
    targetFailures: 'once',
    failureRate: 0.5,
    minimumCalls: 10,
    windowMs: 30_000,
    slowRate: 0.6,
    openMs: 1_000,
    openFactor: 2,
    openEarlyMaxMs: 5_000,
    openLateMs: 30_000,
    openJitter: 'equal',
    earlyMs: 300_000,
    leaseMs: 6_000,
    rampMs: 10_000,
    rampShares: [0.25, 0.5, 1],
    waitingMax: 10_000,
    mode: 'enabled',
  },
  retry: { retriesMax: 3, baseMs: 1_000, factor: 2, jitter: 'full', capMs: 8_000, slowScheduleMs: 30_000 },
  calls: { slowMs: 5_000, timeoutMs: 30_000, inFlightMax: 64 },
  delivery: {
    rungPauseMs: 100,
    replyWindowMs: { guild: 300_000, direct: 300_000, group: 300_000, c2c: 3_600_000 },
    textMax: 2_000,
    uncertainReplies: 'atLeastOnce',
    verifyUncertain: true,
    lateMs: 10_000,
    auditMs: 600_000,
    barredMs: 30_000,
  },
  interactions: { deadlineMs: 3_000, retryMs: 300 },
  lane: {
    paceMax: 5,
    paceMs: 1_000,
    queueMax: 1_000,
    blockedMs: 2_000,
    asideAfter: 6,
    asideMs: 5_000,
    asideMaxMs: 300_000,
  },
  handlers: { timeoutMs: 120_000, concurrencyMax: 64, queueMax: 1_000, runsMax: 3, rerunMs: 10_000, twinMs: 200 },
  intake: { aheadMs: 2_000, aheadMin: 64, unlinkedMax: 10_000, heapMax: 0.85 },
  gateway: {
    handshakeMs: 10_000,
    backOffBaseMs: 500,
    backOffCapMs: 30_000,
    steadyMs: 30_000,
    missedAcksMax: 2,
    resumesMax: 3,
    refusalsMax: 5,
    refusedMs: 300_000,
    sessionPauseMs: 5_000,
    closeGraceMs: 5_000,
    intents: DEFAULT_INTENTS,
    baseIntents: BASE_INTENTS,
    url: null,
    shard: [0, 1],
    source: 'socket',
  },
  token: { marginMs: 50_000, backOffBaseMs: 1_000, backOffCapMs: 60_000 },
  features: {
    refusalsMax: 2,
    repeatsMax: 3,
    refusalMemoryMs: 60_000,
    canaryMs: 5_000,
    canaryFactor: 1.5,
    canaryMaxMs: 10_000,
    permissionMs: 21_600_000,
    leaseMs: 35_000,
    probationCount: 3,
    probationMs: 10_000,
    rateLimitedMs: 300_000,
    throttlesMax: 3,
    throttledChannels: 2,
    throttleWindowMs: 10_000,
    networkMs: 300_000,
  },
  externalCalls: { timeoutMs: 10_000, permitMs: 5_000 },
  ...healingDefaults,
  commands: { perUserMax: 5, windowMs: 10_000 },
  bot: { drainMs: 10_000, deadLettersMax: 1_000 },
  locale: 'en',
};
