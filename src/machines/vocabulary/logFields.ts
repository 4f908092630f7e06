import type { Fact } from './facts/facts.js';

/** The code by which QQ refused a call, as lines of the log tell it. */
export function codeOf({ fact }: { readonly fact: Fact }): { readonly code: number | string | null } {
  return { code: fact.type === 'call.failed' ? fact.code : null };
}
