import type { Bot } from '../world/bots.js';
import type { PlaceKind } from '../world/messages.js';
import type { Policies } from '../world/policies.js';
import type { Uploads } from '../world/uploads.js';
import type { Answer, Body } from './exchange.js';

/** `msg_type` of groups and c2c, and the field that it needs. */
const FIELD_OF_TYPE: { readonly [type: number]: string } = {
  0: 'content',
  2: 'markdown',
  3: 'ark',
  4: 'embed',
  7: 'media',
};
/** The card templates that every bot may use. */
const OPEN_TEMPLATES = [23, 24, 37];
/** Rows and buttons in a row of a keyboard; fields of an embed; bytes of a picture in a form. */
const ROWS_MAX = 5;
const BUTTONS_MAX = 5;
const FIELDS_MAX = 200;
const FILE_BYTES_MAX = 30 * 1024 * 1024;
const CONTENTS = ['content', 'embed', 'ark', 'image', 'file_image', 'markdown', 'media', 'keyboard'] as const;

export interface FormCheck {
  readonly kind: PlaceKind;
  readonly bot: Bot;
  readonly body: Body;
  readonly policies: Policies;
  readonly uploads: Uploads;
}

/** Whether a message's contents may be sent, whoever it answers. Null: they may. */
export function refusedForm(check: FormCheck): Answer | null {
  const { kind, body } = check;
  const isOpen = kind === 'group' || kind === 'c2c';
  const has = CONTENTS.filter((field) => isThere(body[field]));
  const isNotice = isOpen && body.msg_type === 6;
  if (isThere(body.content) && typeof body.content !== 'string') return refuse(400, 12002, 'content is no text');
  if (has.length === 0 && !isNotice) return refuse(400, 50006, 'empty msg');
  return (
    (isOpen ? refusedType(check) : null) ??
    refusedMarkdown(check) ??
    refusedKeyboard(check) ??
    refusedCard(check) ??
    refusedMedia(check) ??
    refusedText(check)
  );
}

function refuse(status: number, code: number, message: string): Answer {
  return { status, code, message };
}
function isThere(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && value !== false;
}

function refusedType({ body }: FormCheck): Answer | null {
  const type = body.msg_type ?? 0;
  if (type === 6) return null;
  const field = typeof type === 'number' ? FIELD_OF_TYPE[type] : undefined;
  return field === undefined || !isThere(body[field]) ? refuse(400, 22006, 'msg_type and content do not match') : null;
}

function refusedMarkdown({ kind, bot, body }: FormCheck): Answer | null {
  const { markdown } = body as { markdown?: unknown };
  if (!isThere(markdown)) return null;
  const isOpen = kind === 'group' || kind === 'c2c';
  if (!bot.mayMarkdown)
    return isOpen
      ? refuse(400, 40034012, 'native markdown is not allowed')
      : refuse(500, 304041, 'markdown is not allowed');
  const {
    content,
    custom_template_id: custom,
    template_id: template,
  } = markdown as { content?: unknown; custom_template_id?: unknown; template_id?: unknown };
  const isTemplate = isThere(custom) || isThere(template);
  if (isThere(content) && isTemplate) return refuse(400, 50057, 'markdown has a content and a template');
  if (!isThere(content) && !isTemplate) return refuse(400, 50055, 'markdown content is invalid');
  if (['content', 'embed', 'ark', 'image', 'file_image', 'media'].some((field) => isThere(body[field])))
    return refuse(400, 50037, 'markdown goes with a keyboard only');
  return null;
}

function refusedKeyboard({ kind, bot, body }: FormCheck): Answer | null {
  const { keyboard } = body as { keyboard?: { id?: unknown; content?: { rows?: unknown } } };
  if (!isThere(keyboard)) return null;
  const isOpen = kind === 'group' || kind === 'c2c';
  if (!bot.mayKeyboard) return refuse(400, 304037, 'keyboard is not allowed');
  if (isThere(keyboard?.id)) return null;
  const rows = keyboard?.content?.rows;
  if (!Array.isArray(rows) || rows.length === 0) return refuse(400, 304039, 'keyboard cannot be parsed');
  const lists = rows.map((row) => (row as { buttons?: unknown } | null)?.buttons);
  if (!lists.every(Array.isArray)) return refuse(400, 304040, 'keyboard content is invalid');
  if (rows.length > ROWS_MAX || lists.some((buttons) => (buttons as unknown[]).length > BUTTONS_MAX))
    return isOpen ? refuse(400, 40034029, 'too many rows or columns') : refuse(400, 304040, 'too many rows or columns');
  return null;
}

function refusedCard({ body }: FormCheck): Answer | null {
  const { ark, embed } = body as { ark?: { template_id?: unknown }; embed?: { fields?: unknown } };
  if (isThere(ark) && !OPEN_TEMPLATES.includes(Number(ark?.template_id)))
    return refuse(400, 304014, 'ark template is not allowed');
  if (isThere(embed) && Array.isArray(embed?.fields) && embed.fields.length > FIELDS_MAX)
    return refuse(400, 304005, 'embed is too long');
  return null;
}

function refusedMedia({ kind, body, uploads }: FormCheck): Answer | null {
  const { media, file_image: file } = body as { media?: { file_info?: unknown }; file_image?: { bytes?: number } };
  if ((file?.bytes ?? 0) > FILE_BYTES_MAX) return refuse(400, 304020, 'file is too large');
  if (isThere(media) && !uploads.isUsable(media?.file_info, kind)) return refuse(400, 304080, 'file_info is invalid');
  return null;
}

const LINK = /(?:https?:\/\/|www\.)([^\s/<>"'?#:，。；、]+)/gi;

function refusedText({ kind, body, policies }: FormCheck): Answer | null {
  const isOpen = kind === 'group' || kind === 'c2c';
  const markdown = (body.markdown as { content?: unknown } | undefined)?.content;
  const text = [body.content, markdown].filter((part) => typeof part === 'string').join('\n');
  if (policies.textMax > 0 && text.length > policies.textMax) return refuse(400, 40054007, 'message is too long');
  const { linkHosts } = policies;
  if (linkHosts === null) return null;
  for (const [, host = ''] of text.matchAll(LINK)) {
    const name = host.toLowerCase();
    if (linkHosts.some((allowed) => name === allowed || name.endsWith(`.${allowed}`))) continue;
    return isOpen
      ? refuse(400, 40054010, `url is not allowed: ${name}`)
      : refuse(403, 304003, `url not in the list of the bot: ${name}`);
  }
  return null;
}
