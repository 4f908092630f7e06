import type { Button, Form, OutboundFrame, Rung } from '../../machines/facts.js';

/** Title of every embed. */
export const EMBED_TITLE = 'Response';
export const EMBED_COLOR = 0x3498db;
/** First line of a reply that comes late; its content follows unchanged. */
export const LATE_PREFIX = '⚠️ recovery mode:';

/** Body of `POST /channels/{id}/messages` and `POST /dms/{id}/messages`. Always a reply: `msg_id` is never left out. */
export interface ReplyBody {
  readonly msg_id: string;
  readonly content?: string;
  readonly embed?: ReplyEmbed;
  /** Address of a picture, which the platform fetches. */
  readonly image?: string;
  readonly markdown?: { readonly content: string };
  readonly keyboard?: { readonly content: { readonly rows: readonly { readonly buttons: readonly object[] }[] } };
  readonly message_reference?: { readonly message_id: string; readonly ignore_get_message_error: boolean };
}
export interface ReplyEmbed {
  readonly title: string;
  /** What a notification shows. */
  readonly prompt: string;
  readonly fields: { readonly name: string }[];
  readonly description?: string;
  readonly color?: number;
}
export interface Reply {
  readonly rung: Rung;
  readonly form: Form;
  readonly msgId: string;
  readonly late: boolean;
}

/** One reply as QQ wants it in this form. The text is sent as it is: who echoes a user escapes. */
export function encodeReply({ rung, form, msgId, late }: Reply): ReplyBody {
  const text = textOf(rung, form, late);
  const quote = late ? { message_reference: { message_id: msgId, ignore_get_message_error: true } } : {};
  if (rung === 'keyboard')
    return { msg_id: msgId, markdown: { content: text }, keyboard: keyboardOf(form.buttons ?? []), ...quote };
  if (rung === 'image') return { msg_id: msgId, content: text, ...(form.image ? { image: form.image } : {}), ...quote };
  if (rung === 'text') return { msg_id: msgId, content: text, ...quote };
  const lines = text.split(/\r\n|\n|\r/);
  const lean = { title: EMBED_TITLE, prompt: lines[0] ?? '', fields: lines.map((name) => ({ name })) };
  const embed = rung === 'leanEmbed' ? lean : { ...lean, description: text, color: EMBED_COLOR };
  return { msg_id: msgId, embed, ...quote };
}

/** What a form cannot carry is said in its text: buttons as a numbered list, a picture as its link. */
function textOf(rung: Rung, { text, image, buttons }: Form, late: boolean): string {
  const list =
    rung === 'keyboard' ? [] : (buttons ?? []).map(({ label, command }, i) => `${i + 1}. ${label}: ${command}`);
  const link = image !== undefined && rung !== 'image' ? [image] : [];
  return [...(late ? [LATE_PREFIX] : []), text, ...list, ...link].join('\n');
}

/** Buttons in a row, and rows (QQ). */
const ROW_MAX = 5;

function keyboardOf(buttons: readonly Button[]): NonNullable<ReplyBody['keyboard']> {
  const rows: { buttons: object[] }[] = [];
  for (const [i, { label, command }] of buttons.entries()) {
    if (i % ROW_MAX === 0) rows.push({ buttons: [] });
    const render = { label, visited_label: label, style: 1 };
    // Type 2: pressing it writes the command for the user; permission type 2: everyone may.
    const action = { type: 2, permission: { type: 2 }, data: command, enter: true, unsupport_tips: command };
    rows.at(-1)?.buttons.push({ id: String(i + 1), render_data: render, action });
  }
  return { content: { rows } };
}

/** A frame as text. `secret` goes into IDENTIFY and RESUME only. */
export function encodeFrame(frame: OutboundFrame, secret: string): string {
  const token = `QQBot ${secret}`;
  switch (frame.op) {
    case 1:
      return JSON.stringify({ op: 1, d: frame.s });
    case 2: {
      const properties = { $os: process.platform, $browser: 'kintsugi', $device: 'kintsugi' };
      return JSON.stringify({ op: 2, d: { token, intents: frame.intents, shard: frame.shard, properties } });
    }
    case 6:
      return JSON.stringify({ op: 6, d: { token, session_id: frame.session, seq: frame.s } });
  }
}
