import type { BotModule } from '../src/index.js';

/**
 * Guilds, groups and private chats: buttons, a picture, events. QQ grants the intents for groups (GROUP_AND_C2C_EVENT)
 * and buttons (INTERACTION) on application; the bot asks for them because of the handlers below.
 */
/** Groups and friends that came since the start. */
let friends = 0;

export const bot: BotModule = {
  commands: [
    {
      name: 'menu',
      description: 'choose with buttons',
      run: (ctx) =>
        ctx.reply({
          text: 'What would you like?',
          markdown: '**What would you like?**',
          buttons: [
            { label: 'Tea', command: '!tea' },
            // Quiet: only the bot hears it, nothing stands in the chat. It comes to onButton.
            { label: 'A secret', command: 'secret', quiet: true },
          ],
        }),
    },
    {
      name: 'tea',
      description: 'a picture of tea',
      run: (ctx) => ctx.reply({ text: 'Here you are.', image: 'https://example.com/tea.png', quote: true }),
    },
  ],
  onMessage: (ctx) => `In a guild you said: ${ctx.message.content}. New friends today: ${friends}.`,
  onGroupMessage: (ctx) => `You said: ${ctx.message.content}`,
  onButton: (ctx) => `Nobody but you pressed "${ctx.message.content}".`,
  on: {
    'contact.changed': ({ change }) => {
      if (change === 'added') friends += 1;
    },
  },
};
