import type { BotModule } from '../../src/index.js';
import { hear, tell } from './hearing.js';

/** Kintsugi's own bot, run by `npm start` with this module. */
export const bot: BotModule = {
  onReady() {
    tell({ type: 'ready' });
  },
  async onMessage(ctx) {
    await hear(ctx.message.content, {
      say: (text) => ctx.reply({ text, embed: false }),
      form: (tag) => ctx.reply(tag),
      refuse: () => ctx.reply({ text: 'x', embed: false }),
    });
  },
  onDeadLetter({ reason }) {
    tell({ type: 'refused', code: Number(/\d{5,}/.exec(reason ?? '')?.[0] ?? 0) || null, text: reason ?? '' });
  },
};
