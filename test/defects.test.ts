import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseCommand } from '../src/adapters/author/authorModule.js';
import { builtInCommands } from '../src/adapters/author/builtInCommands.js';
import { commandTextsFor } from '../src/adapters/author/commandTexts.js';
import { readStatus } from '../src/adapters/operator/status.js';
import { ERROR_CODES, rowOf } from '../src/adapters/qq/http/errorCodes.js';
import { encodeReply } from '../src/adapters/qq/wire/encode.js';
import { stripMentions } from '../src/adapters/qq/wire/userText.js';
import { closePolicyOf } from '../src/machines/gateway/closeCodes.js';
import { defaultOptions } from '../src/machines/vocabulary/options/options.js';
import { failureText } from '../src/machines/vocabulary/replies/words.js';
import { World } from './actors/world.js';

/** The defects that a bot of this kind has when it is written the obvious way. Each is named by a test here or elsewhere. */
function connected(): World {
  const world = new World();
  world.begin();
  world.connect();
  return world;
}
function say(world: World, count: number, from = 0): void {
  for (let i = from; i < from + count; i += 1) {
    world.receive(`m${i}`, { channel: `c${i}`, author: `u${i}` });
    world.complete(`m${i}`, [`answer ${i}`]);
  }
}
function open(world: World): void {
  say(world, 5);
  for (const call of world.calls) world.fail(call);
  expect(world.value('breaker:messages')).toBe('open');
}
const state = (world: World, id: string): unknown => world.value(id);
const rungs = (world: World): unknown[] => world.calls.map((call) => (call as { rung?: string }).rung);

const place = { kind: 'guild', guildId: 'g1', channelId: 'c1' } as const;

describe('each defect has a test that names it', () => {
  test('all 32 are named', () => {
    const files = readdirSync('test', { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.test.ts'),
    );
    const titles = files.map((file) => readFileSync(`test/${file}`, 'utf8')).join('\n');
    expect(Array.from({ length: 32 }, (_, i) => i + 1).filter((n) => !titles.includes(`[defect ${n}]`))).toEqual([]);
  });

  test('[defect 1] half-open lets one call through, and one failure opens it again', () => {
    const world = connected();
    open(world);
    say(world, 20, 5);
    world.runTo(world.actor('breaker:messages').timers.openMs!.dueAt);
    expect(world.calls).toHaveLength(1);
    world.fail(world.calls[0]!);
    expect(state(world, 'breaker:messages')).toBe('open');
  });

  test('[defect 2] one physical call is one count: refused embeds with working text leave the breaker alone', () => {
    const world = connected();
    for (let i = 0; i < 20; i += 1) {
      say(world, 1, i);
      if (rungs(world)[0] === 'embed') world.fail(world.calls[0]!, 'rejectedForm');
      world.runTo(world.now + 100);
      for (const call of world.calls) world.succeed(call);
    }
    expect(state(world, 'breaker:messages')).toBe('closed');
    expect(world.actor('breaker:messages').snapshot.context).toMatchObject({ failures: 0, inFlight: 0 });
  });

  test('[defect 3] [defect 14] an outage costs no form and no message', () => {
    const world = connected();
    open(world);
    say(world, 30, 5);
    expect(state(world, 'feature:richEmbeds')).toBe('enabled');
    const forms = new Set<unknown>();
    world.runTo(world.now + 60_000, () => {
      for (const form of rungs(world)) forms.add(form);
      for (const call of world.calls) world.succeed(call);
    });
    expect(forms).toEqual(new Set(['embed']));
    expect(world.actor('intake').snapshot.context).toMatchObject({
      inHand: 0,
      ended: { answered: 35, deadLettered: 0 },
    });
  });

  test('[defect 4] a network failure switches embeds off until the first call succeeds, and in that step they are on', () => {
    const world = connected();
    world.take({ type: 'recovery.requested', by: 'x', force: false, breakers: [] });
    const checks = world.records.at(-1)!.effects.filter((effect) => effect.type === 'check.run');
    const [network, memory, api] = checks.map(({ id }) => id) as [string, string, string];
    world.take({
      type: 'process.sampled',
      effectId: memory,
      heapShare: 0,
      loopP99Ms: 0,
      appendFailures: 0,
      appendMaxMs: 0,
    });
    world.take({
      type: 'api.checked',
      effectId: api,
      class: 'transient',
      status: null,
      code: 'ECONNREFUSED',
      latencyMs: 1,
    });
    world.take({ type: 'network.checked', effectId: network, ok: false, code: 'ECONNREFUSED', latencyMs: 1 });
    expect(world.open('check.run')).toBeUndefined(); // an outcome ends its effect
    expect([state(world, 'feature:richEmbeds'), state(world, 'feature:fileUploads')]).toEqual([
      'suspended',
      'suspended',
    ]);
    say(world, 1);
    expect(rungs(world)).toEqual(['text']);
    world.succeed(world.calls[0]!);
    expect([state(world, 'feature:richEmbeds'), state(world, 'feature:fileUploads')]).toEqual(['enabled', 'enabled']);
  });

  test('[defect 6] retries have jitter, a class, Retry-After and an end', () => {
    const world = connected();
    say(world, 3);
    for (const call of world.calls) world.fail(call);
    const pauses = [0, 1, 2].map(
      (i) => (world.actor(`delivery:m${i}.0`).snapshot.context as { pauseMs: number }).pauseMs,
    );
    expect(new Set(pauses).size).toBe(3);
    say(world, 1, 3);
    world.fail(world.calls[0]!, 'rejectedTarget');
    expect(state(world, 'delivery:m3.0')).toBe('deadLettered');
    world.runTo(world.now + 300_000, () => world.calls.forEach((call) => void world.fail(call)));
    expect(state(world, 'delivery:m0.0')).toBe('deadLettered');
  });

  test('[defect 10] no call without a permit: an open breaker lets nothing through, degraded or not', () => {
    const world = connected();
    open(world);
    say(world, 10, 5);
    expect(world.calls).toEqual([]);
    for (const { effects } of world.records)
      for (const effect of effects) if (effect.type === 'call.start') expect(effect.permit.id).toBeTruthy();
  });

  test('[defect 11] a command is answered at once in a channel whose turns are all held by replies that stand at the open breaker', () => {
    const world = connected();
    open(world);
    for (let i = 10; i < 22; i += 1) {
      world.receive(`m${i}`, { channel: 'busy', author: `u${i}` });
      world.complete(`m${i}`);
    }
    expect(world.calls).toEqual([]);
    world.receive('m99', { channel: 'busy', author: 'u10', content: '!status' });
    world.complete('m99', ['all is well'], true);
    expect(world.calls).toMatchObject([{ delivery: 'delivery:m99.0', breaker: 'breaker:operator' }]);
  });

  test('[defect 12] [defect 25] handlers that throw open no breaker, and the user reads no internals', () => {
    const world = connected();
    for (let i = 0; i < 10; i += 1) {
      world.receive(`m${i}`, { channel: `c${i}` });
      const run = world.openOf(`message:m${i}`, 'handler.run');
      world.take({ type: 'handler.failed', effectId: run.id, reason: 'threw', error: 'Error: password is hunter2' });
      for (const call of world.calls) {
        expect(JSON.stringify(call)).not.toContain('hunter2');
        world.succeed(call);
      }
    }
    expect(state(world, 'breaker:messages')).toBe('closed');
    expect(failureText('en', 'm1')).toMatch(/^⚠️ Something went wrong \(ref [A-Z2-9]{4}\)$/);
  });

  test('[defect 13] the last form carries the real answer', () => {
    expect(
      encodeReply({ place, rung: 'text', form: { text: 'the answer', embed: true }, msgId: 'm', late: false }).content,
    ).toBe('the answer');
    expect(
      encodeReply({ place, rung: 'text', form: { text: 'the answer', embed: true }, msgId: 'm', late: true }).content,
    ).toBe('⚠️ recovery mode:\nthe answer');
  });

  test('[defect 15] [defect 27] codes decide: accepted under audit is not sent again, a duplicate is a success, final closes stay closed', () => {
    expect([304023, 304024, 40054005].map((code) => rowOf(ERROR_CODES, code)?.class)).toEqual([
      'underAudit',
      'underAudit',
      'duplicate',
    ]);
    expect([11243, 11242, 304003].map((code) => rowOf(ERROR_CODES, code)?.class)).toEqual([
      'auth',
      'transient',
      'local',
    ]);
    expect([4914, 4915].map(closePolicyOf)).toEqual(['stop', 'stop']);
  });

  test('[defect 16] [limit callsAtOnce] calls have a deadline, and a hanging API does not pile them up', () => {
    const world = connected();
    say(world, 100);
    expect(world.calls).toHaveLength(defaultOptions.calls.inFlightMax);
    expect(world.calls.every((call) => (call as { timeoutMs?: number }).timeoutMs === 30_000)).toBe(true);
  });

  test('[defect 17] a late result of an older time neither opens nor closes the breaker', () => {
    const world = connected();
    say(world, 8);
    const [late, lateToo, ...calls] = world.calls;
    for (const call of calls.slice(0, 5)) world.fail(call);
    const deadline = world.actor('breaker:messages').timers.openMs;
    world.fail(late!);
    expect(world.actor('breaker:messages').timers.openMs).toEqual(deadline);
    world.succeed(lateToo!);
    expect(state(world, 'breaker:messages')).toBe('open');
  });

  test('[defect 18] degraded replies go side by side', () => {
    const world = connected();
    world.take({ type: 'operator.forced', feature: 'richEmbeds', on: false, reason: 'test', forMs: 60_000 });
    say(world, 20);
    expect(rungs(world)).toEqual(Array.from({ length: 20 }, () => 'text'));
  });

  test('[defect 19] a channel that refuses the bot does not stop the others', () => {
    const world = connected();
    for (let i = 0; i < 20; i += 1) {
      world.receive(`m${i}`, { channel: 'muted' });
      world.complete(`m${i}`);
      for (const call of world.calls) world.fail(call, 'rejectedTarget');
    }
    expect(state(world, 'breaker:messages')).toBe('closed');
  });

  test('[defect 20] health looks at minutes, not at a lifetime', () => {
    const world = connected();
    for (let i = 0; i < 500; i += 1) {
      say(world, 1, i);
      for (const call of world.calls) world.succeed(call);
      world.now += 5_000;
    }
    say(world, 10, 1_000);
    for (const call of world.calls) world.fail(call);
    expect(state(world, 'health:send')).not.toBe('healthy');
    world.runTo(world.now + 120_000, () => world.calls.forEach((call) => void world.succeed(call)));
    say(world, 1, 2_000);
    for (const call of world.calls) world.succeed(call);
    expect(state(world, 'health:send')).toBe('healthy');
  });

  test('[defect 21] a bot that can send nothing is not healthy, however few its messages', () => {
    const world = connected();
    open(world);
    const failAll = (): void => world.calls.forEach((call) => void world.fail(call));
    world.runTo(world.now + 70_000, failAll);
    expect(readStatus(world.state)).toMatchObject({ isHealthy: false, isAllWell: false });
  });

  test('[defect 22] health steers: a part that gets worse starts a diagnosis at once', () => {
    const world = connected();
    open(world);
    expect(state(world, 'recovery')).toHaveProperty('diagnosing');
  });

  test('[defect 24] one loop, however often the connection is ready, with jitter', () => {
    const world = connected();
    const due = (): number => world.actor('recovery').timers.checkMs!.dueAt;
    const first = due();
    world.take({ type: 'socket.closed', socket: 's1', code: 4009, reason: '' });
    world.runTo(world.now + 2_000);
    expect(first - 1_000_000).toBeGreaterThanOrEqual(24_000);
    expect(first - 1_000_000).toBeLessThanOrEqual(36_000);
    expect(Object.keys(world.actor('recovery').timers).length).toBeLessThanOrEqual(3);
  });

  test('[defect 28] a restart keeps the breaker open and the feature off', () => {
    const world = connected();
    open(world);
    world.take({ type: 'operator.forced', feature: 'richEmbeds', on: false, reason: 'test', forMs: 60_000 });
    const deadline = world.actor('breaker:messages').timers.openMs;
    world.begin();
    expect(state(world, 'breaker:messages')).toBe('open');
    expect(world.actor('breaker:messages').timers.openMs).toEqual(deadline);
    expect(state(world, 'feature:richEmbeds')).toBe('forcedOff');
  });

  test('[defect 29] every transition is a record with its rule', () => {
    const world = connected();
    open(world);
    const steps = world.records
      .flatMap((record) => record.steps)
      .filter(({ from, to }) => JSON.stringify(from) !== JSON.stringify(to));
    expect(steps.length).toBeGreaterThan(30);
    expect(steps.filter(({ rules }) => rules.length === 0)).toEqual([]);
  });

  test('[defect 30] every form answers a message: msg_id is never left out', () => {
    const form = {
      text: 't',
      embed: true,
      image: 'https://example.org/a.png',
      buttons: [{ label: 'a', command: 'a' }],
    };
    for (const rung of ['keyboard', 'image', 'embed', 'leanEmbed', 'text'] as const)
      expect(encodeReply({ place, rung, form, msgId: 'm7', late: false }).msg_id).toBe('m7');
  });

  test('[defect 31] a command is found behind the mention that QQ puts before it', () => {
    expect(parseCommand(stripMentions('<@!42>\u00a0!health', ['42']))).toEqual({ name: 'health', args: [] });
  });

  test('[defect 32] the commands that the usage lists are there', () => {
    const commands = builtInCommands({} as never, commandTextsFor('en'));
    expect(commands.map(({ name }) => name)).toEqual(['health', 'status', 'features', 'recover', 'test-retry']);
  });

  test.each([
    [0, 0, true, 1],
    [0, 9, true, 0],
    [9, 1, false, 0.9],
    [19, 1, false, 0.95],
    [20, 1, true, 20 / 21],
  ])('[contract 6] the read-out: %i good and %i bad messages', (good, bad, isHealthy, rate) => {
    const world = connected();
    for (let i = 0; i < good + bad; i += 1) {
      say(world, 1, i);
      for (const call of world.calls) {
        if (i < good) world.succeed(call);
        else world.fail(call, 'rejectedTarget');
      }
      world.now += 1_000;
    }
    expect(readStatus(world.state)).toMatchObject({ isHealthy, rate, processed: good + bad, good, bad });
  });
});
