import { count, flag, ms, share } from './kinds.js';

/** When a part of the bot counts as ill, and what is done about it. */
export const HEALING = {
  health: {
    rateMin: share(
      0.95,
      'More than this share of messages must have gone well, or fewer than `messagesMin` been there, for "healthy"',
    ),
    messagesMin: count(10, 'See `rateMin`'),
    goodAgainRate: share(0.98, 'A part that was bad is healthy again above this share in the short window'),
    shortMs: ms(60_000, 'The short window', { atMost: 'longMs' }),
    longMs: ms(900_000, 'The long window'),
    outcomesMin: count(10, 'Outcomes in a window before its share counts'),
    degradedStreak: count(3, 'Bad outcomes in a row: degraded', { atMost: 'unhealthyStreak' }),
    unhealthyStreak: count(10, 'Bad outcomes in a row: unhealthy'),
    downMs: ms(60_000, 'A part that is down this long is unhealthy'),
  },
  recovery: {
    checkMs: ms(30_000, 'Time between two diagnoses; each is up to a fifth shorter or longer'),
    deadlineMs: ms(5_000, 'Deadline of each check and each action'),
    heapMax: share(0.85, 'Share of the heap above which memory is bad'),
    loopP99Ms: ms(200, 'Lag of the event loop (99th percentile) above which it is bad'),
    samplesMax: count(3, 'Bad samples in a row before memory counts as failing'),
    verifyMs: ms(10_000, 'Pause between an action and the measurement that must have changed'),
    coolDownMs: ms(120_000, 'The same action again not before this, doubled each time until things are well'),
    actionsMax: count(3, 'Runs of the same action in an hour'),
    exitWhenStuck: flag(false, 'End the process (exit code 75) when nothing helps, for a supervisor to start it again'),
  },
} as const;
