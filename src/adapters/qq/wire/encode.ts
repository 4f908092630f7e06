import { type Wording, wordsOf } from '../../../machines/delivery/replyText.js';
import type { EffectOf, OutboundFrame } from '../../../machines/vocabulary/effects.js';
import type { Ark, Button } from '../../../machines/vocabulary/replies/forms.js';
import type { Rung } from '../../../machines/vocabulary/replies/rungs.js';
import type { Locale } from '../../../machines/vocabulary/replies/words.js';

/** Title of every embed. */
export const EMBED_TITLE = 'Response';
export const EMBED_COLOR = 0x3498db;

/** `msg_type` of groups and c2c. */
const TYPES = { text: 0, markdown: 2, ark: 3, media: 7 } as const;

/** Body of a message to a channel, a direct session, a group or a user. Always a reply: to a message or to an event. */
export interface ReplyBody {
  readonly msg_id?: string;
  readonly event_id?: string;
  /** Groups and c2c. */
  readonly msg_type?: number;
  readonly msg_seq?: number;
  readonly content?: string;
  readonly embed?: ReplyEmbed;
  readonly ark?: object;
  /** Address of a picture, which the platform fetches (channels and direct sessions). */
  readonly image?: string;
  /** An upload (groups and c2c). */
  readonly media?: { readonly file_info: string };
  readonly markdown?: { readonly content: string };
  readonly keyboard?: { readonly content: { readonly rows: readonly { readonly buttons: readonly object[] }[] } };
  readonly message_reference?: { readonly message_id: string; readonly ignore_get_message_error: boolean };
}
export interface ReplyEmbed {
  readonly title: string;
  /** What a notification shows. */
  readonly prompt: string;
  readonly fields: { readonly name: string }[];
  readonly thumbnail?: { readonly url: string };
  readonly description?: string;
  readonly color?: number;
}
/** The part of `call.start` that says what to send. */
export type Reply = Pick<
  EffectOf<'call.start'>,
  'rung' | 'form' | 'msgId' | 'event' | 'index' | 'seq' | 'part' | 'without' | 'late' | 'place'
>;

/**
 * One reply as QQ wants it in this form. The text is sent as it is: who echoes a user escapes. `fileInfo`: the upload
 * that a picture for a group or a user has become.
 */
export function encodeReply(reply: Reply, locale: Locale = 'en', fileInfo: string | null = null): ReplyBody {
  const { kind } = reply.place;
  const isKeyed = kind === 'group' || kind === 'c2c';
  const { content, type } = contentOf(reply, locale, isKeyed, fileInfo);
  return {
    ...anchorOf(reply),
    ...(isKeyed ? { msg_type: type, msg_seq: reply.seq ?? 1 } : {}),
    ...content,
    ...quoteOf(reply, isKeyed),
  };
}

function anchorOf({ event, msgId }: Reply): ReplyBody {
  return event === undefined ? { msg_id: msgId } : { event_id: event };
}

/** A late reply quotes its question. Groups and c2c quote by an index, which not every message has. */
function quoteOf({ late, form, msgId, index, part, event }: Reply, isKeyed: boolean): ReplyBody {
  const id = isKeyed ? index : msgId;
  if (!(late || form.quote) || id === undefined || (event !== undefined && !isKeyed)) return {};
  if (part !== undefined && part.number > 1) return {};
  return { message_reference: { message_id: id, ignore_get_message_error: true } };
}

interface Written {
  readonly content: ReplyBody;
  readonly type: number;
}
interface Writing {
  readonly text: string;
  readonly form: Reply['form'];
  readonly isKeyed: boolean;
  readonly fileInfo: string | null;
}
/** How QQ writes each form. */
const ENCODED: { readonly [rung in Rung]: (reply: Writing) => Written } = {
  keyboard({ text, form }) {
    const keyboard = form.buttons ? { keyboard: keyboardOf(form.buttons) } : {};
    return { content: { markdown: { content: text }, ...keyboard }, type: TYPES.markdown };
  },
  ark: ({ form }) => ({ content: { ark: arkOf(form.ark as Ark) }, type: TYPES.ark }),
  embed: ({ text, form }) => ({ content: { embed: embedOf(text, true, form.image) }, type: TYPES.text }),
  leanEmbed: ({ text, form }) => ({ content: { embed: embedOf(text, false, form.image) }, type: TYPES.text }),
  image: ({ text, form, isKeyed, fileInfo }) =>
    isKeyed
      ? { content: { content: text, media: { file_info: fileInfo ?? '' } }, type: TYPES.media }
      : { content: { content: text, ...(form.image ? { image: form.image } : {}) }, type: TYPES.text },
  text: ({ text }) => ({ content: { content: text }, type: TYPES.text }),
};

function contentOf(reply: Reply, locale: Locale, isKeyed: boolean, fileInfo: string | null): Written {
  const { rung, form, part, late, without = [] } = reply;
  const wording: Wording = { rung, form, late, without, locale };
  const text = part ? `(${part.number}/${part.of}) ${part.text.trim()}` : wordsOf(wording);
  return ENCODED[rung]({ text, form, isKeyed, fileInfo });
}

function embedOf(text: string, isFull: boolean, image: string | undefined): ReplyEmbed {
  const lines = text.split(/\r\n|\n|\r/);
  const lean = {
    title: EMBED_TITLE,
    prompt: lines[0] ?? '',
    fields: lines.map((name) => ({ name })),
    ...(image === undefined ? {} : { thumbnail: { url: image } }),
  };
  return isFull ? { ...lean, description: text, color: EMBED_COLOR } : lean;
}

function arkOf({ template, values }: Ark): object {
  const kv = values.map(({ key, value, rows }) =>
    rows === undefined ? { key, value: value ?? '' } : { key, obj: rows.map((obj_kv) => ({ obj_kv })) },
  );
  return { template_id: template, kv };
}

/** Buttons in a row, and rows (QQ). */
const ROW_MAX = 5;
/** What pressing does: tell the bot alone, or write the command for the user. */
const ACTION = { callback: 1, command: 2 } as const;
const EVERYONE = { type: 2 } as const;

function keyboardOf(buttons: readonly Button[]): NonNullable<ReplyBody['keyboard']> {
  const rows: { buttons: object[] }[] = [];
  for (const [i, { label, command, quiet }] of buttons.entries()) {
    if (i % ROW_MAX === 0) rows.push({ buttons: [] });
    const render = { label, visited_label: label, style: 1 };
    const kind = quiet ? { type: ACTION.callback } : { type: ACTION.command, enter: true };
    const action = { ...kind, permission: EVERYONE, data: command, unsupport_tips: command };
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
