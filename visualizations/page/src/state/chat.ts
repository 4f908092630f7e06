import { signal } from '@preact/signals';
import { ask, send } from './api.js';

/** A line of the chat: what the user said, or what the platform got from the bot. */
export interface Line {
  readonly key: string;
  readonly at: number;
  readonly isBot: boolean;
  readonly who: string;
  readonly text: string;
  /** Of the bot's: embed, text, …; whether the platform took it. */
  readonly form: string | null;
  readonly accepted: boolean;
  readonly status: number | null;
  /** Id of the message that was said or answered. */
  readonly message: string | null;
}
interface Reply {
  readonly at: number;
  readonly channelId: string;
  readonly form: string;
  readonly content: string;
  readonly accepted: boolean;
  readonly httpStatus: number;
  readonly messageId: string | null;
  readonly msgId: string | null;
}
export interface Fault {
  readonly id: string;
  readonly kind: string;
}
/** Whom one speaks as. An owner may use every command. */
export const SPEAKERS = [
  { id: 'owner', username: 'you', roles: ['4'] },
  { id: 'alice', username: 'alice', roles: [] },
  { id: 'bob', username: 'bob', roles: [] },
] as const;
export const CHANNELS = ['demo', 'general', 'quiet'] as const;

export const lines = signal<readonly Line[]>([]);
export const faults = signal<readonly Fault[]>([]);
export const trouble = signal<string | null>(null);
const LINES_MAX = 500;

/** Replies are asked for this often while the chat is open. */
const EVERY_MS = 400;
let since = Date.now();
let users = 0;

async function refresh(): Promise<void> {
  try {
    const [replies, current] = await Promise.all([ask<Reply[]>('sim/replies', { since }), ask<Fault[]>('sim/faults')]);
    trouble.value = null;
    faults.value = current;
    const known = new Set(lines.peek().map(({ key }) => key));
    const fresh = replies.map(lineOf).filter(({ key }) => !known.has(key));
    if (fresh.length === 0) return;
    since = Math.max(since, ...replies.map(({ at }) => at));
    lines.value = [...lines.peek(), ...fresh].sort((a, b) => a.at - b.at).slice(-LINES_MAX);
  } catch (error) {
    trouble.value = String((error as Error).message);
  }
}
function lineOf({ at, form, content, accepted, httpStatus, messageId, msgId }: Reply): Line {
  const key = `${at} ${messageId} ${msgId} ${form} ${httpStatus}`;
  return { key, at, isBot: true, who: 'bot', text: content, form, accepted, status: httpStatus, message: msgId };
}

/** Keeps the chat fresh; call what it returns when it closes. */
export function openChat(): () => void {
  void refresh();
  const timer = setInterval(() => void refresh(), EVERY_MS);
  return () => clearInterval(timer);
}

export async function say(text: string, speaker: (typeof SPEAKERS)[number], channelId: string): Promise<void> {
  const at = Date.now();
  const { id } = await send<{ id: string }>('sim/messages', {
    body: { kind: 'guild', channelId, content: text, author: { ...speaker, bot: false } },
  });
  users += 1;
  const line: Line = {
    key: `said ${users}`,
    at,
    isBot: false,
    who: speaker.username,
    text,
    form: null,
    accepted: true,
    status: null,
    message: id,
  };
  lines.value = [...lines.peek(), line].slice(-LINES_MAX);
}

/** Something goes wrong from now on, or something that did no longer does. */
export async function startFault(fault: Readonly<Record<string, unknown>>): Promise<void> {
  await send('sim/faults', { body: fault });
  await refresh();
}
export async function endFaults(kind: string): Promise<void> {
  for (const { id } of faults.peek().filter((fault) => fault.kind === kind))
    await send(`sim/faults/${id}`, { method: 'DELETE' });
  await refresh();
}
