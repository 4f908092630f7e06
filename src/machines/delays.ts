/**
 * Whose time each delay of each chart is (core rule 36).
 *
 * `patience`: somebody is waited for, outside or in this process; what the process did not have of that time (a blocked event loop,
 * SIGSTOP, a sleeping machine) is not held against him, so the deadline comes by as much later. `schedule`: it comes when it comes.
 */
const PATIENCE = 'patience';
const SCHEDULE = 'schedule';

export const DELAYS = {
  // Who stops it counts its seconds too.
  bot: { drainMs: SCHEDULE },
  // QQ's clock tells when a token is over.
  accessToken: { refreshMs: SCHEDULE, retryMs: SCHEDULE, uselessMs: SCHEDULE },
  gateway: {
    discoverMs: PATIENCE,
    connectMs: PATIENCE,
    helloMs: PATIENCE,
    identifyMs: PATIENCE,
    resumeMs: PATIENCE,
    ackMs: PATIENCE,
    closeGraceMs: PATIENCE,
    openMs: PATIENCE,
    heartbeatMs: SCHEDULE,
    steadyMs: SCHEDULE,
    backOffMs: SCHEDULE,
    limitMs: SCHEDULE,
  },
  intake: {},
  circuitBreaker: { leaseMs: PATIENCE, openMs: SCHEDULE, rampStageMs: SCHEDULE },
  operatorBreaker: { leaseMs: PATIENCE, restMs: SCHEDULE },
  lane: { paceMs: SCHEDULE, blockedMs: SCHEDULE, idleMs: SCHEDULE },
  feature: {
    leaseMs: PATIENCE,
    suspendMs: SCHEDULE,
    probationMs: SCHEDULE,
    forcedOffMs: SCHEDULE,
    forcedOnMs: SCHEDULE,
  },
  health: { downMs: PATIENCE, quietMs: SCHEDULE, degradedMs: SCHEDULE, unhealthyMs: SCHEDULE },
  recovery: {
    networkMs: PATIENCE,
    memoryMs: PATIENCE,
    apiMs: PATIENCE,
    actionMs: PATIENCE,
    measureMs: PATIENCE,
    checkMs: SCHEDULE,
    againMs: SCHEDULE,
    verifyMs: SCHEDULE,
  },
  message: { handlerMs: PATIENCE, twinMs: PATIENCE, rerunMs: SCHEDULE },
  // The window is QQ's, and so is the time in which a call that was under way arrives.
  delivery: {
    readingWaitMs: PATIENCE,
    uploadWaitMs: PATIENCE,
    auditMs: PATIENCE,
    windowMs: SCHEDULE,
    backOffMs: SCHEDULE,
    rungPauseMs: SCHEDULE,
    doubtMs: SCHEDULE,
    partPauseMs: SCHEDULE,
  },
  externalCall: { permitMs: PATIENCE, callMs: PATIENCE },
  audits: {},
  ownMessages: { permissionMs: SCHEDULE },
  // QQ shows the button as failed after 3 s of its own.
  interaction: { deadlineMs: SCHEDULE, retryMs: SCHEDULE },
} as const satisfies { readonly [machine: string]: { readonly [delay: string]: 'patience' | 'schedule' } };

/** Whether time that the process did not have does not count in this delay. */
export function isPatience(machine: string, delay: string): boolean {
  const delays: { readonly [delay: string]: string } | undefined = DELAYS[machine as keyof typeof DELAYS];
  return delays?.[delay] === PATIENCE;
}
