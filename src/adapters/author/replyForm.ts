import { z } from 'zod';
import type { Ark, Button, Form } from '../../machines/vocabulary/replies/forms.js';
import type { ReplyForm } from './authorModule.js';

/** Characters in one reply; QQ refuses far less, this only keeps nonsense out of the journal. */
export const REPLY_MAX = 20_000;
/** Buttons of one reply: five rows of five (QQ). */
export const BUTTONS_MAX = 25;
/** Characters of a picture's address, of a button's label and of its command. */
export const IMAGE_MAX = 2_048;
export const LABEL_MAX = 64;
export const COMMAND_MAX = 512;

/** What a handler gave `ctx.reply`, checked. Throws TypeError or RangeError naming the part and the value. */
export function checkForm(form: ReplyForm): Form {
  const given = typeof form === 'string' ? { text: form } : (form ?? {});
  const { text, image, imageFile, markdown, ark, buttons, quote, embed } = given as { [part in keyof Form]?: unknown };
  if (typeof text !== 'string' || text.trim() === '')
    throw new TypeError(`ctx.reply wants a text, not ${text === '' ? 'an empty one' : JSON.stringify(form)}`);
  if (text.length > REPLY_MAX) throw new RangeError(`a reply of ${text.length} characters; at most ${REPLY_MAX}`);
  if (image !== undefined && imageFile !== undefined)
    throw new TypeError('ctx.reply: give image or imageFile, not both');
  const hasPicture = image !== undefined || imageFile !== undefined;
  return {
    text,
    embed: embed === undefined ? !hasPicture && ark === undefined : embed !== false,
    ...(image === undefined ? {} : { image: checkImage(image) }),
    ...(imageFile === undefined ? {} : { imageFile: checkText('imageFile', imageFile, IMAGE_MAX) }),
    ...(markdown === undefined ? {} : { markdown: checkText('markdown', markdown, REPLY_MAX) }),
    ...(ark === undefined ? {} : { ark: checkArk(ark) }),
    ...(buttons === undefined ? {} : { buttons: checkButtons(buttons) }),
    ...(quote ? { quote: true } : {}),
  };
}

function checkText(part: string, value: unknown, max: number): string {
  if (typeof value !== 'string' || value === '' || value.length > max)
    throw new TypeError(`ctx.reply: ${part} must be a text of 1 to ${max} characters`);
  return value;
}

const entry = z.strictObject({ key: z.string().min(1).max(64), value: z.string().max(4_096) });
const arkSchema = z.strictObject({
  template: z.int().min(1),
  values: z
    .array(
      z.union([
        entry,
        z.strictObject({ key: z.string().min(1).max(64), rows: z.array(z.array(entry).max(20)).max(50) }),
      ]),
    )
    .min(1)
    .max(50),
});

function checkArk(ark: unknown): Ark {
  const checked = arkSchema.safeParse(ark);
  if (checked.success) return checked.data;
  const { path, message } = checked.error.issues[0]!;
  throw new TypeError(
    `ctx.reply: ark.${path.join('.')}: ${message}; write { template: 23, values: [{ key: '#DESC#', value: 'text' }] }`,
  );
}

function checkImage(image: unknown): string {
  if (
    typeof image !== 'string' ||
    image.length > IMAGE_MAX ||
    !/^https?:$/.test(URL.canParse(image) ? new URL(image).protocol : '')
  )
    throw new TypeError(
      `ctx.reply: image is ${JSON.stringify(image)}; it must be an http or https address of at most ${IMAGE_MAX} characters`,
    );
  return image;
}

function checkButtons(buttons: unknown): readonly Button[] {
  if (!Array.isArray(buttons) || buttons.length === 0 || buttons.length > BUTTONS_MAX)
    throw new RangeError(`ctx.reply: buttons must be a list of 1 to ${BUTTONS_MAX}`);
  return buttons.map((button: unknown, i) => {
    const { label, command = label, quiet } = (button ?? {}) as { [part in keyof Button]?: unknown };
    if (typeof label !== 'string' || label === '' || label.length > LABEL_MAX)
      throw new TypeError(
        `ctx.reply: buttons[${i}].label is ${JSON.stringify(label)}; it must be a text of 1 to ${LABEL_MAX} characters`,
      );
    if (typeof command !== 'string' || command === '' || command.length > COMMAND_MAX)
      throw new TypeError(`ctx.reply: buttons[${i}].command must be a text of 1 to ${COMMAND_MAX} characters`);
    return { label, command, ...(quiet ? { quiet: true } : {}) };
  });
}
