import type { HandlerTexts } from './adapters/handlerRunner.js';
export interface Texts extends HandlerTexts {
  readonly demoBanner: string;
  readonly chatHelp: string;
}
const en: Texts = {
  fallback: 'Command processed with recovery protection',
  helpHead: 'Commands',
  helpLine: (n, d) => `!${n} – ${d}`,
  helpDescription: 'show this help',
  adminOnly: (id) => `Only admins may do that. Your id is ${id}; add it to KINTSUGI_ADMINS.`,
  demoBanner: 'DEMO WORLD, not QQ',
  chatHelp: 'Write a line to talk to the bot. :outage 20  :reject embed  :kill  :help  :quit',
};
export function textsFor(_locale: 'en' | 'zh'): Texts {
  return en;
}
