import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createSimulator } from '../../src/simulator/createSimulator.js';
import { rewriteRows } from '../adapters/journal/tamper.js';
import { credentials, run } from './program.js';
import { closeRigs, startRig, temporaryFolder, until } from './rig.js';

afterEach(closeRigs);

describe('npm run simulator', () => {
  test.each([
    ['an empty port', ['--port', ''], 64, 'it must be a whole number'],
    ['a port that is a word', ['--port', 'many'], 64, 'it must be a whole number'],
    [
      'an address that is not of this machine',
      ['--host', '192.0.2.1', '--port', '0'],
      75,
      '192.0.2.1:0 cannot be listened on',
    ],
    ['an unknown policy', ['--policy', 'paceMx=1'], 64, 'did you mean "paceMax"?'],
  ] as const)('%s', async (_what, args, code, message) => {
    const ended = await run('simulator', args);
    expect([ended.code, ended.err.includes(message) || ended.err]).toEqual([code, true]);
  });
});

describe('npm start', () => {
  test.each([
    ['a malformed address', { ...credentials, QQ_BOT_API_URL: 'nowhere' }, [], 78, 'QQ_BOT_API_URL is "nowhere"'],
    [
      'an unknown option',
      credentials,
      ['--set', 'circuitBreaker.opnMs=1'],
      78,
      'did you mean "circuitBreaker.openMs"?',
    ],
    ['none in production', { NODE_ENV: 'production' }, [], 78, 'QQ_BOT_SECRET environment variable required'],
    ['an unknown flag', credentials, ['--nonsense'], 64, '--nonsense'],
  ] as const)('%s', async (_what, env, args, code, message) => {
    const ended = await run('start', args, env as unknown as Record<string, string>);
    expect([ended.code, ended.err.includes(message) || ended.err]).toEqual([code, true]);
    expect(ended.err + ended.out).not.toContain('a-secret-value');
  });

  test('killed with SIGKILL, it RESUMES its session and answers once what came meanwhile', async () => {
    const simulator = await createSimulator();
    const env = {
      ...credentials,
      QQ_BOT_API_URL: simulator.url,
      QQ_BOT_TOKEN_URL: `${simulator.url}/app/getAppAccessToken`,
      QQ_BOT_INTENTS: 'GROUP_AND_C2C_EVENT',
      KINTSUGI_JOURNAL: join(temporaryFolder(), 'bot.db'),
    };
    const say = (content: string) => simulator.postMessage({ kind: 'group', channelId: 'G', content });
    // A reply that was under way at the kill goes out again under its key, and only one stands there.
    const answers = () => simulator.replies().filter(({ accepted }) => accepted).length;
    const live = async (signal: NodeJS.Signals, isDone: () => boolean, onReady: () => void): Promise<void> => {
      await run('start', [], env, (kill) => {
        void until('the bot', () => simulator.state().connected > 0)
          .then(onReady)
          .then(() => until('what it has to do', isDone))
          .finally(() => kill(signal));
      });
    };
    await live(
      'SIGKILL',
      () => answers() === 1,
      () => say('one'),
    );
    await until('the end of its connection', () => simulator.state().connected === 0);
    say('two');
    await live(
      'SIGTERM',
      () => answers() === 2,
      () => undefined,
    );
    const { identifies, resumes } = simulator.state();
    await simulator.close();
    expect({ identifies, resumes, answers: answers() }).toEqual({
      identifies: 1,
      resumes: 1,
      answers: 2,
    });
  });
});

test('npm run replay folds to any record, and refuses what there is not', async () => {
  const rig = await startRig();
  await rig.ask('hello');
  await rig.stop();
  const whole = await run('replay', ['--journal', rig.journalPath, '--json']);
  const result = JSON.parse(whole.out) as { seq: number };
  const early = JSON.parse((await run('replay', ['--journal', rig.journalPath, '--at', '1', '--json'])).out) as {
    seq: number;
  };
  expect(early.seq).toBe(1);
  expect((await run('replay', ['--journal', rig.journalPath, '--at', String(result.seq + 1)])).code).toBe(64);
  const misspelt = await run('replay', ['--journal', rig.journalPath, '--set', 'circuitBreaker.failureTreshold=3']);
  expect([misspelt.code, misspelt.err.includes('did you mean "circuitBreaker.failureThreshold"?')]).toEqual([78, true]);
  expect((await run('replay', ['--journal', join(temporaryFolder(), 'none.db')])).code).toBe(73);
});

describe('npm run replay', () => {
  test('tells the first difference with both sides and ends with 1', async () => {
    const rig = await startRig();
    await rig.ask('hello');
    await rig.stop();
    rewriteRows(rig.journalPath, (body) => (body.includes('"message.received"') ? body.replace('"M2"', '"M9"') : body));
    const ended = await run('replay', ['--journal', rig.journalPath, '--verify']);
    expect([
      ended.code,
      /First difference at seq \d+ \(.*\), message:/.test(ended.out),
      ended.out.includes('"M9"'),
      ended.out.includes('"M2"'),
    ]).toEqual([1, true, true, true]);
  });
});
