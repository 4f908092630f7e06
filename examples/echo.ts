import type { BotModule } from '../src/index.js';

/** Says back what it hears. Run it with `npm start -- examples/echo.ts`. */
export const bot: BotModule = {
  onMessage(ctx) {
    return `You said: ${ctx.message.content}`;
  },
};
