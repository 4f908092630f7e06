import { onScreen } from './printable.js';

/**
 * A line, or several that we have put together, to the standard output; nothing that others wrote in it steers the
 * terminal.
 */
export function tell(text: string): void {
  process.stdout.write(`${onScreen(text)}\n`);
}
/** The same to the standard error. */
export function complain(text: string): void {
  process.stderr.write(`${onScreen(text)}\n`);
}
