/**
 * What the bot does with a fact has a number. It rises with every change of charts, words, leases or topology that can
 * change a step: a journal's tail that was written under another one is folded without comparing, and nothing is
 * quarantined for an upgrade. `source` is a hash of the code that this number means; `npm run behaviour` brings both
 * up.
 */
export const BEHAVIOUR = { number: 2, source: 'ee70d69c95751415' } as const;
