import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createSimulator } from '../../src/simulator/createSimulator.js';
import { credentials, run } from './program.js';
import { closeRigs, startRig, temporaryFolder, until } from './rig.js';

afterEach(closeRigs);

test('npm run simulator with a port that is none', async () => {
  const ended = await run('simulator', ['--port', '65536']);
  expect([ended.code, ended.err]).toEqual([64, expect.stringContaining('it must be a whole number from 0 to 65535')]);
});

describe('npm start', () => {
  test.each([
    ['half credentials', { QQ_BOT_APP_ID: 'app' }, [], 78, 'QQ_BOT_SECRET environment variable required'],
    ['a module that is not there', credentials, ['./none.ts'], 64, './none.ts: cannot be loaded'],
  ] as const)('%s', async (_what, env, args, code, message) => {
    const ended = await run('start', args, env as unknown as Record<string, string>);
    expect([ended.code, ended.err.includes(message) || ended.err]).toEqual([code, true]);
    expect(ended.err + ended.out).not.toContain('a-secret-value');
  });

  test('a journal that another process holds, or that is not ours: 73; a port in use: 75', async () => {
    const rig = await startRig();
    expect((await run('start', [], { ...credentials, KINTSUGI_JOURNAL: rig.journalPath })).code).toBe(73);
    const foreign = join(temporaryFolder(), 'file.db');
    writeFileSync(foreign, 'no journal, only text, long enough to be read');
    expect((await run('start', [], { ...credentials, KINTSUGI_JOURNAL: foreign })).code).toBe(73);
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    expect((await run('start', [], { ...credentials, KINTSUGI_HTTP: `127.0.0.1:${port}` })).code).toBe(75);
    taken.close();
  });

  test('SIGTERM drains and ends with 0; the log tells what happened and holds no secret', async () => {
    const simulator = await createSimulator();
    const env = {
      ...credentials,
      QQ_BOT_API_URL: simulator.url,
      QQ_BOT_TOKEN_URL: `${simulator.url}/app/getAppAccessToken`,
    };
    const ended = await run(
      'start',
      ['--json'],
      env,
      (kill, said) => void until('the bot', () => said().includes('Gateway ready')).then(() => kill('SIGTERM')),
    );
    await simulator.close();
    expect(ended.code).toBe(0);
    expect(ended.out).toMatch(/Gateway ready: new session[\s\S]*Stop requested \(SIGTERM\)[\s\S]*Drained/);
    expect(JSON.parse(ended.out.trim().split('\n').at(-1) as string)).toEqual({ code: 0, reason: 'SIGTERM' });
    expect(ended.out).not.toContain('a-secret-value');
  });
});

describe('npm run replay', () => {
  test('folds the journal of a bot, verifies it, and asks what if', async () => {
    const rig = await startRig();
    await rig.ask('hello');
    await rig.stop();
    const whole = await run('replay', ['--journal', rig.journalPath, '--verify', '--json']);
    expect([whole.code, JSON.parse(whole.out)]).toEqual([0, expect.objectContaining({ verified: true })]);
    const set = ['--journal', rig.journalPath, '--json', '--set'];
    const asked = await run('replay', [...set, 'circuitBreaker.failureThreshold=3']);
    expect(JSON.parse(asked.out)).toMatchObject({
      recorded: { answered: 1 },
      whatIf: { answered: 1 },
      inferred: { calls: 0 },
    });
  });
});

test('npm run simulator prints its address, and tells a taken port', async () => {
  const started = await run(
    'simulator',
    ['--port', '0', '--json'],
    {},
    (kill, said) => void until('its address', () => said().includes('\n')).then(() => kill('SIGTERM')),
  );
  expect([started.code, JSON.parse(started.out)]).toEqual([
    0,
    { url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) },
  ]);
  const taken = await createSimulator();
  const { code } = await run('simulator', ['--port', String(taken.port)]);
  await taken.close();
  expect(code).toBe(75);
});
