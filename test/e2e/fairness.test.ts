import { afterEach, describe, expect, test } from '@jest/globals';
import type { BotModule } from '../../src/adapters/author/authorModule.js';
import { type BotOptions, defaultOptions } from '../../src/machines/vocabulary/options/options.js';
import type { FaultRequest } from '../../src/simulator/faults/faults.js';
import { closeRigs, type Rig, startRig, until } from './rig.js';

afterEach(closeRigs, 60_000);

const SLOW_MS = 90_000;
/** Everybody who says "picture" is answered with one. */
const reply = (content: string) =>
  content.includes('picture')
    ? { text: `seen: ${content}`, embed: false, image: `https://p.example.com/${encodeURIComponent(content)}.png` }
    : { text: `said: ${content}`, embed: false };
const module: BotModule = {
  onMessage: (ctx) => ctx.reply(reply(ctx.message.content)),
  onGroupMessage: (ctx) => ctx.reply(reply(ctx.message.content)),
};
/** Pauses of seconds take tenths and less, and no channel waits for its pace. */
const quick: BotOptions = {
  ...defaultOptions,
  retry: { ...defaultOptions.retry, baseMs: 30, capMs: 120, slowScheduleMs: 600 },
  lane: { ...defaultOptions.lane, asideMs: 150, paceMax: 1_000 },
  circuitBreaker: { ...defaultOptions.circuitBreaker, openMs: 60 },
};

const accepted = (rig: Rig) => rig.simulator.replies().filter((one) => one.accepted);
async function breaker(rig: Rig, name: string): Promise<unknown> {
  const actors = await rig.get<{ id: string; value: unknown }[]>('/actors');
  return actors.find(({ id }) => id === `breaker:${name}`)?.value;
}

describe('one channel fails', () => {
  test(
    '[case B1] [core 37] every other channel is answered within 2 s, and the failing one is tried on a schedule that grows',
    async () => {
      const rig = await startRig({ module, options: quick, simulator: { paceMax: 0 } });
      rig.simulator.addFault({ kind: 'outage', status: 500, channelId: 'bad' });
      for (const n of [1, 2])
        rig.simulator.postMessage({ kind: 'guild', channelId: 'bad', content: `hello ${n}`, author: { id: `u${n}` } });
      for (let n = 0; n < 12; n += 1) {
        const asked = Date.now();
        await rig.ask(`hello ${n}`, { channelId: `good${n}`, author: { id: `v${n}` } });
        expect(Date.now() - asked).toBeLessThan(2_000);
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
      await until('the breaker', async () => (await breaker(rig, 'messages')) === 'closed', 20_000);
      rig.simulator.clearFaults();
      const times = rig.simulator
        .replies()
        .filter(({ channelId }) => channelId === 'bad')
        .map(({ at }) => at);
      const gaps = times.slice(1).map((at, i) => at - times[i]!);
      expect(times.length).toBeGreaterThan(4);
      expect(times.length).toBeLessThan(25);
      expect(Math.max(...gaps.slice(-3))).toBeGreaterThan(300);
    },
    SLOW_MS,
  );
});

describe('many messages of one channel', () => {
  test.each([['that fails'], ['that is well']])(
    '[case B1] [core 37] [core 38] %s keep no other one from being read',
    async (what) => {
      const rig = await startRig({ module });
      if (what === 'that fails') rig.simulator.addFault({ kind: 'outage', status: 500, channelId: 'busy' });
      for (let n = 0; n < 200; n += 1)
        rig.simulator.postMessage({ kind: 'guild', channelId: 'busy', content: `hello ${n}`, author: { id: `u${n}` } });
      for (let n = 0; n < 6; n += 1) {
        const asked = Date.now();
        await rig.ask(`hello ${n}`, { channelId: `good${n}`, author: { id: `v${n}` } });
        // the first ones come behind all that is read before them
        if (n >= 2) expect(Date.now() - asked).toBeLessThan(2_000);
      }
    },
    SLOW_MS,
  );
});

describe('several fail', () => {
  test(
    '[case B1] [core 37] channels, a group and a user: after the first tries each other one is answered within 2 s, and the breaker closes',
    async () => {
      const rig = await startRig({ module, options: { ...defaultOptions, lane: quick.lane } });
      const bad = [
        ['guild', 'bad1'],
        ['guild', 'bad2'],
        ['group', 'bad3'],
        ['c2c', 'bad4'],
      ] as const;
      for (const [kind, channelId] of bad) {
        rig.simulator.addFault({ kind: 'outage', status: 500, channelId });
        for (const n of [1, 2, 3])
          rig.simulator.postMessage({ kind, channelId, content: `hello ${n}`, author: { id: `${channelId}.${n}` } });
      }
      for (let n = 0; n < 14; n += 1) {
        const asked = Date.now();
        const kind = (['guild', 'group', 'c2c'] as const)[n % 3]!;
        await rig.ask(`hello ${n}`, { kind, channelId: `good${n}`, author: { id: `v${n}` } });
        if (n >= 6) expect(Date.now() - asked).toBeLessThan(2_000);
        await new Promise((resolve) => setTimeout(resolve, 1_500));
      }
      await until('the breaker', async () => (await breaker(rig, 'messages')) === 'closed', 20_000);
    },
    SLOW_MS,
  );
});

describe('uploads fail', () => {
  const faults: readonly (readonly [string, FaultRequest])[] = [
    ['504', { kind: 'outage', status: 504, route: 'files' }],
    ['a connection that is reset', { kind: 'reset', route: 'files' }],
    ['half an answer', { kind: 'truncate', route: 'files' }],
    ['no reference', { kind: 'empty', route: 'files' }],
    ['a page of a proxy', { kind: 'html', status: 502, route: 'files' }],
  ];
  test.each(faults.flatMap(([what, fault]) => (['group', 'c2c'] as const).map((kind) => [what, kind, fault] as const)))(
    '[case B2] [core 37] %s, %s: texts elsewhere are answered at once, the picture replies as text after the quick tries',
    async (_what, kind, fault) => {
      const rig = await startRig({ module, options: quick, simulator: { paceMax: 0 } });
      rig.simulator.addFault(fault);
      for (const n of [1, 2])
        rig.simulator.postMessage({ kind, channelId: 'P', content: `picture ${n}`, author: { id: `u${n}` } });
      for (let n = 0; n < 3; n += 1) {
        const asked = Date.now();
        await rig.ask(`hello ${n}`, { kind: n === 1 ? 'guild' : kind, channelId: `E${n}` });
        expect(Date.now() - asked).toBeLessThan(2_000);
      }
      const pictures = () => accepted(rig).filter(({ channelId }) => channelId === 'P');
      await until('the texts', () => pictures().length === 2, 20_000);
      for (const { form, content } of pictures()) {
        expect(form).toBe('text');
        expect(content).toContain('seen: picture');
      }
      expect(rig.simulator.calls().filter(({ route }) => route.endsWith('/files')).length).toBeLessThanOrEqual(8);
      expect(await breaker(rig, 'messages')).toBe('closed');
      const health = JSON.stringify(await rig.get('/healthz'));
      expect(health).toContain('"uncertain":0');
      expect(health).toContain('"answered":5');
    },
    SLOW_MS,
  );

  test(
    '[case B2] [core 37] no answer at all: the text goes after the time that one upload may take',
    async () => {
      const options = { ...quick, calls: { ...quick.calls, timeoutMs: 300 } };
      const rig = await startRig({ module, options, simulator: { paceMax: 0 } });
      rig.simulator.addFault({ kind: 'halfOpen', route: 'files' });
      rig.simulator.postMessage({ kind: 'group', channelId: 'P', content: 'picture', author: { id: 'u1' } });
      const asked = Date.now();
      await rig.ask('hello', { kind: 'group', channelId: 'E' });
      expect(Date.now() - asked).toBeLessThan(2_000);
      await until(
        'the text',
        () => accepted(rig).some(({ channelId, form }) => channelId === 'P' && form === 'text'),
        15_000,
      );
    },
    SLOW_MS,
  );

  test(
    '[case B2] [core 37] once uploads work again pictures are sent as pictures',
    async () => {
      const rig = await startRig({ module, options: quick, simulator: { paceMax: 0 } });
      rig.simulator.addFault({ kind: 'outage', status: 504, route: 'files' });
      for (let n = 0; n < 3; n += 1)
        await rig.ask(`picture ${n}`, { kind: 'group', channelId: `P${n}`, author: { id: `u${n}` } });
      expect(await breaker(rig, 'uploads')).not.toBe('closed');
      rig.simulator.clearFaults();
      let n = 0;
      await until(
        'a picture',
        async () => {
          n += 1;
          await rig.ask(`picture again ${n}`, { kind: 'group', channelId: `Q${n}`, author: { id: `w${n}` } });
          return accepted(rig).some(({ channelId, form }) => channelId.startsWith('Q') && form === 'media');
        },
        20_000,
      );
    },
    SLOW_MS,
  );
});
