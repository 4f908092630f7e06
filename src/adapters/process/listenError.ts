/** An address cannot be listened on; the message says what to set. */
export abstract class ListenError extends Error {
  constructor(
    /** `host:port`. */
    readonly address: string,
    /** The system's; EADDRINUSE: someone else listens there. */
    readonly code: string,
    advice: string,
    options?: { cause?: unknown },
  ) {
    const what = code === 'EADDRINUSE' ? 'is in use' : `cannot be listened on (${code})`;
    super(`${address} ${what}; ${advice}`, options);
  }
}
