import type { Feature } from './fields.js';
import type { FaultKind } from './kinds.js';

/** A request as far as its contents matter. */
export interface Refusable {
  readonly route: string;
  readonly body: { readonly [field: string]: unknown };
}

const ADDRESS = /\bhttps?:\/\/|\bwww\.|(?:^|[\s(])[\w-]+(?:\.[\w-]+)*\.(?:com|cn|net|org|io|dev)\b/i;

/** The forms and contents that a request has. */
export function featuresOf({ route, body }: Refusable): ReadonlySet<Feature> {
  const found = new Set<Feature>();
  for (const form of ['embed', 'markdown', 'keyboard', 'ark', 'image', 'media'] as const)
    if (body[form]) found.add(form);
  if (body.file_image) found.add('image');
  if (body.message_reference) found.add('reference');
  if (/\/files$|upload_prepare|upload_part_finish|\/uploads\//.test(route)) found.add('upload');
  const texts = textsOf(body);
  if (texts !== '' && !['embed', 'markdown', 'ark', 'image', 'media'].some((form) => found.has(form as Feature)))
    found.add('text');
  if (ADDRESS.test(texts)) found.add('links');
  if (/@everyone|@全体成员/.test(texts)) found.add('everyone');
  return found;
}

/** The kinds that refuse a form, and which forms. */
const REFUSED: { readonly [kind in FaultKind]?: readonly Feature[] } = {
  rejectEmbed: ['embed'],
  rejectKeyboard: ['keyboard'],
  rejectMarkdown: ['markdown'],
  rejectImage: ['image'],
  rejectMedia: ['media', 'upload'],
  rejectLinks: ['links'],
  rejectEveryone: ['everyone'],
};

/** Whether this kind has something to say to these contents; kinds that refuse no form always have. */
export function refuses(kind: FaultKind, request: Refusable): boolean {
  if (kind === 'audit') return /\/messages$/.test(request.route);
  const forms = REFUSED[kind];
  if (forms === undefined) return true;
  const features = featuresOf(request);
  return forms.some((form) => features.has(form));
}

/** Group and C2C have codes of their own. */
export function isV2(route: string): boolean {
  return route.includes('/v2/');
}

/** What a user would read in a message, as far as an address or a mention can stand in it. */
function textsOf(body: Refusable['body']): string {
  const { content, markdown } = body;
  const shown = (markdown as { content?: unknown } | null | undefined)?.content;
  return [content, shown].filter((text) => typeof text === 'string').join('\n');
}
