import { describe, expect, test } from '@jest/globals';
import { folderOf } from '../../../src/actors/charts/inertScope.js';
import { OWN_MESSAGES_MAX, type OwnMessagesContext, ownMessagesMachine } from '../../../src/machines/ownMessages/chart.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { type Event, elapsed, testRows } from '../rows.js';

const delivery = 'delivery:m.0';
const sent = (message: string | null): Event => ({ type: 'message.sent', message });
const checked = (more: object = {}): Event => ({
  type: 'channel.checked',
  effectId: 'x',
  class: 'ok',
  code: null,
  matches: [],
  isWhole: true,
  delivery,
  receivedAt: 1_000_000,
  isAlone: true,
  ...more,
});
const says = (verdict: string) => ({ type: 'doubt.settled', delivery, verdict });
const input = { epoch: 3, permissionMs: 1_000 };
const to = 'reading';

describe(ownMessagesMachine.id, () => {
  testRows(ownMessagesMachine, input, [
    { rule: 'Y1', does: 'takes it that channels can be read', when: 'start', to, context: { known: [], epoch: 3 } },
    { rule: 'Y2', does: 'goes on in the next life', given: [sent('a')], when: { type: 'run.started', epoch: 4, options: defaultOptions }, to, context: { epoch: 4, known: [{ message: 'a' }] } },
    { rule: 'Y3', does: 'begins anew when a life in between did not tell', given: [sent('a')], when: { type: 'run.started', epoch: 6, options: defaultOptions }, to, context: { epoch: 6, known: [] } },
    { rule: 'Y4', does: 'tells nothing apart after a message without an id', when: { ...sent(null), at: 5 }, to, context: { since: 5 } },
    { rule: 'Y5', does: 'remembers a message of ours', when: { ...sent('a'), at: 5 }, to, context: { known: [{ message: 'a', at: 5 }], since: 0 } },
    { rule: 'Y6', does: 'asks no more when the bot may not read', when: checked({ class: 'rejectedTarget', code: 11253 }), to: 'forbidden', says: says('unknown') },
    { rule: 'Y12', does: 'knows nothing yet when our token was refused: it is to be read again', when: checked({ class: 'auth', code: 11244 }), to, says: says('again') },
    { rule: 'Y7', does: 'does not know when the channel could not be read', when: checked({ class: 'transient', code: 500 }), to, says: says('unknown') },
    { rule: 'Y8', does: 'finds the message in doubt, and gives it to one reply only', when: checked({ matches: ['a'] }), to, says: says('there'), context: { known: [{ message: 'a' }] } },
    { rule: 'Y8', does: 'finds the second of two alike', given: [checked({ matches: ['a', 'b'] })], when: checked({ matches: ['a', 'b'] }), to, says: says('there'), context: { known: [{ message: 'a' }, { message: 'b' }] } },
    { rule: 'Y9', does: 'does not take a known message for the one in doubt', given: [sent('a')], when: checked({ matches: ['a'] }), to, says: says('absent') },
    { rule: 'Y9', does: 'knows that it is not there', when: checked(), to, says: says('absent') },
    { rule: 'Y9', does: 'gives what stands there once to one of two alike', given: [checked({ matches: ['a'] })], when: checked({ matches: ['a'] }), to, says: says('absent') },
    { rule: 'Y10', does: 'does not know while another reply to the channel is under way', when: checked({ matches: ['a'], isAlone: false }), to, says: says('unknown') },
    { rule: 'Y10', does: 'does not know when there is more to read', when: checked({ isWhole: false }), to, says: says('unknown') },
    { rule: 'Y10', does: 'does not know of a message from before it began to remember', when: checked({ matches: ['a'], receivedAt: -1 }), to, says: says('unknown') },
    { rule: 'Y11', does: 'tries again after hours', given: [checked({ class: 'rejectedTarget', code: 11253 })], when: elapsed(ownMessagesMachine, 'permissionMs'), to },
  ]);

  test('[limit ownMessages] the oldest are forgotten, and what they could be mistaken for is not told apart', () => {
    const folder = folderOf(ownMessagesMachine);
    let fold = folder.start({ ...input, at: 0 });
    for (let i = 0; i <= OWN_MESSAGES_MAX; i += 1) fold = folder.transition(fold.snapshot, { ...sent(`m${i}`), at: 10 + i, id: 'e' });
    const { known, since } = fold.snapshot.context as OwnMessagesContext;
    expect([known.length, known[0]?.message, since]).toEqual([OWN_MESSAGES_MAX, 'm1', 10]);
  });
});
