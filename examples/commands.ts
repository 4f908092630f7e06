import type { BotModule } from '../src/index.js';

/** Commands with arguments, several replies, an admin command, and a greeting for the rest. */
export const bot: BotModule = {
  commands: [
    {
      name: 'roll',
      aliases: ['dice'],
      description: 'roll a die: !roll [sides]',
      run(ctx, [sides = '6']) {
        const most = Number(sides);
        if (!Number.isInteger(most) || most < 2 || most > 1_000) return 'A die has 2 to 1000 sides.';
        // A handler may run again after a kill; the run id makes the second roll the same as the first.
        return `🎲 ${1 + (checksum(ctx.runId) % most)} of ${most}`;
      },
    },
    {
      name: 'count',
      description: 'count to three, one message each',
      async run(ctx) {
        for (const word of ['one', 'two', 'three']) await ctx.reply(word);
      },
    },
    {
      name: 'whoami',
      description: 'tell what the bot knows about you',
      run: (ctx) => `${ctx.author.username} (${ctx.author.id}), roles ${ctx.author.roles.join(', ') || 'none'}`,
    },
    { name: 'restricted', description: 'only for admins', admin: true, run: () => 'You may.' },
  ],
  onMessage: (ctx) => (ctx.message.mentionsBot ? `Hello ${ctx.author.username}! Try !help.` : undefined),
};

function checksum(text: string): number {
  let sum = 0;
  for (const letter of text) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_003;
  return sum;
}
