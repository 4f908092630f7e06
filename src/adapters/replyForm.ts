import type { Button, Form } from '../machines/facts.js';
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
  const {
    text,
    embed = true,
    image,
    buttons,
  } = given as { text?: unknown; embed?: unknown; image?: unknown; buttons?: unknown };
  if (typeof text !== 'string' || text.trim() === '')
    throw new TypeError(`ctx.reply wants a text, not ${text === '' ? 'an empty one' : JSON.stringify(form)}`);
  if (text.length > REPLY_MAX) throw new RangeError(`a reply of ${text.length} characters; at most ${REPLY_MAX}`);
  return {
    text,
    embed: embed !== false,
    ...(image === undefined ? {} : { image: checkImage(image) }),
    ...(buttons === undefined ? {} : { buttons: checkButtons(buttons) }),
  };
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
    const { label, command = label } = (button ?? {}) as { label?: unknown; command?: unknown };
    if (typeof label !== 'string' || label === '' || label.length > LABEL_MAX)
      throw new TypeError(
        `ctx.reply: buttons[${i}].label is ${JSON.stringify(label)}; it must be a text of 1 to ${LABEL_MAX} characters`,
      );
    if (typeof command !== 'string' || command === '' || command.length > COMMAND_MAX)
      throw new TypeError(`ctx.reply: buttons[${i}].command must be a text of 1 to ${COMMAND_MAX} characters`);
    return { label, command };
  });
}
