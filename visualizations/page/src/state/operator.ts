import { signal } from '@preact/signals';
import { send } from './api.js';

/** The operator's token; kept here and nowhere else, gone when the page is. */
export const token = signal('');

/** Does what an operator may do, as the bot takes it (`POST /operator`). The answer is the record that tells of it. */
export async function act(action: Readonly<Record<string, unknown>>): Promise<number | null> {
  const { seq } = await send<{ seq?: number }>('api/operator', {
    body: action,
    headers: { authorization: `Bearer ${token.peek()}` },
  });
  return seq ?? null;
}
