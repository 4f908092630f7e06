import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { folderOf } from '../src/actors/charts/inertScope.js';
import { SIGNALS_MAX } from '../src/actors/step/deliveries.js';
import { ENDED_MAX, SEEN_MAX, SystemState } from '../src/actors/step/state.js';
import { step } from '../src/actors/step/step.js';
import { topology } from '../src/actors/wiring/topology.js';
import { CALLS_MAX, EXTERNALS_MAX, ExternalCalls } from '../src/adapters/author/externalCalls.js';
import { createHandlerRunner, REPLIES_MAX } from '../src/adapters/author/handlerRunner.js';
import {
  BUTTONS_MAX,
  COMMAND_MAX,
  checkForm,
  IMAGE_MAX,
  LABEL_MAX,
  REPLY_MAX,
} from '../src/adapters/author/replyForm.js';
import { createManualClock } from '../src/adapters/process/manualClock.js';
import { textsFor } from '../src/bot/texts.js';
import { renderLimits } from '../src/cli/pages/limitsPage.js';
import { circuitBreakerMachine } from '../src/machines/circuitBreaker/chart.js';
import { GRANTS_MAX } from '../src/machines/circuitBreaker/context.js';
import { noTargets, TARGETS_MAX, withFailure } from '../src/machines/circuitBreaker/targets.js';
import { USERS_MAX, type Usage, withCommand } from '../src/machines/intake/commandLimit.js';
import { laneMachine } from '../src/machines/lane/chart.js';
import { URGENT_MAX } from '../src/machines/lane/words.js';
import type { Fact } from '../src/machines/vocabulary/facts/facts.js';
import { defaultOptions } from '../src/machines/vocabulary/options/options.js';
import { REPEAT_MAX } from '../src/simulator/control/schemas.js';
import { createSimulator } from '../src/simulator/createSimulator.js';
import { FAULTS_MAX } from '../src/simulator/faults/faults.js';
import { Random } from '../src/simulator/kit/random.js';
import { systemTimers } from '../src/simulator/kit/timers.js';
import { MESSAGES_MAX, Platform } from '../src/simulator/platform.js';
import { LEDGER_MAX, Ledger } from '../src/simulator/world/ledger.js';
import { DEFAULT_POLICIES } from '../src/simulator/world/policies.js';
import { REPLAY_MAX, SESSIONS_MAX, Sessions } from '../src/simulator/world/sessions.js';
import { limits } from '../visualizations/src/allLimits.js';
import { World } from './actors/world.js';

describe('every limit', () => {
  test('stands in docs/LIMITS.md as it is in the code', () => {
    expect(readFileSync('docs/LIMITS.md', 'utf8')).toBe(renderLimits(limits));
  });
  test('has a test that reaches it', () => {
    const files = readdirSync('test', { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.test.ts'),
    );
    const titles = files.map((file) => readFileSync(`test/${file}`, 'utf8')).join('\n');
    expect(
      limits.map(({ id }) => id).filter((id) => !new RegExp(`\\[limit ([^\\]]*, )?${id}[,\\]]`).test(titles)),
    ).toEqual([]);
  });
});

const changes = {
  seq: 1,
  at: 0,
  epoch: 1,
  behaviour: 1,
  options: null,
  actors: new Map(),
  openEffects: new Map(),
  steps: [],
  effects: [],
};
const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `m${i}`);

describe('memory of the system', () => {
  test('[limit seen] the oldest message id is forgotten', () => {
    const state = new SystemState();
    state.apply({ ...changes, seen: names(SEEN_MAX + 1), ended: [] });
    state.merge();
    expect([state.hasSeen('m0', 0), state.hasSeen('m1', 0)]).toEqual([false, true]);
  });
  test('[limit ended] the oldest ended actor is forgotten', () => {
    const state = new SystemState();
    const ended = { machine: 'message', value: 'answered', reason: null, parent: null };
    state.apply({ ...changes, seen: [], ended: names(ENDED_MAX + 1).map((id) => [id, ended] as const) });
    state.merge();
    expect([state.ended('m0', 0), state.ended('m1', 0)]).toEqual([undefined, ended]);
  });
  test('[limit signals] a fact that causes too many is recorded without effect', () => {
    const world = new World();
    world.begin();
    const loop = {
      machines: topology.machines,
      effects: {},
      routeFact: () => [
        {
          to: 'lane:x',
          spawn: { machine: 'lane', input: { options: defaultOptions.lane }, deliver: true },
          event: { type: 'turn.requested', delivery: 'd', lane: 'lane:x', key: 'k', urgent: false },
        },
      ],
      routeSignal: () => [
        { to: 'lane:x', event: { type: 'turn.requested', delivery: 'd', lane: 'lane:x', key: 'k', urgent: false } },
      ],
    };
    expect(() =>
      step(loop as never, world.state, { type: 'stop.requested', signal: 'x', id: 'f', at: world.now } as never),
    ).toThrow(`more than ${SIGNALS_MAX} signals`);
  });
  test('[limit commandUsers] users whose window is over go first', () => {
    let usage: Usage = {};
    for (let i = 0; i < USERS_MAX + 5; i += 1)
      usage = withCommand(usage, `u${i}`, i * 100, defaultOptions.commands, false);
    expect(Object.keys(usage).length).toBeLessThanOrEqual(USERS_MAX);
    expect(Object.keys(usage)).toContain(`u${USERS_MAX + 4}`);
  });
  test('[limit laneUrgent] an answer to a command finds a place in a full lane, up to a hundred', () => {
    const folder = folderOf(laneMachine);
    let fold = folder.start({ at: 0, id: 'lane', options: { ...defaultOptions.lane, queueMax: 1 } });
    const ask = (i: number, urgent: boolean): void => {
      fold = folder.transition(fold.snapshot, {
        type: 'turn.requested',
        id: 'e',
        at: 0,
        delivery: `d${i}`,
        lane: 'l',
        key: 'same',
        urgent,
      } as never);
    };
    ask(0, false);
    ask(1, false);
    for (let i = 2; i < 2 + URGENT_MAX; i += 1) ask(i, true);
    expect(fold.emitted.map(({ type }) => type)).not.toContain('turn.denied');
    ask(999, true);
    expect(fold.emitted.map(({ type }) => type)).toContain('turn.denied');
  });
  test('[limit grants] a step gives so many permits, the next outcome brings the next ones', () => {
    const folder = folderOf(circuitBreakerMachine);
    let fold = folder.start({
      at: 0,
      id: 'breaker:x',
      options: defaultOptions.circuitBreaker,
      inFlightMax: 1_000,
      slowMs: 5_000,
    });
    const send = (event: object): void => {
      fold = folder.transition(fold.snapshot, { id: 'e', at: 0, ...event } as never);
    };
    send({ type: 'gateway.lost' });
    for (let i = 0; i < GRANTS_MAX + 50; i += 1)
      send({ type: 'permit.requested', delivery: `d${i}`, deadline: i, operator: false });
    send({ type: 'gateway.readied' });
    expect(fold.emitted.filter(({ type }) => type === 'permit.granted')).toHaveLength(GRANTS_MAX);
  });
});

describe('failing targets', () => {
  test('[limit targets] of those that fail the latest are remembered', () => {
    let targets = noTargets;
    for (let n = 0; n < TARGETS_MAX + 10; n += 1) targets = withFailure(targets, `lane:${n}`, n);
    expect(targets.failing).toHaveLength(TARGETS_MAX);
    expect(targets.failing[0]).toEqual({ target: 'lane:10', failures: 1, since: 10, at: 10 });
  });
});

describe('what a handler may ask for', () => {
  test('[limit replyText, buttons, buttonText, buttonCommand, image] sizes are refused by name', () => {
    const long = (length: number): string => 'x'.repeat(length);
    const button = (label: string, command = 'c') => ({ text: 't', buttons: [{ label, command }] });
    expect(checkForm(long(REPLY_MAX)).text).toHaveLength(REPLY_MAX);
    expect(() => checkForm(long(REPLY_MAX + 1))).toThrow(RangeError);
    expect(() => checkForm({ text: 't', buttons: names(BUTTONS_MAX + 1).map((label) => ({ label })) })).toThrow(
      'buttons',
    );
    expect(() => checkForm(button(long(LABEL_MAX + 1)))).toThrow('label');
    expect(() => checkForm(button('l', long(COMMAND_MAX + 1)))).toThrow('command');
    expect(() => checkForm({ text: 't', image: `https://e.org/${long(IMAGE_MAX)}` })).toThrow('image');
    expect(() => checkForm({ text: 't', image: 'javascript:alert(1)' })).toThrow('image');
  });
  test('[limit externalNames, externalCalls] more are refused', async () => {
    const calls = new ExternalCalls(createManualClock(), 1_000);
    const call = (name: string, ordinal = 0): Promise<unknown> =>
      calls.call(
        'r',
        ordinal,
        () => undefined,
        name,
        () => 1,
      );
    for (let i = 0; i < EXTERNALS_MAX; i += 1) void call(`api-${i}`, i);
    await expect(call('one-more')).rejects.toThrow(RangeError);
    await expect(call('api-0', CALLS_MAX)).rejects.toThrow(RangeError);
    calls.forget('r');
  });
  test('[limit replies] one message gets so many replies', async () => {
    const clock = createManualClock();
    const silent = { debug() {}, info() {}, warn() {}, error() {} };
    const facts: Fact[] = [];
    const performers = createHandlerRunner({
      module: {
        onMessage: async (ctx) => {
          for (let i = 0; i <= REPLIES_MAX; i += 1) await ctx.reply('again');
        },
      },
      texts: textsFor('en'),
      admins: new Set(),
      log: silent,
      defer: () => undefined,
      locale: 'en',
      builtIns: [],
      externals: new ExternalCalls(clock, 1_000),
      feature: () => true,
      recall: async () => undefined,
    });
    const message = {
      id: 'm',
      place: { kind: 'guild', guildId: 'g', channelId: 'c' },
      author: { id: 'u', username: 'u', bot: false, roles: [] },
      content: 'x',
      mentionsBot: true,
    };
    await performers['handler.run']!(
      { type: 'handler.run', id: 'e', actor: 'message:m', message, receivedAt: 0, runId: 'm', attempt: 1 } as never,
      (fact) => void facts.push(fact),
    );
    expect(facts.at(-1)).toMatchObject({ type: 'handler.failed', reason: 'threw' });
    expect(facts.flatMap((fact) => (fact.type === 'reply.requested' ? fact.replies : []))).toHaveLength(REPLIES_MAX);
  });
});

describe('the simulator', () => {
  const options = {
    seed: 1,
    isLenient: false,
    tokenLifeMs: 1,
    credentials: null,
    bots: { isPrivate: false, permittedIntents: null, mayMarkdown: true, mayKeyboard: true },
    policies: DEFAULT_POLICIES,
    timers: systemTimers(() => 0),
  };
  test('[limit simulatorFaults, simulatorRepeat] more are refused with 400', async () => {
    const simulator = await createSimulator();
    const post = async (path: string, body: object): Promise<number> =>
      (
        await fetch(`${simulator.url}${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        })
      ).status;
    for (let i = 0; i < FAULTS_MAX; i += 1) simulator.addFault({ kind: 'slow' });
    expect(await post('/sim/faults', { kind: 'slow' })).toBe(400);
    expect(await post('/sim/messages', { kind: 'guild', channelId: 'c', content: 'x', repeat: REPEAT_MAX + 1 })).toBe(
      400,
    );
    await simulator.close();
  });
  test('[limit simulatorMessages] the oldest message can no longer be answered', () => {
    const platform = new Platform(options);
    const say = () => platform.post({ kind: 'guild', channelId: 'c', content: 'x' })[0]!;
    const [first, second] = [say(), say()];
    const known = platform.messages.find(first)!;
    for (let i = 2; i < MESSAGES_MAX; i += 1) platform.messages.add({ ...known, id: `m${i}` });
    expect(platform.writtenAt(first)).toBe(0);
    say();
    expect([platform.writtenAt(first), platform.writtenAt(second)]).toEqual([undefined, 0]);
  });
  test('[limit simulatorLedger] the oldest tenth is dropped', () => {
    const ledger = new Ledger();
    for (let i = 0; i <= LEDGER_MAX; i += 1)
      ledger.addCall({ at: i, route: 'r', status: 200, code: null, fault: null });
    expect(ledger.allCalls()[0]?.at).toBe(LEDGER_MAX / 10);
  });
  test('[limit simulatorReplay, simulatorSessions] a session forgets the oldest event, and the platform the oldest session', () => {
    const sessions = new Sessions(new Random(1), () => 0, false);
    const wire = { send: () => undefined } as never;
    const bot = new Platform(options).bots.of('a');
    const first = sessions.begin(bot, 1, [0, 1], wire);
    first.wire = null;
    for (let i = 0; i <= REPLAY_MAX; i += 1) first.publish({ id: `e${i}`, t: 'X', d: {} });
    expect([first.replay(1), first.replay(2)]).toEqual([false, true]);
    for (let i = 0; i < SESSIONS_MAX; i += 1) sessions.begin(bot, 1, [0, 1], wire);
    expect([sessions.size, sessions.find(first.id)]).toEqual([SESSIONS_MAX, undefined]);
  });
});
