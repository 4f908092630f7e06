import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import Database from 'libsql';
import { createBot } from '../../src/bot/createBot.js';
import { defaultOptions } from '../../src/machines/vocabulary/options/options.js';
import { createSimulator } from '../../src/simulator/createSimulator.js';
import { closeRigs, configFor, startRig, temporaryFolder, until } from './rig.js';

afterEach(closeRigs);
const FALLBACK = 'Command processed with recovery protection';
const quick = {
  ...defaultOptions,
  calls: { ...defaultOptions.calls, timeoutMs: 300 },
  retry: { ...defaultOptions.retry, baseMs: 10, capMs: 50 },
};

describe('a journal that takes nothing', () => {
  test('told to stop, the bot ends all the same, and what it had not recorded is done in its next life', async () => {
    const rig = await startRig({ options: { ...quick, bot: { ...quick.bot, drainMs: 100 } } });
    await rig.ask('one');
    const other = new Database(rig.journalPath);
    other.exec('BEGIN IMMEDIATE');
    const [late] = rig.simulator.postMessage({ kind: 'direct', channelId: 'd1', content: 'two' });
    await until('the refusal', async () => (await fetch(`${rig.bot.url}/readyz`)).status === 503);
    rig.bot.drain('SIGTERM');
    expect(await rig.bot.stopped).toEqual({ code: 75, reason: expect.stringContaining('the journal refuses appends') });
    other.close();
    const next = await createBot(configFor(rig.simulator.url, rig.journalPath));
    await until('the answer', () => rig.simulator.replies().some((reply) => reply.accepted && reply.msgId === late));
    next.drain('test');
    expect((await next.stopped).code).toBe(0);
  });
});

describe('frames', () => {
  test.each([
    ['not JSON', '{bad'],
    ['an unknown op', '{"op":99}'],
    ['an array', '[1,2]'],
    [
      'an event without author',
      JSON.stringify({
        op: 0,
        s: 50,
        t: 'AT_MESSAGE_CREATE',
        id: 'E',
        d: { id: 'x', channel_id: 'c', guild_id: 'g', content: 'hi' },
      }),
    ],
    [
      'an event without content',
      JSON.stringify({
        op: 0,
        s: 51,
        t: 'AT_MESSAGE_CREATE',
        id: 'E',
        d: { id: 'x', channel_id: 'c', guild_id: 'g', author: { id: 'u' } },
      }),
    ],
  ])('%s is counted and the bot goes on', async (_what, raw) => {
    const rig = await startRig();
    rig.simulator.sendFrame(raw);
    expect(await rig.ask('still there?')).toEqual([FALLBACK]);
    const records = await rig.get<{ fact: { type: string } }[]>('/records?after=0&limit=1000');
    expect(records.filter((record) => record.fact.type === 'frame.rejected')).toHaveLength(1);
  });

  test('an unknown event is recorded and the bot goes on', async () => {
    const rig = await startRig();
    rig.simulator.sendFrame(JSON.stringify({ op: 0, s: 60, t: 'SOMETHING_NEW', id: 'E', d: { any: 1 } }));
    expect(await rig.ask('still there?')).toEqual([FALLBACK]);
    const records = await rig.get<{ fact: { type: string; name?: string } }[]>('/records?after=0&limit=1000');
    expect(records.map((record) => record.fact.name)).toContain('SOMETHING_NEW');
  });

  test('a frame of 10 MB ends the connection, and the bot comes back by RESUME', async () => {
    const rig = await startRig();
    rig.simulator.sendFrame(`{"op":0,"s":9,"t":"X","d":"${'x'.repeat(10_000_000)}"}`);
    await until('a RESUME', () => rig.simulator.state().resumes > 0);
    expect(await rig.ask('still there?')).toEqual([FALLBACK]);
  });
});

describe('handlers', () => {
  const WRONG = /^⚠️ Something went wrong \(ref [A-Z2-9]{4}\)$/;

  test('one that throws answers with a reference that finds the message, and the bot goes on', async () => {
    const rig = await startRig({
      module: {
        onMessage: (ctx) => {
          if (ctx.message.content === 'boom') throw new Error('boom inside');
          return 'fine';
        },
      },
    });
    expect((await rig.ask('boom'))[0]).toMatch(WRONG);
    expect(await rig.ask('next')).toEqual(['fine']);
    const records = JSON.stringify(await rig.get('/records?after=0&limit=1000'));
    expect(records).toContain('boom inside');
    expect(JSON.stringify(rig.simulator.replies())).not.toContain('boom inside');
  });

  test('one that returns nonsense, replies nonsense or rejects is answered for', async () => {
    const rig = await startRig({
      module: {
        onMessage: (ctx) => {
          if (ctx.message.content === 'object') return { no: 'text' } as unknown as string;
          if (ctx.message.content === 'empty') return ctx.reply('') as Promise<undefined>;
          return Promise.reject(new Error('no'));
        },
      },
    });
    for (const kind of ['object', 'empty', 'reject']) expect((await rig.ask(kind))[0]).toMatch(WRONG);
  });

  test('one that hangs is given up after its time, and its late reply is ignored', async () => {
    const options = { ...defaultOptions, handlers: { ...defaultOptions.handlers, timeoutMs: 100 } };
    let release: (text: string) => void = () => undefined;
    const rig = await startRig({
      options,
      module: {
        onMessage: (ctx) =>
          ctx.message.content === 'hang'
            ? new Promise<string>((resolve) => {
                release = resolve;
              })
            : 'fine',
      },
    });
    expect((await rig.ask('hang'))[0]).toMatch(WRONG);
    release('too late');
    expect(await rig.ask('next')).toEqual(['fine']);
    expect(rig.simulator.replies().map((reply) => reply.content)).not.toContain('too late');
  });

  test('a command with a time of its own is given up after it', async () => {
    const rig = await startRig({
      module: {
        commands: [
          {
            name: 'slow',
            description: 'never ends',
            timeoutMs: 50,
            run: () => new Promise<undefined>(() => undefined),
          },
        ],
      },
    });
    expect((await rig.ask('!slow'))[0]).toMatch(WRONG);
  });

  test('past the limits a message gets a busy reply and counts as refused', async () => {
    const options = { ...defaultOptions, handlers: { ...defaultOptions.handlers, concurrencyMax: 1, queueMax: 1 } };
    const release: (() => void)[] = [];
    const rig = await startRig({
      options,
      module: { onMessage: () => new Promise<string>((resolve) => release.push(() => resolve('done'))) },
    });
    for (const channelId of ['a', 'b']) rig.simulator.postMessage({ kind: 'guild', channelId, content: 'work' });
    await until('the first to run', () => release.length === 1);
    expect((await rig.ask('one too many', { channelId: 'c' }))[0]).toMatch(/more to do than I can manage/);
    expect(await rig.get('/healthz')).toMatchObject({ messages: { refused: 1, inHand: 2 } });
    release[0]?.();
    await until('the second to run', () => release.length === 2);
    release[1]?.();
    await until('both answers', () => rig.simulator.replies().filter((reply) => reply.content === 'done').length === 2);
  });
});

describe("the author's listeners", () => {
  test('hear of ready, of an error and of a dead letter; one that throws harms nobody', async () => {
    const heard: string[] = [];
    const rig = await startRig({
      module: {
        onReady: () => void heard.push('ready'),
        onError: ({ message }) => void heard.push(`error ${message}`),
        onDeadLetter: ({ message, reason }) => {
          heard.push(`dead ${message} ${reason}`);
          throw new Error('listener');
        },
        onMessage: (ctx) => {
          if (ctx.message.content === 'boom') throw new Error('boom');
          return 'fine';
        },
      },
    });
    await rig.ask('boom');
    const [failed] = rig.simulator.replies();
    rig.simulator.addFault({ kind: 'errors', status: 500, code: 304046, count: 1, route: 'messages' });
    const [dead] = rig.simulator.postMessage({ kind: 'guild', channelId: 'c1', content: 'lost' });
    await until('the dead letter', () => heard.length === 3);
    expect(heard).toEqual(['ready', `error ${failed?.msgId}`, `dead ${dead} rejectedTarget 304046`]);
    expect(await rig.get('/dead-letters')).toMatchObject([{ message: dead, reason: 'rejectedTarget 304046' }]);
    expect(await rig.ask('next')).toEqual(['fine']);
  });
});

describe('the API', () => {
  test.each(['html', 'reset', 'hang'] as const)(
    'answering %s once: the reply is sent again and counted as uncertain',
    async (kind) => {
      const rig = await startRig({ options: quick });
      rig.simulator.addFault({ kind, count: 1, route: 'messages' });
      expect(await rig.ask('hello')).toEqual([FALLBACK]);
      await until(
        'the end of the message',
        async () => (await rig.get<{ messages: { inHand: number } }>('/healthz')).messages.inHand === 0,
      );
      expect(await rig.get('/healthz')).toMatchObject({ messages: { uncertain: 1, answered: 0 } });
    },
  );

  test.each(['empty', 'truncate'] as const)(
    '[core 36] accepting and then answering %s: the head says that it was sent, and it is sent once',
    async (kind) => {
      const rig = await startRig({ options: quick });
      rig.simulator.addFault({ kind, count: 1, afterAccept: true, route: 'messages' });
      await rig.ask('hello');
      await until(
        'the end of the message',
        async () => (await rig.get<{ messages: { inHand: number } }>('/healthz')).messages.inHand === 0,
      );
      expect(await rig.get('/healthz')).toMatchObject({ messages: { answered: 1, uncertain: 0 } });
      expect(rig.simulator.replies()).toHaveLength(1);
    },
  );

  test('answering 204: the reply counts as sent', async () => {
    const rig = await startRig({ options: quick });
    rig.simulator.addFault({ kind: 'noContent', afterAccept: true, count: 1, route: 'messages' });
    await rig.ask('hello');
    await until(
      'the end of the message',
      async () => (await rig.get<{ messages: { inHand: number } }>('/healthz')).messages.inHand === 0,
    );
    expect(await rig.get('/healthz')).toMatchObject({ messages: { answered: 1 } });
    expect(rig.simulator.replies()).toHaveLength(1);
  });

  test('failing with 503 is retried; the answer is counted once', async () => {
    const rig = await startRig({ options: quick });
    rig.simulator.addFault({ kind: 'outage', count: 3, route: 'messages' });
    expect(await rig.ask('hello')).toEqual([FALLBACK]);
    await until(
      'the end of the message',
      async () => (await rig.get<{ messages: { inHand: number } }>('/healthz')).messages.inHand === 0,
    );
    expect(await rig.get('/healthz')).toMatchObject({ messages: { answered: 1, uncertain: 0 } });
  });

  test('refusing embeds gets plain text with the same content', async () => {
    const rig = await startRig();
    rig.simulator.addFault({ kind: 'rejectEmbed' });
    expect(await rig.ask('hello')).toEqual([FALLBACK]);
    expect(rig.simulator.replies().map((reply) => [reply.form, reply.accepted])).toEqual([
      ['embed', false],
      ['text', true],
    ]);
  });

  test('limiting the channel (429, Retry-After 1) is obeyed', async () => {
    const rig = await startRig();
    rig.simulator.addFault({ kind: 'rateLimit', retryAfterSec: 1, count: 1, route: 'messages' });
    const asked = Date.now();
    await rig.ask('hello');
    expect(Date.now() - asked).toBeGreaterThanOrEqual(1_000);
    expect(rig.simulator.replies()).toHaveLength(2);
  });
});

describe('the gateway', () => {
  test.each([
    [4009, 'resumes'],
    [1006, 'resumes'],
    [4006, 'identifies'],
    [4902, 'identifies'],
  ] as const)('closing with %i: the bot %s and misses nothing', async (closeCode, what) => {
    const rig = await startRig();
    const before = rig.simulator.state()[what];
    rig.simulator.addFault({ kind: 'dropConnection', closeCode });
    await until(what, () => rig.simulator.state()[what] > before);
    expect(await rig.ask('still there?')).toEqual([FALLBACK]);
  });

  test('an event that comes while the connection is down is delivered by the RESUME', async () => {
    const rig = await startRig();
    rig.simulator.addFault({ kind: 'dropConnection', closeCode: 4009 });
    await until('the drop', () => rig.simulator.state().connected === 0);
    expect(await rig.ask('into the gap')).toEqual([FALLBACK]);
  });

  test('events that come again after a RESUME are handled once', async () => {
    const rig = await startRig();
    expect(await rig.ask('only once')).toEqual([FALLBACK]);
    rig.simulator.addFault({ kind: 'redeliver' });
    rig.simulator.addFault({ kind: 'dropConnection', closeCode: 4009 });
    await until('the RESUME', () => rig.simulator.state().resumes === 1);
    expect(await rig.ask('and after it')).toEqual([FALLBACK]);
    expect(await rig.get('/healthz')).toMatchObject({ messages: { duplicates: 1 } });
    expect(rig.simulator.replies()).toHaveLength(2);
  });

  test.each(['4006', '4007', '4902'] as const)('a RESUME that fails by %s is followed by IDENTIFY', async (refusal) => {
    const rig = await startRig();
    rig.simulator.addFault({ kind: 'resumeFails', refusal, count: 1 });
    rig.simulator.addFault({ kind: 'dropConnection', closeCode: 4009 });
    await until('an IDENTIFY', () => rig.simulator.state().identifies === 2);
    expect(rig.simulator.state().resumes).toBe(1);
    expect(await rig.ask('still there?')).toEqual([FALLBACK]);
  });

  test('a forgotten session is begun anew', async () => {
    const rig = await startRig();
    rig.simulator.addFault({ kind: 'invalidSession' });
    await until('an IDENTIFY', () => rig.simulator.state().identifies === 2);
    expect(await rig.ask('still there?')).toEqual([FALLBACK]);
  });

  test('refused intents: once more with the base intents', async () => {
    const rig = await startRig({ simulator: { permittedIntents: defaultOptions.gateway.baseIntents } });
    expect(rig.simulator.state()).toMatchObject({ identifies: 2, intents: defaultOptions.gateway.baseIntents });
  });

  test('a ban stops the bot with exit code 77', async () => {
    const rig = await startRig();
    rig.simulator.addFault({ kind: 'dropConnection', closeCode: 4915 });
    expect((await rig.bot.stopped).code).toBe(77);
  });
});

describe('starting', () => {
  test('with credentials that QQ refuses ends with exit code 77', async () => {
    const simulator = await createSimulator({ credentials: { appId: 'test-app', secret: 'another' } });
    const bot = await createBot(configFor(simulator.url, join(temporaryFolder(), 'bot.db'), { http: null }));
    expect(await bot.stopped).toMatchObject({ code: 77, reason: expect.stringContaining('100016') });
    await simulator.close();
  });

  test('with a port in use fails with what to set', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    const config = configFor('http://127.0.0.1:9', join(temporaryFolder(), 'bot.db'), {
      http: { host: '127.0.0.1', port },
    });
    await expect(createBot(config)).rejects.toThrow(`127.0.0.1:${port} is in use; set KINTSUGI_HTTP`);
    taken.close();
  });

  test('with a journal that is a folder, not ours, or held fails with what to do', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'dir.db'));
    writeFileSync(join(folder, 'text.db'), 'this is no journal, but it is long enough to look at');
    const rig = await startRig();
    for (const [path, code] of [
      [join(folder, 'dir.db'), 'JOURNAL_UNWRITABLE'],
      [join(folder, 'text.db'), 'JOURNAL_NOT_OURS'],
      [rig.journalPath, 'JOURNAL_HELD'],
    ] as const) {
      await expect(createBot(configFor('http://127.0.0.1:9', path, { http: null }))).rejects.toMatchObject({ code });
    }
    expect(readFileSync(join(folder, 'text.db'), 'utf8')).toMatch(/^this is no journal/);
    expect(await rig.ask('still there?')).toEqual([FALLBACK]);
  });

  test('with a module that is none fails naming the part', async () => {
    const config = configFor('http://127.0.0.1:9', join(temporaryFolder(), 'bot.db'), { http: null });
    await expect(
      createBot(config, { commands: [{ name: 'two words', description: 'x', run: () => 'x' }] }),
    ).rejects.toThrow('the name "two words"');
    await expect(createBot(config, { onmessage: () => 'x' } as never)).rejects.toThrow('bot.onmessage is not known');
  });
});
