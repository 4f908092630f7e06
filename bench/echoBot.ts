/** The smallest bot: what it costs is what the framework costs. */
export const bot = {
  onMessage: (ctx: { readonly message: { readonly content: string } }) => `you said: ${ctx.message.content}`,
};
