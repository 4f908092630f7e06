import type { BotModule, HandlerContext } from '../adapters/author/authorModule.js';
import { readAnswer } from '../base/unpack.js';

/** How long a slow handler works: a kill often comes in it. */
const SLOW_MS = 250;
/** Lines of a long text: about three messages of 200 characters. */
const LINES = 14;

/**
 * The bot that is killed. A message `KIND NUMBER` is answered as its kind says; every reply carries `#NUMBER.ORDINAL`,
 * so that the ledger of the platform tells which reply each accepted message is.
 */
async function answer(ctx: HandlerContext): Promise<string | undefined> {
  const [kind = '', number = ''] = ctx.message.content.split(' ');
  const mark = (ordinal: number): string => `#${number}.${ordinal}`;
  switch (kind) {
    case 'three':
      for (const ordinal of [0, 1, 2]) await ctx.reply(`${mark(ordinal)} of three`);
      return undefined;
    case 'long': {
      const lines = Array.from({ length: LINES }, (_, i) => `${mark(0)} line ${i + 1} of a long text`);
      await ctx.reply(lines.join('\n'));
      return undefined;
    }
    case 'slow':
      await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
      return `${mark(0)} at last`;
    case 'early':
      await ctx.reply(`${mark(0)} first`);
      await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
      return `${mark(1)} then`;
    case 'buttons':
      await ctx.reply({ text: `${mark(0)} choose`, buttons: [{ label: 'Tea', command: 'one 0' }] });
      return undefined;
    case 'shop': {
      const shop = process.env.CRASH_SHOP_URL ?? '';
      const buy = async (signal: AbortSignal): Promise<string> => readAnswer(await fetch(shop, { signal }), 1_000);
      return `${mark(0)} ${await ctx.callExternal('shop', buy).catch((error: Error) => error.name)}`;
    }
    case 'picture':
      await ctx.reply({ text: `${mark(0)} a picture`, image: `https://pictures.example/${number}.png` });
      return undefined;
    case 'silent':
      return undefined;
    case 'throw':
      throw new Error('a handler that throws');
    default:
      return `${mark(0)} here`;
  }
}

export const bot: BotModule = {
  onMessage: answer,
  onGroupMessage: answer,
  onButton: answer,
  on: { 'audit.passed': () => undefined },
};
