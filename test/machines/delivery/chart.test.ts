import { describe, expect, test } from '@jest/globals';
import { folderOf } from '../../../src/actors/charts/inertScope.js';
import { deliveryMachine } from '../../../src/machines/delivery/chart.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { type Event, elapsed, testRows } from '../rows.js';

const options = {
  retry: defaultOptions.retry,
  delivery: defaultOptions.delivery,
  lane: defaultOptions.lane,
  timeoutMs: 30_000,
};
const short = { ...options, delivery: { ...options.delivery, textMax: 100 } };
const { barredMs: _unknown, ...delivery } = options.delivery;
const unpaused = { ...options, delivery };
const atMostOnce = { ...options, delivery: { ...options.delivery, uncertainReplies: 'atMostOnce' } };
const input = {
  id: 'delivery:m7.0',
  message: 'message:m7',
  messageId: 'm7',
  ordinal: 0,
  place: { kind: 'guild', guildId: 'g', channelId: 'c3' },
  lane: 'lane:c3',
  author: 'u1',
  receivedAt: 0,
  form: { text: 'pong', embed: true },
  operator: false,
  options,
  locale: 'en',
  at: 0,
};
const long = { options: short, form: { text: `${'a'.repeat(90)}\n${'b'.repeat(90)}\n${'c'.repeat(50)}`, embed: true } };
const inGroup = { place: { kind: 'group', guildId: '', channelId: 'G' } };
const LATE = 300_000;
const turn: Event = { type: 'turn.granted', deliveries: ['delivery:m7.0'] };
const permit: Event = {
  type: 'permit.granted',
  delivery: 'delivery:m7.0',
  breaker: 'breaker:messages',
  permit: { id: 'p', generation: 3 },
  probe: false,
};
const succeeded = (kind = 'ok'): Event => ({
  type: 'call.succeeded',
  effectId: 'x',
  class: kind,
  status: 200,
  code: null,
  latencyMs: 9,
  messageId: 'r',
  breakerOpen: false,
});
const failed = (kind: string, more: object = {}): Event => ({
  type: 'call.failed',
  effectId: 'x',
  class: kind,
  status: 500,
  code: null,
  latencyMs: 9,
  retryAfterMs: null,
  traceId: null,
  breakerOpen: false,
  ...more,
});
const shutOut = (at = 0): Event => ({ ...failed('fatal', { code: 11298, status: 401 }), at });
const interrupted: Event = { type: 'effect.interrupted', effectId: 'x' };
const timer = (name: string, at = 0): Event => elapsed(deliveryMachine, name, at);
const audited = (passed: boolean): Event => ({ type: 'audit.ended', delivery: 'delivery:m7.0', passed, message: 'r' });
const picture = { form: { text: 'look', embed: false, image: 'https://p.example/a.png' } };
const pictureInGroup = { ...picture, place: { kind: 'group', guildId: '', channelId: 'G' } };
const missing: Event = { ...failed('local', { status: null, code: 'NOT_UPLOADED' }), upload: true };
const mayUpload: Event = { ...(permit as Event & object), breaker: 'breaker:uploads' };
const unloaded = failed('transient', { status: 504 });
const uploaded = succeeded();
const spentBudget = failed('throttled', { code: 22009, status: 200 });
const sending = [turn, permit];
const awaitingUpload = [...sending, missing];
const uploading = [...awaitingUpload, mayUpload];
const again = [unloaded, timer('backOffMs'), turn, permit, missing, mayUpload];
const byReserved: Event[] = [turn, { ...(permit as Event & object), breaker: 'breaker:operator' }];
const retry = [failed('transient'), timer('backOffMs'), turn, permit];

/** In doubt, and reading its channel. */
const readable = { readsBack: true };
const doubted: Event = elapsed(deliveryMachine, 'doubtMs');
const reading = [...sending, interrupted, doubted, permit];
const settled = (verdict: string, at = 0): Event => ({ type: 'doubt.settled', delivery: 'delivery:m7.0', verdict, at });

describe('[core 37] what a lane is told of its target', () => {
  const told = (given: readonly Event[], change: object = {}): unknown => {
    const folder = folderOf(deliveryMachine);
    let fold = folder.start({ ...input, ...change } as never);
    for (const [n, event] of given.entries()) fold = folder.transition(fold.snapshot, { at: 0, id: `e${n}`, ...event } as never);
    return (fold.emitted.find(({ type }) => type === 'turn.returned') as { answered?: boolean } | undefined)?.answered;
  };

  test('[D5] a failure of a send is one of the target', () => {
    expect(told([...sending, failed('transient')])).toBe(false);
  });
  test('[D9] an answer is one of the target', () => {
    expect(told([...sending, succeeded()])).toBe(true);
  });
  test('[D5] a failure while the breaker is open says nothing of one target', () => {
    expect(told([...byReserved, failed('transient', { breakerOpen: true })])).toBeUndefined();
  });
  test('[D70] a failed upload says nothing of it: what uploads do is judged at their own breaker', () => {
    expect(told([...uploading, unloaded], pictureInGroup)).toBeUndefined();
  });
});

describe(deliveryMachine.id, () => {
  testRows(deliveryMachine, input, [
    { rule: 'D1', does: 'asks its lane for a turn', when: 'start', to: 'queued' },
    {
      rule: 'D2',
      does: 'asks the breaker for a permit on its turn',
      when: turn,
      to: 'awaitingPermit',
      says: { type: 'permit.requested', delivery: 'delivery:m7.0', deadline: LATE },
    },
    {
      rule: 'D3',
      does: 'sends the best form with its permit',
      given: [turn],
      when: permit,
      to: 'sending',
      says: {
        type: 'call.start',
        rung: 'embed',
        msgId: 'm7',
        attempt: 1,
        permit: { id: 'p', generation: 3 },
        late: false,
      },
    },
    {
      rule: 'D4',
      does: 'comes again later when the breaker has no room, without spending an attempt',
      given: [turn],
      when: { type: 'permit.denied', delivery: 'd' },
      to: 'backingOff',
      emits: ['turn.returned'],
      context: { attempt: 0 },
    },
    {
      rule: 'D5',
      does: 'backs off after a transient failure and gives its turn back',
      given: sending,
      when: failed('transient'),
      to: 'backingOff',
      emits: ['turn.returned'],
      context: { permit: null, attempt: 1 },
    },
    {
      rule: 'D6',
      does: 'waits at the breaker when it is open',
      given: sending,
      when: failed('transient', { breakerOpen: true }),
      to: 'awaitingPermit',
      emits: ['permit.requested'],
    },
    { rule: 'D5', does: '[core 37] backs off after a call by the reserved breaker, whose permits judge nothing', given: byReserved, when: failed('transient', { breakerOpen: true }), to: 'backingOff', emits: ['turn.returned'], context: { attempt: 1 } },
    { rule: 'D5', does: '[core 15] backs off where the token is refused by the reserved breaker, which waits for none', given: byReserved, when: failed('auth', { status: 401, breakerOpen: true }), to: 'backingOff', context: { attempt: 1 } },
    {
      rule: 'D7',
      does: 'goes on by the slow schedule when the quick retries are spent',
      given: [...sending, ...retry, ...retry, ...retry],
      when: failed('transient'),
      to: 'backingOff',
      context: { attempt: 4 },
    },
    { rule: 'D8', does: 'waits for the audit of an accepted message', given: sending, when: succeeded('underAudit'), to: 'underAudit', emits: ['turn.returned', 'audit.awaited'] },
    {
      rule: 'D9',
      does: 'ends delivered',
      given: sending,
      when: succeeded(),
      to: 'delivered',
      emits: ['turn.returned', 'delivery.ended'],
      says: { type: 'delivery.ended', verdict: 'delivered', reason: null },
    },
    { rule: 'D9', does: 'takes a duplicate for delivered', given: sending, when: succeeded('duplicate'), to: 'delivered' },
    {
      rule: 'D10',
      does: 'ends dead when refused for good',
      given: sending,
      when: failed('rejectedTarget', { code: 304026 }),
      to: 'deadLettered',
      says: { type: 'delivery.ended', verdict: 'deadLettered', reason: 'rejectedTarget 304026' },
    },
    {
      rule: 'D51',
      does: 'waits and spends no attempt when this machine is not on the whitelist',
      given: sending,
      when: shutOut(),
      to: 'backingOff',
      context: { attempt: 0, reason: 'fatal 11298' },
      emits: ['turn.returned'],
    },
    { rule: 'D51', does: 'waits while the bot is muted', given: sending, when: failed('rejectedTarget', { code: 40054002 }), to: 'backingOff', context: { attempt: 0 } },
    { rule: 'D15', does: 'is dead when QQ does not let this machine in and the window has ended', given: sending, when: shutOut(LATE), to: 'deadLettered' },
    { rule: 'D10', does: 'is dead at once in lives that knew no pause for a machine that is not let in', input: { options: unpaused }, given: sending, when: shutOut(), to: 'deadLettered' },
    { rule: 'D10', does: 'is dead at once when that is wanted of a machine that is not let in', input: { options: { ...options, delivery: { ...options.delivery, barredMs: 0 } } }, given: sending, when: shutOut(), to: 'deadLettered' },
    {
      rule: 'D11',
      does: 'steps down to text when the embed is refused',
      given: sending,
      when: failed('rejectedForm', { code: 50037 }),
      to: 'steppingDown',
      context: { rungs: ['text'] },
    },
    {
      rule: 'D11',
      does: 'steps down to the lean embed when the embed is too long',
      given: sending,
      when: failed('rejectedForm', { code: 304005 }),
      to: 'steppingDown',
      context: { rungs: ['leanEmbed', 'text'] },
    },
    {
      rule: 'D12',
      does: 'ends dead when the last form is refused',
      input: { form: { text: 'x', embed: false } },
      given: sending,
      when: failed('rejectedForm'),
      to: 'deadLettered',
    },
    {
      rule: 'D13',
      does: 'ends uncertain after an ambiguous end when at most once is wanted',
      input: { options: atMostOnce },
      given: sending,
      when: failed('ambiguous'),
      to: 'uncertain',
    },
    {
      rule: 'D14',
      does: 'ends uncertain when perhaps sent and the window is over',
      given: sending,
      when: failed('ambiguous', { at: LATE }),
      to: 'uncertain',
    },
    {
      rule: 'D15',
      does: 'ends dead when failed and the window is over',
      given: sending,
      when: failed('transient', { at: LATE }),
      to: 'deadLettered',
    },
    {
      rule: 'D16',
      does: 'pauses its lane when throttled, without spending an attempt',
      given: sending,
      when: failed('throttled', { retryAfterMs: 2_000 }),
      to: 'backingOff',
      says: { type: 'turn.returned', blockedMs: 2_000 },
      context: { attempt: 0, pauseMs: 2_000 },
    },
    {
      rule: 'D17',
      does: 'ends uncertain when cut off and at most once is wanted',
      input: { options: atMostOnce },
      given: sending,
      when: interrupted,
      to: 'uncertain',
      says: { type: 'delivery.ended', verdict: 'uncertain' },
    },
    {
      rule: 'D18',
      does: 'ends uncertain when cut off and the window is over',
      given: sending,
      when: { ...interrupted, at: LATE },
      to: 'uncertain',
    },
    {
      rule: 'D19',
      does: 'sends again when cut off, and counts as uncertain',
      given: sending,
      when: interrupted,
      to: 'awaitingPermit',
      emits: ['permit.requested'],
      context: { uncertain: true },
    },
    {
      rule: 'D20',
      does: 'ends dead when its window ends while it waits',
      given: [turn],
      when: timer('windowMs', LATE),
      to: 'deadLettered',
      emits: ['turn.returned', 'delivery.ended'],
      says: { type: 'delivery.ended', reason: 'reply window ended' },
    },
    {
      rule: 'D21',
      does: 'ends dead when the lane is full',
      when: { type: 'turn.denied', delivery: 'd' },
      to: 'deadLettered',
      says: { type: 'delivery.ended', reason: 'turn.denied' },
    },
    {
      rule: 'D22',
      does: 'ends dead when the adapter fails',
      given: sending,
      when: { type: 'effect.failed', effectId: 'x', error: 'E' },
      to: 'deadLettered',
      emits: ['turn.returned', 'delivery.ended'],
    },
    { rule: 'D23', does: 'tries the next form after the pause', given: [...sending, failed('rejectedForm')], when: timer('rungPauseMs'), to: 'awaitingPermit' },
    { rule: 'D24', does: 'asks for a turn again after the pause', given: [...sending, failed('transient')], when: timer('backOffMs'), to: 'queued', emits: ['turn.requested'] },
    { rule: 'D25', does: 'takes silence of the audit for acceptance', given: [...sending, succeeded('underAudit')], when: timer('auditMs'), to: 'delivered' },
    { rule: 'D26', does: 'goes on to the next part of a long text', input: long, given: sending, when: succeeded(), to: 'continuing', context: { sent: 1, part: { number: 1, of: 3, text: `${'a'.repeat(90)}\n` }, rest: `${'b'.repeat(90)}\n${'c'.repeat(50)}` } },
    { rule: 'D32', does: 'sends the next part when the pace allows', input: long, given: [...sending, succeeded()], when: timer('partPauseMs'), to: 'awaitingPermit', emits: ['permit.requested'] },
    {
      rule: 'D3',
      does: '[core 22] goes on as text, once a part is there, when a better form may be sent again',
      input: { options: short, form: { text: 'a'.repeat(95), embed: false, image: 'https://p.example/a.png' } },
      given: [turn, { ...permit, off: ['fileUploads', 'richEmbeds'] }, succeeded(), timer('partPauseMs')],
      when: { ...permit, off: [] },
      to: 'sending',
      says: { type: 'call.start', rung: 'text', part: { number: 2 } },
    },
    {
      rule: 'D27',
      does: 'leaves out links that QQ refuses, and tells the author which',
      input: { form: { text: 'see https://docs.example.com/a?b=1 and wiki.example.cn', embed: true } },
      given: sending,
      when: failed('local', { code: 304003 }),
      to: 'steppingDown',
      context: { without: ['links'] },
      says: { type: 'module.notify', event: 'linksRefused', message: 'm7', reason: 'docs.example.com, wiki.example.cn' },
    },
    { rule: 'D10', does: 'is dead when QQ refuses links that are not there', given: [...sending, failed('local', { code: 40054010 }), timer('rungPauseMs'), permit], when: failed('local', { code: 40054010 }), to: 'deadLettered' },
    { rule: 'D28', does: 'does without @everyone when none is left today', given: sending, when: failed('throttled', { code: 304019 }), to: 'steppingDown', context: { without: ['everyone'] } },
    { rule: 'D29', does: 'cuts a text that is too long for QQ into shorter parts', input: { form: { text: 'x'.repeat(300), embed: false } }, given: sending, when: failed('local', { code: 40054007 }), to: 'steppingDown', context: { textMax: 150 } },
    { rule: 'D10', does: 'is dead when even the shortest part is too long', input: { form: { text: 'x'.repeat(60), embed: false } }, given: sending, when: failed('local', { code: 40054018 }), to: 'deadLettered' },
    {
      rule: 'D30',
      does: 'sends the link of a picture that cannot be had, after one more try',
      input: picture,
      given: [...sending, failed('transient', { code: 304082 }), timer('backOffMs'), turn, permit],
      when: failed('transient', { code: 304082 }),
      to: 'steppingDown',
      context: { rungs: ['text'] },
    },
    { rule: 'D30', does: 'sends the name of a picture that cannot be read at once', input: picture, given: sending, when: failed('local', { code: 'FILE_UNREADABLE' }), to: 'steppingDown', context: { rungs: ['text'] } },
    { rule: 'D31', does: 'repeats under the same key what a kill cut off', input: inGroup, given: sending, when: interrupted, to: 'awaitingPermit', context: { turns: 0 } },
    { rule: 'D35', does: 'looks into its channel before it sends again', input: readable, given: sending, when: interrupted, to: 'doubting', emits: [], context: { isOut: true, uncertain: false } },
    { rule: 'D19', does: 'sends again at once in a form that a channel does not show as it was', input: { ...readable, form: { text: 'x', markdown: '**x**' } }, given: sending, when: interrupted, to: 'awaitingPermit', context: { uncertain: true } },
    { rule: 'D36', does: 'looks when the answer was lost', input: readable, given: sending, when: failed('ambiguous'), to: 'doubting' },
    { rule: 'D37', does: 'waits until what was under way has arrived', input: readable, given: [...sending, interrupted], when: doubted, to: 'awaitingReading', emits: ['permit.requested'] },
    { rule: 'D38', does: 'reads under a permit', input: readable, given: [...sending, interrupted, doubted], when: permit, to: 'reading', says: { type: 'channel.check', msgId: 'm7', rung: 'embed', permit: { id: 'p', generation: 3 } } },
    { rule: 'D39', does: 'stays in doubt without room at the breaker', input: readable, given: [...sending, interrupted, doubted], when: { type: 'permit.denied', delivery: 'delivery:m7.0' }, to: 'awaitingPermit', context: { uncertain: true } },
    { rule: 'D40', does: 'stays in doubt without a permit for long', input: readable, given: [...sending, interrupted, doubted], when: elapsed(deliveryMachine, 'readingWaitMs'), to: 'awaitingPermit', context: { uncertain: true } },
    { rule: 'D41', does: 'goes on with the next part when this one is there', input: { ...readable, options: short, form: long.form }, given: reading, when: settled('there'), to: 'continuing', context: { sent: 1, isOut: false } },
    { rule: 'D42', does: 'is delivered when it is there', input: readable, given: reading, when: settled('there'), to: 'delivered', says: { type: 'delivery.ended', verdict: 'delivered' } },
    { rule: 'D43', does: 'is dead when it is not there and the window has ended', input: readable, given: reading, when: settled('absent', LATE), to: 'deadLettered', says: { type: 'delivery.ended', verdict: 'deadLettered', reason: 'reply window ended' } },
    { rule: 'D44', does: 'is sent again when it is not there, and nothing is uncertain', input: readable, given: reading, when: settled('absent'), to: 'backingOff', context: { uncertain: false, isOut: false } },
    { rule: 'D45', does: 'stays in doubt when it cannot be told', input: readable, given: reading, when: settled('unknown'), to: 'awaitingPermit' },
    { rule: 'D74', does: 'stays in doubt while our token is refused, and reads again with another', input: readable, given: reading, when: settled('again'), to: 'doubting', context: { permit: null, isOut: true } },
    { rule: 'D46', does: 'reads again when a kill cut the reading off', input: readable, given: reading, when: interrupted, to: 'awaitingReading', context: { permit: null, isOut: true } },
    { rule: 'D47', does: 'stays in doubt when the adapter fails', input: readable, given: reading, when: { type: 'effect.failed', effectId: 'x', error: 'E' }, to: 'awaitingPermit', emits: ['permit.requested'] },
    { rule: 'D48', does: 'ends uncertain in doubt when at most once is wanted', input: { ...readable, options: atMostOnce }, given: reading, when: settled('unknown'), to: 'uncertain' },
    { rule: 'D49', does: 'ends uncertain in doubt when the window has ended', input: readable, given: reading, when: settled('unknown', LATE), to: 'uncertain', says: { type: 'delivery.ended', verdict: 'uncertain' } },
    { rule: 'D50', does: 'is sent again in doubt, and counted as uncertain', input: readable, given: reading, when: settled('unknown'), to: 'awaitingPermit', context: { uncertain: true, isOut: false } },
    { rule: 'D57', does: '[case B3] waits for another token, without spending an attempt', given: sending, when: failed('auth', { status: 401 }), to: 'awaitingPermit', emits: ['permit.requested'], context: { attempt: 0 } },
    {
      rule: 'D59',
      does: '[case B2] [core 37] uploads a picture that is not there yet first, without spending an attempt',
      input: pictureInGroup,
      given: sending,
      when: missing,
      to: 'awaitingUpload',
      says: { type: 'permit.requested', breaker: 'breaker:uploads', waits: false, target: 'lane:c3' },
      context: { attempt: 0, rungs: ['image', 'text'] },
    },
    {
      rule: 'D58',
      does: '[case B2] [core 37] lets the text go alone when the picture is not there after the quick tries',
      input: pictureInGroup,
      given: [...uploading, ...again, ...again, ...again, uploaded, permit],
      when: missing,
      to: 'steppingDown',
      context: { turns: 0, rungs: ['text'], attempt: 0 },
    },
    { rule: 'D62', does: 'gives a permit to upload back after the window', input: pictureInGroup, given: awaitingUpload, when: { ...mayUpload, at: LATE }, to: 'deadLettered', emits: ['permit.released', 'turn.returned', 'delivery.ended'] },
    { rule: 'D63', does: 'uploads under a permit', input: pictureInGroup, given: awaitingUpload, when: mayUpload, to: 'uploading', says: { type: 'picture.upload', breaker: 'breaker:uploads', picture: { image: 'https://p.example/a.png' }, attempt: 1, timeoutMs: 15_000 } },
    { rule: 'D64', does: '[core 37] lets the text go alone when no picture can be uploaded now', input: pictureInGroup, given: awaitingUpload, when: { type: 'permit.denied', delivery: 'delivery:m7.0' }, to: 'steppingDown', context: { turns: 0, rungs: ['text'] } },
    { rule: 'D56', does: 'hears after the window that no picture can be uploaded', input: pictureInGroup, given: awaitingUpload, when: { type: 'permit.denied', delivery: 'delivery:m7.0', at: LATE }, to: 'deadLettered' },
    { rule: 'D65', does: '[core 37] lets the text go alone without a permit for long, and waits no more', input: pictureInGroup, given: awaitingUpload, when: timer('uploadWaitMs'), to: 'steppingDown', emits: ['permit.cancelled'], context: { turns: 0, rungs: ['text'] } },
    { rule: 'D66', does: 'asks to send once the picture is there', input: pictureInGroup, given: uploading, when: uploaded, to: 'awaitingPermit', emits: ['permit.requested'], context: { permit: null, rungs: ['image', 'text'] } },
    { rule: 'D56', does: 'sends no picture that was there after the window', input: pictureInGroup, given: uploading, when: { ...uploaded, at: LATE }, to: 'deadLettered' },
    { rule: 'D67', does: 'waits for another token, and no try is spent', input: pictureInGroup, given: uploading, when: failed('auth', { status: 401 }), to: 'awaitingUpload', context: { uploads: { tries: 0, since: 0 } } },
    { rule: 'D68', does: 'lets the text go alone when QQ takes no such picture, and tells the feature', input: pictureInGroup, given: uploading, when: failed('rejectedForm', { code: 850019 }), to: 'steppingDown', context: { turns: 0 }, says: { type: 'form.refused', feature: 'fileUploads' } },
    { rule: 'D69', does: '[case B2] [core 37] lets the text go alone when the quick tries are spent', input: pictureInGroup, given: [...uploading, ...again, ...again, ...again], when: unloaded, to: 'steppingDown', context: { turns: 0, attempt: 0, rungs: ['text'], uploads: { tries: 4, since: 0 } } },
    { rule: 'D69', does: '[core 37] lets the text go alone when the breaker for uploads has opened', input: pictureInGroup, given: uploading, when: { ...unloaded, breakerOpen: true }, to: 'steppingDown', context: { turns: 0 } },
    { rule: 'D69', does: '[core 37] lets the text go alone when uploading has taken as long as it may', input: pictureInGroup, given: uploading, when: { ...unloaded, at: 15_000 }, to: 'steppingDown', context: { turns: 0 } },
    { rule: 'D69', does: 'lets the text go alone when the picture itself is at fault', input: pictureInGroup, given: uploading, when: failed('local', { code: 'FILE_UNREADABLE' }), to: 'steppingDown', context: { turns: 0 } },
    { rule: 'D69', does: 'lets the text go alone when the picture itself is at fault again', input: pictureInGroup, given: [...uploading, ...again], when: failed('transient', { code: 850026 }), to: 'steppingDown', context: { turns: 0 } },
    { rule: 'D70', does: '[case B2] tries again quickly, from the end of its lane', input: pictureInGroup, given: uploading, when: unloaded, to: 'backingOff', emits: ['turn.returned'], context: { attempt: 0, rungs: ['image', 'text'] } },
    { rule: 'D71', does: '[core 22] under the key that a call with the picture may have: lets the text go alone when it was cut off at the last try', input: pictureInGroup, given: [...uploading, ...again, ...again, ...again], when: interrupted, to: 'steppingDown', context: { turns: 0 } },
    { rule: 'D72', does: 'uploads again what a kill cut off', input: pictureInGroup, given: uploading, when: interrupted, to: 'awaitingUpload', emits: ['permit.requested'], context: { uploads: { tries: 1, since: 0 } } },
    { rule: 'D73', does: 'lets the text go alone when the adapter fails', input: pictureInGroup, given: uploading, when: { type: 'effect.failed', effectId: 'x', error: 'E' }, to: 'steppingDown', context: { turns: 0 } },
    { rule: 'D20', does: 'is dead when its window ends while it uploads', input: pictureInGroup, given: uploading, when: timer('windowMs', LATE), to: 'deadLettered', says: { type: 'delivery.ended', verdict: 'deadLettered' } },
    {
      rule: 'D60',
      does: '[case B4] pauses when QQ takes no more replies to its message, and leaves its lane alone',
      input: inGroup,
      given: sending,
      when: spentBudget,
      to: 'backingOff',
      emits: ['budget.spent', 'turn.returned'],
      says: { type: 'turn.returned', blockedMs: null },
      context: { pauseMs: 60_000, attempt: 0 },
    },
    { rule: 'D60', does: '[case B4] pauses for longer each time, to a longest', input: inGroup, given: [...sending, ...[1, 2, 3].flatMap(() => [spentBudget, timer('backOffMs'), turn, permit])], when: spentBudget, to: 'backingOff', context: { pauseMs: 300_000, refusals: 4 } },
    { rule: 'D61', does: '[case B4] waits as long as the one that was refused', when: { type: 'budget.spent', delivery: 'delivery:m7.1', message: 'message:m7', pauseMs: 120_000 }, to: 'backingOff', emits: ['turn.returned'], context: { pauseMs: 120_000 } },
    { rule: 'D52', does: 'is dead at once when its window ended before it was born', input: { at: 400_000 }, when: 'start', to: 'deadLettered', says: { type: 'delivery.ended', verdict: 'deadLettered', reason: 'reply window ended' } },
    {
      rule: 'D53',
      does: 'gives back a permit that comes after the window',
      given: [turn],
      when: { ...permit, at: LATE },
      to: 'deadLettered',
      emits: ['permit.released', 'turn.returned', 'delivery.ended'],
      says: { type: 'permit.released', breaker: 'breaker:messages', permit: { id: 'p', generation: 3 } },
    },
    { rule: 'D54', does: 'is dead when the window ends between two parts', input: long, given: sending, when: { ...succeeded(), at: LATE }, to: 'deadLettered', says: { type: 'turn.returned', startedAt: 0 } },
    { rule: 'D55', does: 'is dead when a part is found and the window has ended', input: { ...readable, options: short, form: long.form }, given: reading, when: settled('there', LATE), to: 'deadLettered' },
    { rule: 'D56', does: 'wants no turn after the window', when: { ...turn, at: LATE }, to: 'deadLettered', emits: ['turn.returned', 'delivery.ended'] },
    { rule: 'D56', does: 'does not come again when it is refused a permit after the window', given: [turn], when: { type: 'permit.denied', delivery: 'delivery:m7.0', at: LATE }, to: 'deadLettered' },
    { rule: 'D20', does: 'counts the part just sent for the pace of its lane when the window ends before the next', input: long, given: [...sending, succeeded()], when: timer('windowMs', LATE), to: 'deadLettered', says: { type: 'turn.returned', startedAt: 0 } },
    { rule: 'D33', does: 'is delivered when the audit lets it pass', given: [...sending, succeeded('underAudit')], when: audited(true), to: 'delivered' },
    { rule: 'D34', does: 'is dead when the audit refuses it', given: [...sending, succeeded('underAudit')], when: audited(false), to: 'deadLettered', says: { type: 'delivery.ended', verdict: 'deadLettered', reason: 'refused by the audit' } },
  ]);

  test('[limit text] [D26] a long text goes in numbered parts, in order, each once, and ends when the last is there', () => {
    const folder = folderOf(deliveryMachine);
    let fold = folder.start({ ...input, ...long, ...inGroup });
    const parts: unknown[] = [];
    for (const event of [turn, permit, succeeded(), timer('partPauseMs'), permit, failed('transient'), timer('backOffMs'), turn, permit, succeeded(), timer('partPauseMs'), permit, succeeded()]) {
      fold = folder.transition(fold.snapshot, { at: 0, id: 'e', ...event });
      const call = fold.emitted.find((e) => e.type === 'call.start') as { part?: { number: number; of: number; text: string }; seq?: number } | undefined;
      if (call) parts.push([call.part?.number, call.part?.of, call.part?.text, call.seq]);
    }
    const [a, b, c] = ['a'.repeat(90), 'b'.repeat(90), 'c'.repeat(50)];
    expect(parts).toEqual([
      [1, 3, `${a}\n`, 1],
      [2, 3, `${b}\n`, 2],
      [2, 3, `${b}\n`, 2],
      [3, 3, c, 3],
    ]);
    expect(fold.emitted.find((e) => e.type === 'delivery.ended')).toMatchObject({ verdict: 'delivered' });
  });

  test('[D31] a keyed reply that was cut off and then delivered is delivered, not uncertain', () => {
    const folder = folderOf(deliveryMachine);
    let fold = folder.start({ ...input, ...inGroup });
    const seqs: unknown[] = [];
    for (const event of [...sending, interrupted, permit, succeeded('duplicate')]) {
      fold = folder.transition(fold.snapshot, { at: 0, id: 'e', ...event });
      seqs.push(...fold.emitted.filter((e) => e.type === 'call.start').map((e) => (e as unknown as { seq: number }).seq));
    }
    expect(seqs).toEqual([1, 1]);
    expect(fold.emitted.find((e) => e.type === 'delivery.ended')).toMatchObject({ verdict: 'delivered' });
  });

  test('[D11] a form that was refused and the next one have keys of their own', () => {
    const folder = folderOf(deliveryMachine);
    let fold = folder.start({ ...input, ...inGroup, ordinal: 2, form: { text: 't', embed: true, buttons: [{ label: 'a', command: 'a' }] } });
    const calls: unknown[] = [];
    for (const event of [...sending, failed('rejectedForm'), timer('rungPauseMs'), permit]) {
      fold = folder.transition(fold.snapshot, { at: 0, id: 'e', ...event });
      calls.push(...fold.emitted.filter((e) => e.type === 'call.start').map((e) => [(e as unknown as { rung: string }).rung, (e as unknown as { seq: number }).seq]));
    }
    expect(calls).toEqual([
      ['keyboard', 2_001],
      ['text', 2_002],
    ]);
  });

  test.each([
    ['keyboard, card, embed, picture, text in a guild', 'guild', { embed: true, image: 'https://p/a.png', buttons: [{ label: 'a', command: 'a' }], ark: { template: 23, values: [] } }, ['keyboard', 'ark', 'embed', 'leanEmbed', 'image', 'text']],
    ['no embed in a group', 'group', { embed: true, image: 'https://p/a.png', buttons: [{ label: 'a', command: 'a' }] }, ['keyboard', 'image', 'text']],
    ['Markdown needs no buttons', 'c2c', { embed: true, markdown: '# a' }, ['keyboard', 'text']],
  ])('[D3] the ladder of forms: %s', (_, kind, form, rungs) => {
    const { snapshot } = folderOf(deliveryMachine).start({ ...input, place: { ...input.place, kind }, form: { text: 't', ...form } });
    expect((snapshot.context as { rungs: unknown }).rungs).toEqual(rungs);
  });

  test('[D20] leaves a call that is out alone when the window ends', () => {
    const folder = folderOf(deliveryMachine);
    let fold = folder.start(input);
    for (const event of [...sending, timer('windowMs', LATE)]) fold = folder.transition(fold.snapshot, { at: 0, id: 'e', ...event });
    expect(fold.snapshot.value).toBe('sending');
    fold = folder.transition(fold.snapshot, { id: 'e', ...succeeded(), at: LATE + 5 });
    expect(fold.snapshot.value).toBe('delivered');
  });

  test('[D9] counts a delivery that was cut off and then delivered as uncertain', () => {
    const folder = folderOf(deliveryMachine);
    let fold = folder.start(input);
    for (const event of [...sending, interrupted, permit, succeeded()]) fold = folder.transition(fold.snapshot, { at: 0, id: 'e', ...event });
    expect(fold.emitted.find((e) => e.type === 'delivery.ended')).toMatchObject({ verdict: 'uncertain' });
  });

  test('[D3] says that it is late after 10 s', () => {
    const folder = folderOf(deliveryMachine);
    let fold = folder.start(input);
    for (const event of [turn, { ...permit, at: 10_001 }]) fold = folder.transition(fold.snapshot, { at: 0, id: 'e', ...event });
    expect(fold.emitted[0]).toMatchObject({ type: 'call.start', late: true });
  });

  test.each([1, 2, 3])('[D5] backs off with full jitter within base x factor^n on retry %i', (retries) => {
    const folder = folderOf(deliveryMachine);
    for (let seed = 0; seed < 50; seed += 1) {
      let fold = folder.start(input);
      const rounds = Array.from({ length: retries - 1 }, () => retry).flat();
      for (const event of [...sending, ...rounds, failed('transient')]) fold = folder.transition(fold.snapshot, { at: 0, id: `${seed}`, ...event });
      const { pauseMs } = fold.snapshot.context as { pauseMs: number };
      expect(pauseMs).toBeGreaterThanOrEqual(0);
      expect(pauseMs).toBeLessThanOrEqual(1_000 * 2 ** (retries - 1));
    }
  });
});
