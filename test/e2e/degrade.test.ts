import { afterEach, describe, expect, test } from '@jest/globals';
import type { BotModule } from '../../src/adapters/author/authorModule.js';
import { ExternalCallRefused, ExternalCallTimeout } from '../../src/adapters/author/externalCalls.js';
import { createWorkOf } from '../../src/adapters/author/handlerRunner.js';
import { type BotOptions, defaultOptions } from '../../src/machines/vocabulary/options/options.js';
import { closeRigs, type Rig, startRig, until } from './rig.js';

afterEach(closeRigs);

const ADMIN = { id: 'boss', roles: ['4'] };
/** Everything as in the defaults, only that waits of minutes take moments. */
const quick: BotOptions = {
  ...defaultOptions,
  lane: { ...defaultOptions.lane, paceMax: 1_000 },
  commands: { ...defaultOptions.commands, perUserMax: 1_000 },
  features: {
    ...defaultOptions.features,
    canaryMs: 30,
    canaryMaxMs: 60,
    probationMs: 100,
    permissionMs: 200,
    rateLimitedMs: 300,
  },
  recovery: { ...defaultOptions.recovery, verifyMs: 50, checkMs: 200 },
};
interface ActorLine {
  readonly id: string;
  readonly value: unknown;
  readonly reason?: string;
}
async function actor(rig: Rig, id: string): Promise<ActorLine> {
  return (await rig.get<ActorLine[]>('/actors')).find((line) => line.id === id)!;
}
const becomes = (rig: Rig, id: string, value: string): Promise<void> =>
  until(`${id} to be ${value}`, async () => JSON.stringify((await actor(rig, id)).value).includes(value));
const repeats: BotModule = { onMessage: (ctx) => `said: ${ctx.message.content}` };
const formsOf = (rig: Rig): string[] =>
  rig.simulator
    .replies()
    .filter((reply) => reply.accepted)
    .map((reply) => reply.form);

describe('[contract 6] features on the wire', () => {
  test('[defect 5] embeds refused: text at once while off, a canary, and back on', async () => {
    const rig = await startRig({
      module: repeats,
      options: { ...quick, features: { ...quick.features, canaryMs: 400, canaryMaxMs: 400 } },
      simulator: { paceMax: 0 },
    });
    const fault = rig.simulator.addFault({ kind: 'rejectEmbed' });
    for (const text of ['a', 'b']) await rig.ask(text);
    expect(await actor(rig, 'feature:richEmbeds')).toMatchObject({ value: 'suspended', reason: 'refused' });
    const before = rig.simulator.calls().length;
    await rig.ask('c');
    expect(
      rig.simulator
        .calls()
        .slice(before)
        .filter((call) => call.route.includes('messages')),
    ).toHaveLength(1);
    expect(formsOf(rig)).toEqual(['text', 'text', 'text']);
    rig.simulator.clearFaults();
    expect(fault).toBeDefined();
    await until('the embed to be back', async () => {
      await rig.ask('d');
      return formsOf(rig).at(-1) === 'embed';
    });
    for (const text of ['e', 'f', 'g']) await rig.ask(text);
    await becomes(rig, 'feature:richEmbeds', 'enabled');
  });

  test('a picture goes as a picture, and as its link while fileUploads is off', async () => {
    const image = 'https://example.org/cat.png';
    const module: BotModule = { onMessage: async (ctx) => ctx.reply({ text: `cat ${ctx.message.content}`, image }) };
    const rig = await startRig({ module, options: quick });
    await rig.ask('1');
    expect(rig.simulator.replies().at(-1)).toMatchObject({ form: 'image', body: { image, content: 'cat 1' } });
    rig.simulator.addFault({ kind: 'rejectImage' });
    for (const text of ['2', '3']) expect(await rig.ask(text)).toEqual([`cat ${text}\n${image}`]);
    expect((await actor(rig, 'feature:fileUploads')).value).toMatch(/suspended|probing/);
  });

  test('buttons go as a keyboard, and as a numbered list while interactiveButtons is off', async () => {
    const buttons = [{ label: 'Yes', command: '/yes' }, { label: 'No' }];
    const module: BotModule = {
      onMessage: async (ctx) => ctx.reply({ text: `sure? ${ctx.message.content}`, buttons, embed: false }),
    };
    const rig = await startRig({ module, options: quick });
    await rig.ask('1');
    expect(rig.simulator.replies().at(-1)).toMatchObject({
      form: 'keyboard',
      body: { markdown: { content: 'sure? 1' }, keyboard: { content: { rows: [{ buttons: [{}, {}] }] } } },
    });
    rig.simulator.addFault({ kind: 'rejectKeyboard' });
    expect(await rig.ask('2')).toEqual(['sure? 2\n1. Yes: /yes\n2. No: No']);
    rig.simulator.clearFaults();
    rig.simulator.addFault({ kind: 'rejectKeyboard', code: 304037 });
    await rig.ask('3');
    expect(await actor(rig, 'feature:interactiveButtons')).toMatchObject({
      value: 'suspended',
      reason: 'notPermitted',
    });
  });

  test('[defect 7] a limit of the host switches external calls off; a limit of one channel does not', async () => {
    const seen: string[] = [];
    const module: BotModule = {
      async onMessage(ctx) {
        const result = await ctx.callExternal('weather', () => 'sunny').catch((error: Error) => error);
        seen.push(result instanceof ExternalCallRefused ? result.reason : String(result));
        return `${ctx.feature('externalApiCalls')} ${ctx.feature('nope')}`;
      },
    };
    const rig = await startRig({
      module,
      options: { ...quick, features: { ...quick.features, rateLimitedMs: 6_000 } },
    });
    expect(await rig.ask('1')).toEqual(['true false']);
    rig.simulator.addFault({ kind: 'rateLimit', count: 1, route: 'messages', retryAfterSec: 1 });
    await rig.ask('2', { channelId: 'c2' });
    expect((await actor(rig, 'feature:externalApiCalls')).value).toBe('enabled');
    rig.simulator.addFault({ kind: 'rateLimit', code: 1100100, count: 1, route: 'messages', retryAfterSec: 4 });
    rig.simulator.postMessage({ kind: 'guild', channelId: 'c3', content: '3' });
    await becomes(rig, 'feature:externalApiCalls', 'suspended');
    await rig.ask('4', { channelId: 'c4' });
    expect(seen).toEqual(['sunny', 'sunny', 'sunny', 'featureOff']);
    await becomes(rig, 'feature:externalApiCalls', 'enabled');
  });
});

describe("an operator's hand", () => {
  test('forces a feature off and lets go; a name that there is not is told', async () => {
    const rig = await startRig({ options: quick });
    rig.bot.operate({ type: 'operator.forced', feature: 'richEmbeds', on: false, reason: 'test', forMs: 60_000 });
    await rig.ask('a');
    expect(formsOf(rig)).toEqual(['text']);
    expect((await rig.ask('!features'))[0]).toContain('Rich Embeds: ❌ Disabled (by an operator, until');
    rig.bot.operate({ type: 'operator.unforced', feature: 'richEmbeds' });
    await rig.ask('b');
    expect(formsOf(rig).at(-1)).toBe('embed');
    expect(() => rig.bot.operate({ type: 'operator.unforced', feature: 'embeds' as never })).toThrow(
      'there is no feature "embeds"',
    );
    expect(() => rig.bot.operate({ type: 'operator.reset', breaker: 'breaker:nope' })).toThrow(
      'there is no breaker "breaker:nope"',
    );
  });

  test('low work waits while load is reduced', () => {
    const workOf = createWorkOf(
      { commands: [{ name: 'digest', description: 'd', priority: 'low', run: () => 'x' }] },
      [],
    );
    expect(['!digest', '/help', 'hello', '!unknown'].map(workOf)).toEqual([
      { work: 'low' },
      { work: 'command' },
      {},
      {},
    ]);
  });

  test('markup in what is said back loses its power', async () => {
    const rig = await startRig({ options: quick });
    const [refusal] = await rig.ask('!recover', { author: { id: '<@everyone>' } });
    expect(refusal).not.toContain('<@everyone>');
  });
});

describe('ctx.callExternal', () => {
  test('an external call that never ends is aborted in its time, and a failing API opens a breaker of its own', async () => {
    const outcomes: string[] = [];
    const module: BotModule = {
      async onMessage(ctx) {
        const isHanging = ctx.message.content === 'hang';
        try {
          await ctx.callExternal(
            'news',
            (signal) => (isHanging ? new Promise(() => signal.throwIfAborted()) : Promise.reject(new Error('down'))),
            { timeoutMs: 30 },
          );
        } catch (error) {
          outcomes.push(
            error instanceof ExternalCallTimeout
              ? 'timeout'
              : error instanceof ExternalCallRefused
                ? error.reason
                : (error as Error).message,
          );
        }
        return 'done';
      },
    };
    const rig = await startRig({ module, options: quick });
    await rig.ask('hang');
    for (let i = 0; i < 5; i += 1) await rig.ask(`n${i}`, { channelId: `c${i}` });
    expect(outcomes).toEqual(['timeout', 'down', 'down', 'down', 'down', 'breakerOpen']);
    expect((await actor(rig, 'breaker:messages')).value).toBe('closed');
    expect((await actor(rig, 'breaker:external:news')).value).toBe('open');
  });
});

describe('[contract 7] commands', () => {
  test('!health, !status, !features and !help', async () => {
    const rig = await startRig({ options: quick });
    await rig.ask('hello');
    await until(
      'the account',
      async () => (await rig.get<{ messages: { answered: number } }>('/healthz')).messages.answered === 1,
    );
    const [health] = await rig.ask('!health');
    expect(health).toBe(
      [
        '🏥 Bot Health Report',
        'Status: 🟢 Healthy',
        'Uptime: 0 days, 0 hours, 0 minutes',
        'Messages Processed: 1',
        'Success Rate: 100.00%',
        'Successful: 1',
        'Failed: 0',
        'Last Error: None',
        'Features:',
        '✅ Rich Embeds',
        '✅ File Uploads',
        '✅ Interactive Buttons',
        '✅ External API Calls',
      ].join('\n'),
    );
    expect(await rig.ask('/status')).toEqual(['✅ All systems operational\nmessages: closed\noperator: available']);
    const [features] = await rig.ask('!features');
    expect(features).toContain('🎛️ Feature Status\nRich Embeds: ✅ Enabled');
    expect((await rig.ask('!help'))[0]).toContain('!recover');
  });

  test('[defect 9] !recover is for admins, and a refusal shows the own id', async () => {
    const rig = await startRig({ options: quick });
    expect((await rig.ask('!recover', { author: { id: 'u77' } }))[0]).toContain('u77');
    expect((await rig.ask('!recover', { author: ADMIN }))[0]).toContain('all is well');
    rig.simulator.addFault({ kind: 'rejectEmbed', code: 304036 });
    await rig.ask('x');
    expect((await actor(rig, 'feature:richEmbeds')).value).toBe('suspended');
    rig.simulator.clearFaults();
    expect(await rig.ask('!recover force', { author: ADMIN })).toEqual([
      '🔄 Manual recovery completed! All features restored.',
    ]);
    expect((await actor(rig, 'feature:richEmbeds')).value).toBe('enabled');
  });

  test('!test-retry fails twice on purpose, and neither breaker nor health counts it', async () => {
    const rig = await startRig({ options: { ...quick, retry: { ...quick.retry, baseMs: 10 } } });
    expect(await rig.ask('!test-retry', { author: ADMIN })).toEqual(["This might fail but we'll retry!"]);
    const records = await rig.get<{ fact: { type: string; code?: string } }[]>('/records?limit=1000');
    expect(records.filter(({ fact }) => fact.type === 'call.failed').map(({ fact }) => fact.code)).toEqual([
      'REHEARSED',
      'REHEARSED',
    ]);
    expect((await rig.ask('!health'))[0]).toContain('Last Error: None');
  });

  test('[defect 11] commands are answered within 2 s while the breaker is open, also in a channel full of waiting replies', async () => {
    const rig = await startRig({
      options: {
        ...quick,
        lane: defaultOptions.lane,
        circuitBreaker: { ...quick.circuitBreaker, openMs: 60_000, openEarlyMaxMs: 60_000 },
      },
    });
    rig.simulator.addFault({ kind: 'outage', count: 5, route: 'messages' });
    for (let i = 0; i < 12; i += 1)
      rig.simulator.postMessage({ kind: 'guild', channelId: 'c1', content: `m${i}`, author: { id: `u${i}` } });
    await becomes(rig, 'breaker:messages', 'open');
    const startedAt = Date.now();
    expect((await rig.ask('!status', { author: { id: 'u1' } }))[0]).toContain('⚠️ Some issues detected');
    expect(Date.now() - startedAt).toBeLessThan(2_000);
  });

  test('a flood of commands: one refusal, then silence; ordinary messages go on', async () => {
    const rig = await startRig({ options: { ...defaultOptions, lane: quick.lane }, simulator: { paceMax: 0 } });
    for (let i = 0; i < 10; i += 1) rig.simulator.postMessage({ kind: 'guild', channelId: 'c1', content: '!status' });
    await until('six answers', () => formsOf(rig).length >= 6);
    await rig.ask('hello');
    const texts = rig.simulator
      .replies()
      .filter((reply) => reply.accepted)
      .map((reply) => reply.content);
    expect(texts.filter((text) => text.includes('Slow down'))).toHaveLength(1);
    expect(texts).toHaveLength(7);
    await until(
      'the account',
      async () => (await rig.get<{ messages: { refused: number } }>('/healthz')).messages.refused === 5,
    );
  });

  test('[defect 26] the built-in bot answers whoever addresses it, and nobody else', async () => {
    const rig = await startRig({ options: quick });
    rig.simulator.postMessage({ kind: 'guild', channelId: 'c1', content: 'talking to each other', mention: false });
    expect(await rig.ask('hello')).toEqual(['Command processed with recovery protection']);
    expect(formsOf(rig)).toHaveLength(1);
  });

  test('in Chinese', async () => {
    const rig = await startRig({ options: quick, locale: 'zh' });
    expect((await rig.ask('!health'))[0]).toContain('机器人健康报告');
    expect((await rig.ask('!features'))[0]).toContain('功能状态');
    expect((await rig.ask('!recover', { author: ADMIN }))[0]).toContain('恢复诊断');
  });
});

describe('the recovery loop', () => {
  test('[defect 8] [defect 23] checks are real: a remote that is down is waited for, and nothing is done about it', async () => {
    const rig = await startRig({ options: { ...quick, recovery: { ...quick.recovery, checkMs: 30_000 } } });
    rig.simulator.addFault({ kind: 'outage', durationMs: 1_500 });
    for (let i = 0; i < 5; i += 1) rig.simulator.postMessage({ kind: 'guild', channelId: `c${i}`, content: 'x' });
    await becomes(rig, 'breaker:messages', 'open');
    const records = async () =>
      rig.get<{ fact: { type: string; class?: string; ok?: boolean } }[]>('/records?limit=1000');
    await until('a diagnosis', async () => (await records()).some(({ fact }) => fact.type === 'api.checked'));
    const facts = (await records()).map(({ fact }) => fact);
    expect(facts.find((fact) => fact.type === 'network.checked')).toMatchObject({ ok: true });
    expect(facts.find((fact) => fact.type === 'api.checked')).toMatchObject({ class: 'transient' });
    expect(facts.filter((fact) => fact.type === 'action.completed')).toEqual([]);
    await until('the answers', () => formsOf(rig).length === 5);
  });

  test('[R18, R19, R20] memory under pressure: caches cleared, load reduced, an alert, and the bot goes on answering', async () => {
    const alerts: (string | null)[] = [];
    const strict = { ...quick, recovery: { ...quick.recovery, checkMs: 30, heapMax: 0 } };
    const rig = await startRig({ options: strict, module: { onError: ({ reason }) => void alerts.push(reason) } });
    await until('an alert', () => alerts.length > 0);
    expect(alerts[0]).toContain('memory');
    const intake = await rig.get<ActorLine[]>('/actors');
    expect(intake.find(({ id }) => id === 'health:memory')?.value).not.toBe('healthy');
    expect(await rig.ask('still here?')).toHaveLength(1);
  });
});
