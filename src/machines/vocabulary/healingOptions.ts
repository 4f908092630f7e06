/** When a part of the bot counts as ill, and what is done about it; part of `BotOptions`. */
export interface HealingOptions {
  readonly health: {
    /** More than this share of messages must have gone well (or fewer than `messagesMin` been there) for "healthy". */
    readonly rateMin: number;
    readonly messagesMin: number;
    /** A part that was bad is healthy again above this share in the short window. */
    readonly goodAgainRate: number;
    readonly shortMs: number;
    readonly longMs: number;
    /** Outcomes in a window before its share counts. */
    readonly outcomesMin: number;
    /** Bad outcomes in a row: degraded, unhealthy. */
    readonly degradedStreak: number;
    readonly unhealthyStreak: number;
    /** A part that is down this long is unhealthy. */
    readonly downMs: number;
  };
  readonly recovery: {
    /** Time between two diagnoses; each is up to a fifth shorter or longer. */
    readonly checkMs: number;
    /** Deadline of each check and each action. */
    readonly deadlineMs: number;
    readonly heapMax: number;
    readonly loopP99Ms: number;
    /** Bad samples in a row before memory counts as failing. */
    readonly samplesMax: number;
    /** Pause between an action and the measurement that must have changed. */
    readonly verifyMs: number;
    /** The same action again not before this, doubled each time until things are well. */
    readonly coolDownMs: number;
    /** The same action in an hour. */
    readonly actionsMax: number;
    /** End the process (exit code 75) when nothing helps, for a supervisor to start it again. */
    readonly exitWhenStuck: boolean;
  };
}

export const healingDefaults: HealingOptions = {
  health: {
    rateMin: 0.95,
    messagesMin: 10,
    goodAgainRate: 0.98,
    shortMs: 60_000,
    longMs: 900_000,
    outcomesMin: 10,
    degradedStreak: 3,
    unhealthyStreak: 10,
    downMs: 60_000,
  },
  recovery: {
    checkMs: 30_000,
    deadlineMs: 5_000,
    heapMax: 0.85,
    loopP99Ms: 200,
    samplesMax: 3,
    verifyMs: 10_000,
    coolDownMs: 120_000,
    actionsMax: 3,
    exitWhenStuck: false,
  },
};
