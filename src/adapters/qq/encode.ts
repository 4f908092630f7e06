import type { Form, OutboundFrame, Rung } from '../../machines/facts.js';

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
  const text = late ? `${LATE_PREFIX}\n${form.text}` : form.text;
  const quote = late ? { message_reference: { message_id: msgId, ignore_get_message_error: true } } : {};
  if (rung === 'text') return { msg_id: msgId, content: text, ...quote };
  const lines = text.split(/\r\n|\n|\r/);
  const lean = { title: EMBED_TITLE, prompt: lines[0] ?? '', fields: lines.map((name) => ({ name })) };
  const embed = rung === 'leanEmbed' ? lean : { ...lean, description: text, color: EMBED_COLOR };
  return { msg_id: msgId, embed, ...quote };
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
