/** What ends `npm run inspect`, and with which exit code. The message says what to do next. */
export class InspectError extends Error {
  override readonly name = 'InspectError';
  constructor(
    message: string,
    readonly exitCode: number,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}
