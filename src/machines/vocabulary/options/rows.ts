import { HEALING } from './healingRows.js';
import { address, bits, choice, count, factor, flag, ms, shard, share, shares } from './kinds.js';

/** GUILDS | PUBLIC_GUILD_MESSAGES | DIRECT_MESSAGE; and the bits that every bot may use: 0, 1 and 30. */
export const DEFAULT_INTENTS = (1 << 0) | (1 << 12) | (1 << 30);
export const BASE_INTENTS = (1 << 0) | (1 << 1) | (1 << 30);

/** Every number that a machine decides by, each one row. */
export const OPTIONS = {
  circuitBreaker: {
    failureThreshold: count(5, 'Consecutive counted failures that open it'),
    targetFailures: choice(
      ['once', 'each'],
      'once',
      '`once`: while others answer, failures of one target (a channel, a user) count once; `each`: whoever fails',
    ),
    failureRate: share(0.5, 'Share of counted failures in the window that opens it, once `minimumCalls` are in it'),
    minimumCalls: count(10, 'Calls in the window before its shares count'),
    windowMs: ms(30_000, 'Length of the window'),
    slowRate: share(0.6, 'Share of slow calls in the window that opens it, once `minimumCalls` are in it'),
    openMs: ms(
      1_000,
      'First open time, and the least; it grows by `openFactor` to `openEarlyMaxMs` during `earlyMs`, afterwards it is `openLateMs`',
    ),
    openFactor: factor(2, 'Growth of the open time'),
    openEarlyMaxMs: ms(5_000, 'Longest open time during `earlyMs`'),
    openLateMs: ms(30_000, 'Open time after `earlyMs`'),
    openJitter: choice(['equal', 'none'], 'equal', '`equal`: half of the open time is certain, the other half random'),
    earlyMs: ms(300_000, 'How long an outage counts as young', { min: 0 }),
    leaseMs: ms(6_000, 'How long a probe may be out before it counts as failed'),
    rampMs: ms(10_000, 'Length of the whole slow start after a good probe; 0: none', { min: 0 }),
    rampShares: shares([0.25, 0.5, 1], 'Shares of `calls.inFlightMax` admitted in the equal parts of the slow start'),
    waitingMax: count(10_000, 'Replies that may wait for a permit; past it the one asking comes again later'),
    mode: choice(
      ['enabled', 'observing', 'disabled'],
      'enabled',
      '`observing` grants every permit and only records what it would have done; `disabled` does not even count',
    ),
  },
  retry: {
    retriesMax: count(3, 'Quick tries after the first', { min: 0, max: 1_000 }),
    baseMs: ms(1_000, 'Pause before the first retry', { atMost: 'capMs' }),
    factor: factor(2, 'Growth of the pause'),
    jitter: choice(['full', 'none'], 'full', '`full`: each pause is anything up to its length'),
    capMs: ms(8_000, 'Longest pause'),
    slowScheduleMs: ms(30_000, 'Pause between attempts once `retriesMax` is spent, until the reply window ends'),
  },
  calls: {
    slowMs: ms(5_000, 'A call that takes longer is counted as slow, not abandoned'),
    timeoutMs: ms(30_000, 'Time for the head of an answer; a body that flows may take ten times as long'),
    inFlightMax: count(64, 'Calls at once'),
  },
  delivery: {
    rungPauseMs: ms(100, 'Pause between two forms of one reply', { min: 0 }),
    replyWindowMs: {
      guild: ms(300_000, 'How long after its message a reply in a channel may still be sent'),
      direct: ms(300_000, 'The same for direct messages of guilds'),
      group: ms(300_000, 'The same for groups'),
      c2c: ms(3_600_000, 'The same for private chats'),
    },
    textMax: count(
      2_000,
      'Characters of one message; a longer text goes in numbered parts. Halved for a text that QQ still finds too long',
    ),
    uncertainReplies: choice(
      ['atLeastOnce', 'atMostOnce'],
      'atLeastOnce',
      'What becomes of a reply whose call was cut off before its answer was seen',
    ),
    verifyUncertain: flag(true, "Read the channel (private bots) when a call's answer is lost"),
    lateMs: ms(10_000, 'After this the reply quotes its question and says that it is late', { min: 0 }),
    auditMs: ms(600_000, 'How long an accepted message may stay under audit before it counts as delivered'),
    barredMs: ms(
      30_000,
      'Pause between tries, halved by luck at most, while the bot is barred for a time: by the IP whitelist (11298) or a mute (40054002). 0: such a reply is dead at once',
      { min: 0 },
    ),
  },
  interactions: {
    deadlineMs: ms(3_000, 'How long after it came an interaction can be acknowledged'),
    retryMs: ms(300, 'Pause before an acknowledgement that failed is tried again'),
  },
  lane: {
    paceMax: count(5, 'Messages in `paceMs` per channel (QQ: 5 in a second)'),
    paceMs: ms(1_000, 'See `paceMax`'),
    queueMax: count(1_000, 'Replies that may wait in one channel'),
    blockedMs: ms(
      2_000,
      'Pause of a channel after QQ refused it (muted, no permission) or limited it without saying for how long',
    ),
    asideAfter: count(
      6,
      'Failures in a row after which a channel is set aside for `asideMs`, twice as long each further time',
    ),
    asideMs: ms(5_000, 'See `asideAfter`', { atMost: 'asideMaxMs' }),
    asideMaxMs: ms(300_000, 'Longest time that a channel is set aside'),
  },
  handlers: {
    timeoutMs: ms(120_000, 'Time for one run of a handler'),
    concurrencyMax: count(64, 'Handlers at once'),
    queueMax: count(1_000, 'Messages that may wait for a handler', { min: 0 }),
    runsMax: count(
      3,
      'Runs of one handler over process lives; then a dead letter `poison`. All but the first two wait `rerunMs`',
    ),
    rerunMs: ms(10_000, 'See `runsMax`; 0: they do not wait', { min: 0 }),
    twinMs: ms(
      200,
      'How long an overheard message of a group is held for its twin, which would tell that it mentions the bot; 0: not',
      { min: 0 },
    ),
  },
  intake: {
    aheadMs: ms(
      2_000,
      'Messages in hand are at most those that ended in the last so many ms, and at least `aheadMin`; past it nothing is read',
    ),
    aheadMin: count(64, 'See `aheadMs`'),
    unlinkedMax: count(
      10_000,
      'Messages in hand while there is no gateway session, which must be read to come back; past it the one that comes is refused',
    ),
    heapMax: share(0.85, 'Share of the old space of the heap above which only a few messages are in hand'),
  },
  gateway: {
    handshakeMs: ms(10_000, 'Deadline for discovery, connecting, HELLO, READY and RESUMED, each'),
    backOffBaseMs: ms(500, 'Pause before the first new connection', { atMost: 'backOffCapMs' }),
    backOffCapMs: ms(30_000, 'Longest such pause'),
    steadyMs: ms(30_000, 'READY must hold this long before the pause starts from its base again'),
    missedAcksMax: count(2, 'Unanswered heartbeats before the socket counts as dead'),
    resumesMax: count(3, 'RESUMEs that may end before RESUMED; then the session is given up'),
    refusalsMax: count(5, 'IDENTIFYs in a row that may be refused (op 9) before the pause becomes `refusedMs`'),
    refusedMs: ms(300_000, 'See `refusalsMax`'),
    sessionPauseMs: ms(
      5_000,
      'Least pause after QQ made no session (4903); with each further refusal it may be that much longer',
    ),
    closeGraceMs: ms(5_000, "How long to wait for the server's close frame after op 7 or op 9"),
    intents: bits(DEFAULT_INTENTS, 'What QQ is asked to tell'),
    baseIntents: bits(BASE_INTENTS, 'Tried once when QQ refuses `intents` (4014)'),
    url: address('Skips discovery when set'),
    shard: shard([0, 1], 'This process is number `shard[0]` (from 0) of `shard[1]` that share the guilds'),
    source: choice(['socket', 'webhook'], 'socket', '`webhook`: QQ pushes to an address of ours, no socket is opened'),
  },
  token: {
    marginMs: ms(50_000, "Refresh this long before expiry: inside QQ's 60 s overlap, so that a new token is returned", {
      min: 0,
    }),
    backOffBaseMs: ms(1_000, 'Pause before a token is asked for again', { atMost: 'backOffCapMs' }),
    backOffCapMs: ms(60_000, 'Longest such pause'),
  },
  features: {
    refusalsMax: count(2, 'Different contents refused in one form that switch the form off'),
    repeatsMax: count(3, 'Refusals in a row that do so whatever their contents: a bot may say the same all the time'),
    refusalMemoryMs: ms(60_000, 'A refusal is forgotten after this'),
    canaryMs: ms(
      5_000,
      'First wait before one reply tries the form again; it grows by `canaryFactor` to `canaryMaxMs`',
      { atMost: 'canaryMaxMs' },
    ),
    canaryFactor: factor(1.5, 'Growth of that wait'),
    canaryMaxMs: ms(10_000, 'Longest such wait'),
    permissionMs: ms(21_600_000, 'Wait when QQ says that the bot has no permission for the form'),
    leaseMs: ms(35_000, "How long the canary's call may be out before another reply may try"),
    probationCount: count(
      3,
      'After a good canary: so many accepted, or `probationMs` without a refusal, and the form counts as whole',
    ),
    probationMs: ms(10_000, 'See `probationCount`'),
    rateLimitedMs: ms(300_000, 'The longest pause of external calls after a limit of the whole host'),
    throttlesMax: count(3, 'Throttled answers within `throttleWindowMs` that count as such a limit'),
    throttledChannels: count(2, 'Channels in which they must have been'),
    throttleWindowMs: ms(10_000, 'See `throttlesMax`'),
    networkMs: ms(300_000, 'Suspended for the network, a form is tried again after this at the latest'),
  },
  externalCalls: {
    timeoutMs: ms(10_000, 'Time for one external call unless it names its own; also the most it may name'),
    permitMs: ms(5_000, 'How long a call may wait for a permit of its breaker'),
  },
  ...HEALING,
  commands: {
    perUserMax: count(5, 'Built-in commands of one user in `windowMs`; past it one refusal, then silence'),
    windowMs: ms(10_000, 'See `perUserMax`'),
  },
  bot: {
    drainMs: ms(10_000, 'How long a drain waits for messages in hand', { min: 0 }),
    deadLettersMax: count(1_000, 'Dead letters that are listed; 0: none, the journal still has them', { min: 0 }),
  },
  locale: choice(['en', 'zh'], 'en', 'Language of the bot'),
} as const;
