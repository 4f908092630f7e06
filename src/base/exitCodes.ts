/** What a process of this project says when it ends (contract of the commands). */
export const exitCodes = {
  drained: 0,
  usage: 64,
  internal: 70,
  /** The journal is held by another process, or is not ours. */
  held: 73,
  /** Stuck; try again later. */
  stuck: 75,
  /** Refused by QQ: do not restart. */
  refused: 77,
  configuration: 78,
} as const;
