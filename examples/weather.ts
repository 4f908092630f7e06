import { type BotModule, ExternalCallRefused, escapeText, readAnswer } from '../src/index.js';

/** Asks a foreign API: it has a breaker of its own, a deadline, and is not called while `externalApiCalls` is off. */
export const bot: BotModule = {
  commands: [
    {
      name: 'weather',
      description: 'the weather of a city',
      async run(ctx, [city = 'Beijing']) {
        try {
          const report = await ctx.callExternal('wttr', (signal) => forecast(city, signal), { timeoutMs: 3_000 });
          await ctx.reply({
            text: `${escapeText(city)}: ${escapeText(report)}`,
            buttons: [{ label: 'Again', command: `/weather ${city}` }],
          });
        } catch (error) {
          const isOff = error instanceof ExternalCallRefused;
          await ctx.reply(
            isOff ? 'The weather service is resting; please try again in a minute.' : 'No weather today, sorry.',
          );
        }
      },
    },
  ],
};

async function forecast(city: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(`https://wttr.in/${encodeURIComponent(city)}?format=3`, { signal });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return readAnswer(response, 200);
}
