import type { Record } from '../../../src/actors/ports.js';

/** A record for tests of the journal. */
export function recordAt(seq: number, epoch: number, text = 'x'): Record {
  return {
    seq,
    id: `id${seq}`,
    at: 1_000 + seq,
    epoch,
    fact: { type: 'stop.requested', signal: text, ver: 1 },
    steps: [{ actor: 'a', event: 'e', from: null, to: { ready: 'alive' }, rules: ['X1'] }],
    effects: [],
  };
}
