import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { BotModule, Delivered } from '../../src/adapters/author/authorModule.js';
import { type BotOptions, defaultOptions } from '../../src/machines/vocabulary/options/options.js';
import { closeRigs, type Rig, startRig, temporaryFolder, until } from './rig.js';

afterEach(closeRigs);

/** Everything on, and waits of a second take moments. */
const quick: BotOptions = {
  ...defaultOptions,
  lane: { ...defaultOptions.lane, paceMax: 1_000, paceMs: 20 },
  delivery: { ...defaultOptions.delivery, rungPauseMs: 5, textMax: 200 },
};
const echo: BotModule = {
  on: { 'audit.passed': () => undefined },
  onGroupMessage: (ctx) => `said: ${ctx.message.content}`,
  onButton: (ctx) => `pressed: ${ctx.message.content}`,
  onMessage: (ctx) => ctx.reply({ text: ctx.message.content, embed: false }),
};
/** The same in guilds and outside. */
const onBoth = (run: NonNullable<BotModule['onMessage']>): BotModule => ({ onMessage: run, onGroupMessage: run });
const accepted = (rig: Rig) => rig.simulator.replies().filter((reply) => reply.accepted);
const start = (module: BotModule = echo, more: Parameters<typeof startRig>[0] = {}) =>
  startRig({ module, options: quick, ...more });

describe('groups and c2c', () => {
  test.each(['group', 'c2c'] as const)('a message of a %s is answered there, as text, under a key', async (kind) => {
    const rig = await start();
    expect(await rig.ask('hello &', { kind, channelId: 'O1', author: { id: 'U1' } })).toEqual(['said: hello &']);
    expect(accepted(rig)[0]).toMatchObject({ kind, channelId: 'O1', form: 'text', msgSeq: 1 });
  });
  test.each([
    ['the copy with the mention first', null],
    ['the overheard copy first', { kind: 'reorder', event: 'GROUP_AT_MESSAGE_CREATE' }],
  ] as const)('a mention that a group tells twice is answered once: %s', async (_what, fault) => {
    const rig = await start({ on: { 'contact.changed': () => undefined } });
    await rig.simulator.addBot({ appId: 'test-app', hearsGroups: true });
    if (fault) rig.simulator.addFault(fault);
    expect(await rig.ask('hello', { kind: 'group', channelId: 'G' })).toEqual([
      'Command processed with recovery protection',
    ]);
    const events = await rig.get<{ fact: { type: string; message: unknown } }[]>('/records?limit=1000');
    expect(events.filter(({ fact }) => fact.type === 'message.duplicated')).toHaveLength(1);
    rig.simulator.clearFaults();
    rig.simulator.postMessage({ kind: 'group', channelId: 'G', content: 'among users', mention: false });
    await until('the silence', async () => JSON.stringify(await rig.get('/healthz')).includes('"silent":1'));
    expect(accepted(rig)).toHaveLength(1);
  });
  test('several replies have keys of their own', async () => {
    const rig = await start({
      async onGroupMessage(ctx) {
        for (const word of ['one', 'two', 'three']) await ctx.reply(word);
      },
    });
    expect(await rig.ask('go', { kind: 'group', channelId: 'G', answers: 3 })).toEqual(['one', 'two', 'three']);
    expect(new Set(accepted(rig).map(({ msgSeq }) => msgSeq)).size).toBe(3);
  });
  test('an answer that was lost is sent again under its key, and QQ keeps one', async () => {
    const rig = await start();
    rig.simulator.addFault({ kind: 'reset', afterAccept: true, count: 1, route: 'messages' });
    await rig.ask('hello', { kind: 'group', channelId: 'G' });
    await until('the second try', () => rig.simulator.calls().some(({ code }) => code === 40054005));
    expect(accepted(rig)).toHaveLength(1);
    await until('its end', async () => JSON.stringify(await rig.get('/healthz')).includes('"answered":1'));
  });
  test('admins of a group are its owner and its admins', async () => {
    const rig = await start({
      ...echo,
      commands: [{ name: 'secret', description: 'x', admin: true, run: () => 'yes' }],
    });
    const ask = (role: string) =>
      rig.ask('/secret', { kind: 'group', channelId: 'G', author: { id: role, memberRole: role } });
    expect([await ask('owner'), await ask('admin')]).toEqual([['yes'], ['yes']]);
    expect((await ask('member'))[0]).toContain('Only admins');
  });
  test('a picture is uploaded, and refused becomes its link', async () => {
    const rig = await start({
      onGroupMessage: (ctx) => ctx.reply({ text: 'look', image: 'https://p.example.com/a.png' }),
    });
    await rig.ask('go', { kind: 'group', channelId: 'G' });
    expect(accepted(rig)[0]).toMatchObject({ form: 'media', content: 'look' });
    rig.simulator.addFault({ kind: 'rejectMedia' });
    expect(await rig.ask('again', { kind: 'c2c', channelId: 'U' })).toEqual(['look\nhttps://p.example.com/a.png']);
  });
  test('a picture from disk is uploaded to a guild and to a group', async () => {
    const path = join(temporaryFolder(), 'cat.png');
    writeFileSync(path, Buffer.from('PNG'));
    const rig = await start({ onMessage: (ctx) => ctx.reply({ text: 'look', imageFile: path }) });
    await rig.ask('go');
    expect(accepted(rig)[0]).toMatchObject({
      form: 'image',
      content: 'look',
      body: { file_image: { filename: 'cat.png', bytes: 3 } },
    });
  });
});

describe('interactions', () => {
  test.each([
    ['group', { scene: 'group', group_openid: 'G', group_member_openid: 'A' }, 'G'],
    ['c2c', { scene: 'c2c', user_openid: 'U' }, 'U'],
  ] as const)(
    'a pressed button in a %s is acknowledged in time and answered to its event',
    async (kind, d, channelId) => {
      const rig = await start();
      const { id } = rig.simulator.postEvent('INTERACTION_CREATE', {
        ...d,
        data: { type: 11, resolved: { button_data: 'buy' } },
      });
      await until('the answer', () => accepted(rig).length > 0);
      expect(accepted(rig)[0]).toMatchObject({ kind, channelId, content: 'pressed: buy', eventId: id, msgId: null });
      expect(rig.simulator.interactions()).toMatchObject([{ code: 0, inTime: true }]);
    },
  );
  test('is acknowledged while the API fails for messages', async () => {
    const rig = await start();
    rig.simulator.addFault({ kind: 'outage', route: 'messages' });
    rig.simulator.postEvent('INTERACTION_CREATE', { scene: 'c2c', user_openid: 'U' });
    await until('the acknowledgement', () => rig.simulator.interactions().some(({ inTime }) => inTime));
    rig.simulator.clearFaults();
    await until('the answer', () => accepted(rig).length > 0);
  });
});

describe('audits', () => {
  test.each([
    ['pass', 'answered', false],
    ['reject', 'deadLettered', false],
    ['pass', 'answered', true],
    ['reject', 'deadLettered', true],
  ] as const)(
    '%s ends the reply as %s, also when it is told before the answer: %s',
    async (outcome, verdict, beforeAnswer) => {
      const rig = await start();
      rig.simulator.addFault({ kind: 'audit', outcome, auditMs: 20, beforeAnswer });
      rig.simulator.postMessage({ kind: 'guild', channelId: 'c1', content: 'hello' });
      await until(verdict, async () => JSON.stringify(await rig.get('/healthz')).includes(`"${verdict}":1`));
    },
  );
});

describe('texts that must arrive', () => {
  const lines = Array.from({ length: 30 }, (_, i) => `line ${i} ${'x'.repeat(20)}`);
  const joined = (texts: readonly string[]): string =>
    texts.map((text) => text.replace(/^\(\d+\/\d+\) /, '')).join('\n');
  test.each(['guild', 'direct', 'group', 'c2c'] as const)(
    'a long text goes to a %s in numbered parts, in order',
    async (kind) => {
      const long = lines.join('\n');
      const rig = await start(
        { ...onBoth((ctx) => ctx.reply({ text: long, embed: false })) },
        { simulator: { paceMax: 0, policies: { repliesMax: { guild: 0, direct: 0, group: 0, c2c: 0 } } } },
      );
      const texts = await rig.ask('go', { kind, channelId: 'P', answers: 5 });
      expect(texts[0]).toMatch(/^\(1\/5\) line 0/);
      expect(texts.at(-1)).toMatch(/^\(5\/5\) /);
      expect(joined(texts)).toBe(long);
    },
  );
  test('40054007: a text that QQ finds too long goes in shorter parts', async () => {
    const options = { ...quick, delivery: { ...quick.delivery, textMax: 5_000 } };
    const rig = await startRig({
      module: { onGroupMessage: (ctx) => ctx.reply(lines.join('\n')) },
      options,
      simulator: { policies: { textMax: 400 } },
    });
    await rig.ask('go', { kind: 'group', channelId: 'G' });
    await until('all of it', () => joined(accepted(rig).map(({ content }) => content)) === lines.join('\n'));
  });
  test.each([
    ['304003', 'guild'],
    ['40054010', 'group'],
  ] as const)('%s: links that QQ refuses are left out, and the author is told which to register', async (_, kind) => {
    const told: string[] = [];
    const rig = await start(
      {
        ...onBoth((ctx) => ctx.reply({ text: 'see https://docs.example.com/a and ok.example.cn', embed: false })),
        onError: ({ reason }) => void told.push(String(reason)),
      },
      { simulator: { policies: { linkHosts: [] } } },
    );
    expect(await rig.ask('go', { kind, channelId: 'P' })).toEqual([
      'see [link] and [link]\n(Links were left out: QQ does not let this bot send them.)',
    ]);
    expect(told).toEqual([expect.stringContaining('docs.example.com, ok.example.cn')]);
    expect(told[0]).toContain('q.qq.com');
  });
  test('304019: without @everyone when none is left', async () => {
    const rig = await start(
      { onMessage: (ctx) => ctx.reply({ text: '@everyone come', embed: false }) },
      { simulator: { policies: { everyoneMax: 1 } } },
    );
    expect(await rig.ask('one')).toEqual(['@everyone come']);
    expect((await rig.ask('two'))[0]).toMatch(/^@.everyone come$/u);
  });
});

describe('what else happens', () => {
  test('events reach the listeners that are there, typed, and ask for their intents', async () => {
    const heard: unknown[] = [];
    const rig = await start({
      on: {
        'member.changed': (event) => void heard.push([event.change, event.user.id]),
        'reaction.changed': (event) => void heard.push([event.change, event.target.kind]),
        'contact.changed': () => {
          throw new Error('boom');
        },
      },
    });
    expect(rig.simulator.state().intents & ((1 << 1) | (1 << 10) | (1 << 25))).toBe((1 << 1) | (1 << 10) | (1 << 25));
    rig.simulator.postEvent('GROUP_ADD_ROBOT');
    rig.simulator.postEvent('GUILD_MEMBER_ADD');
    rig.simulator.postEvent('MESSAGE_REACTION_ADD');
    await until('both', () => heard.length === 2);
    expect(heard).toEqual([
      ['added', 'u1'],
      ['added', 'message'],
    ]);
  });
  test('a reply that arrived tells its id, and can be taken back', async () => {
    const delivered: Delivered[] = [];
    const rig = await start(
      {
        onDelivered: (reply) => void delivered.push(reply),
        onMessage: async (ctx) => {
          if (ctx.message.content !== 'back') return 'hello';
          await ctx.recall(delivered[0]!.messageId);
          return 'done';
        },
      },
      { simulator: { isPrivate: true } },
    );
    await rig.ask('hi');
    await until('the id', () => delivered.length === 1);
    expect(delivered[0]).toMatchObject({ ordinal: 0, messageId: accepted(rig)[0]!.messageId });
    expect(await rig.ask('back')).toEqual(['done']);
    expect(accepted(rig)[0]).toMatchObject({ recalled: true });
  });
});

describe('the access token', () => {
  const fetches = (rig: Rig): number =>
    rig.simulator.calls().filter(({ route }) => route.includes('getAppAccessToken')).length;
  test('11298: an address that is not on the whitelist asks for no new token; replies wait until it is', async () => {
    const options = { ...quick, delivery: { ...quick.delivery, barredMs: 200 } };
    const rig = await start(echo, { options });
    rig.simulator.addFault({ kind: 'ipNotAllowed', count: 5 });
    for (const channelId of ['a', 'b', 'c']) rig.simulator.postMessage({ kind: 'guild', channelId, content: 'hi' });
    await until('the answers', () => accepted(rig).length === 3);
    expect([fetches(rig), await rig.get<unknown[]>('/dead-letters')]).toEqual([1, []]);
  });
});

describe('the webhook', () => {
  test('QQ pushes, the bot answers, and takes an event once', async () => {
    const rig = await start(echo, { webhook: true });
    const bot = await rig.simulator.addBot({
      appId: 'test-app',
      secret: 'test-secret-0123456789',
      webhook: rig.bot.webhookUrl!,
    });
    expect(bot).toMatchObject({ isCallbackValid: true });
    rig.simulator.addFault({ kind: 'webhookDuplicate' });
    expect(await rig.ask('hello', { kind: 'group', channelId: 'G' })).toEqual(['said: hello']);
    expect(await rig.ask('hello', { channelId: 'c1' })).toEqual(['hello']);
    expect(accepted(rig)).toHaveLength(2);
    expect(rig.simulator.state().connected).toBe(0);
    expect(await rig.stop()).toBe(0);
  });
});
