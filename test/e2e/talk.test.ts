import { afterEach, describe, expect, test } from '@jest/globals';
import { bot as commandsBot } from '../../examples/commands.js';
import { bot as echoBot } from '../../examples/echo.js';
import { closeRigs, startRig, until } from './rig.js';

afterEach(closeRigs);
const FALLBACK = 'Command processed with recovery protection';

describe('a bot without a module', () => {
  test('answers every mention and every direct message with exactly one reply', async () => {
    const rig = await startRig();
    expect(await rig.ask('hello')).toEqual([FALLBACK]);
    expect(await rig.ask('hello', { kind: 'direct', channelId: 'dm1' })).toEqual([FALLBACK]);
    expect(rig.simulator.replies().filter((reply) => reply.accepted)).toMatchObject([
      { kind: 'guild', channelId: 'c1', form: 'embed' },
      { kind: 'direct', channelId: 'dm1', form: 'embed' },
    ]);
    expect(await rig.stop()).toBe(0);
  });

  test('answers !help and /help from the list of commands', async () => {
    const rig = await startRig();
    for (const line of ['!help', '/help', '  /HELP  ']) expect((await rig.ask(line))[0]).toMatch(/!help – /);
  });

  test('does not answer bots', async () => {
    const rig = await startRig();
    rig.simulator.postMessage({
      kind: 'guild',
      channelId: 'c1',
      content: 'I am a bot',
      author: { id: 'b2', bot: true },
    });
    await rig.ask('and I am not');
    expect(rig.simulator.replies()).toHaveLength(1);
    expect(await rig.get('/healthz')).toMatchObject({ messages: { received: 2, answered: 1, refused: 1, inHand: 0 } });
  });

  test('handles a duplicate event once', async () => {
    const rig = await startRig();
    for (let i = 0; i < 3; i += 1)
      rig.simulator.postMessage({ kind: 'guild', channelId: 'c1', content: 'again', eventId: 'E1' });
    await rig.ask('another');
    expect(rig.simulator.replies().filter((reply) => reply.accepted)).toHaveLength(2);
    expect(await rig.get('/healthz')).toMatchObject({ messages: { duplicates: 2 } });
  });
});

describe('the examples', () => {
  test('echo says back what it hears, markup unescaped', async () => {
    const rig = await startRig({ module: echoBot });
    expect(await rig.ask('a <b> & "c"')).toEqual(['You said: a <b> & "c"']);
  });

  test('commands: arguments, several replies in order, admins, help', async () => {
    const rig = await startRig({ module: commandsBot });
    expect((await rig.ask('!roll 6'))[0]).toMatch(/^🎲 [1-6] of 6$/);
    expect((await rig.ask('!dice 1'))[0]).toBe('A die has 2 to 1000 sides.');
    expect(await rig.ask('/count', { answers: 3 })).toEqual(['one', 'two', 'three']);
    expect((await rig.ask('!restricted', { author: { id: 'u7' } }))[0]).toContain('u7');
    expect((await rig.ask('!restricted', { author: { id: 'u8', roles: ['4'] } }))[0]).toBe('You may.');
    expect((await rig.ask('!help'))[0]).toContain('!roll – roll a die');
    expect((await rig.ask('what?', { author: { id: 'u9', username: 'Ann' } }))[0]).toBe('Hello Ann! Try !help.');
  });

  test('an admin may be named by id where roles do not reach', async () => {
    const rig = await startRig({ module: commandsBot, admins: ['u5'] });
    expect((await rig.ask('!restricted', { kind: 'direct', channelId: 'd', author: { id: 'u5' } }))[0]).toBe(
      'You may.',
    );
    expect(
      (await rig.ask('!restricted', { kind: 'direct', channelId: 'd2', author: { id: 'u6', roles: ['4'] } }))[0],
    ).toContain('u6');
  });
});

describe('what can be seen', () => {
  test('health, readiness, actors, deliveries, dead letters, metrics, records', async () => {
    const rig = await startRig();
    await rig.ask('hello');
    const id = rig.simulator.replies()[0]?.msgId as string;
    expect(await rig.get('/healthz')).toMatchObject({
      world: 'qq',
      sandbox: false,
      parts: { journal: 'open', bot: 'running', breaker: 'closed' },
    });
    expect((await fetch(`${rig.bot.url}/readyz`)).status).toBe(200);
    const actors = await rig.get<{ id: string; machine: string; rule: string }[]>('/actors');
    expect(actors.map((actor) => actor.id)).toEqual(
      expect.arrayContaining(['bot', 'gateway', 'token', 'intake', 'breaker:messages', 'breaker:operator']),
    );
    expect(await rig.get(`/deliveries?message=${id}`)).toEqual([
      { id: `delivery:${id}.0`, value: 'delivered', ended: true },
    ]);
    expect(await rig.get('/dead-letters')).toEqual([]);
    expect(await (await fetch(`${rig.bot.url}/metrics`)).text()).toMatch(
      /kintsugi_messages_ended_total\{verdict="answered"\} 1/,
    );
    const records = await rig.get<{ seq: number; fact: { type: string } }[]>('/records?after=0&limit=1000');
    expect(records.map((record) => record.seq)).toEqual(records.map((_, i) => i + 1));
    expect(records[0]?.fact.type).toBe('run.started');
  });

  test.each(['/records?after=-1', '/records?limit=0', '/records?limit=many', '/deliveries'])(
    'refuses %s with a message',
    async (path) => {
      const rig = await startRig();
      const response = await fetch(`${rig.bot.url}${path}`);
      expect([response.status, ((await response.json()) as { message: string }).message.length > 5]).toEqual([
        400,
        true,
      ]);
    },
  );

  test('the live feed has every record, from the journal and as it comes', async () => {
    const rig = await startRig();
    const seen: number[] = [];
    const socket = new (await import('ws')).WebSocket(`${rig.bot.url?.replace('http', 'ws')}/records/live?after=0`);
    socket.on('message', (data) => seen.push((JSON.parse(String(data)) as { seq: number }).seq));
    await rig.ask('hello');
    const last = (await rig.get<{ seq: number }[]>('/records?after=0&limit=1000')).at(-1)?.seq as number;
    await until('the last record', () => seen.includes(last));
    expect(seen.slice(0, last)).toEqual(Array.from({ length: last }, (_, i) => i + 1));
    socket.terminate();
  });

  test('[core 17] no record, no page and no error holds the secret or a token', async () => {
    const rig = await startRig();
    await rig.ask('hello');
    const all = JSON.stringify([
      await rig.get('/records?after=0&limit=1000'),
      await rig.get('/actors'),
      await rig.get('/healthz'),
    ]);
    expect(all).not.toContain('test-secret-0123456789');
    expect(all).not.toMatch(/"(access_token|Authorization)"/);
    expect(all).not.toMatch(/[0-9a-f]{64}/); // the simulator's tokens
  });
});
