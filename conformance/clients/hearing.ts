import { answerTo, type Told, type Word, wordIn } from '../src/words.js';

/** What every client here shares: where the platform is, and how it tells the suite what it sees. */
export const base = process.env.CONFORMANCE_URL ?? '';
export const tokenUrl = `${base}/app/getAppAccessToken`;
export const appId = '102000001';
export const secret = 'conformance-secret-0123456789abcdef';

export function tell(told: Told): void {
  process.send?.(told);
}

/** Does what the user's word says; `forms` is how this client does it. */
export async function hear(
  content: string,
  does: { say(text: string): Promise<unknown>; form(tag: string): Promise<unknown>; refuse(): Promise<unknown> },
): Promise<void> {
  const heard = wordIn(content);
  if (!heard) return;
  const { word, tag } = heard;
  tell({ type: 'received', tag });
  const actions: { [word in Word]: () => Promise<unknown> } = {
    say: () => does.say(answerTo(tag)),
    form: () => does.form(tag),
    refuse: () => does.refuse(),
  };
  try {
    await actions[word]();
  } catch (error) {
    tell({ type: 'refused', code: codeOf(error), text: textOf(error) });
  }
}

/** The platform's own number, wherever this client keeps it. */
function codeOf(error: unknown): number | null {
  const { code, response } = (error ?? {}) as { code?: unknown; response?: { data?: { code?: unknown } } };
  const own = response?.data?.code ?? code;
  if (typeof own === 'number') return own;
  const written = /code\((\d+)\)/.exec(textOf(error));
  return written ? Number(written[1]) : null;
}

function textOf(error: unknown): string {
  const { message } = (error ?? {}) as { message?: unknown };
  return String(message ?? error).slice(0, 200);
}

// The suite ends its clients; one whose suite is gone ends itself.
process.on('disconnect', () => process.exit(0));
