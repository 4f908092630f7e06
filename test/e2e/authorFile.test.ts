import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createSimulator } from '../../src/simulator/createSimulator.js';
import { credentials, run } from './program.js';
import { closeRigs, temporaryFolder, until } from './rig.js';

afterEach(closeRigs);

function fileOf(source: string): string {
  const path = join(temporaryFolder(), 'bot.mts');
  writeFileSync(path, `${source}\nexport const bot = {};\n`);
  return path;
}

describe("the author's file", () => {
  test.each([
    ['throws what is no error', 'throw null;', 'null'],
    ['rejects with nothing', 'await Promise.reject();', 'undefined'],
    [
      'lets an error go while it is loaded',
      "setTimeout(() => { throw new Error('x'); }); await new Promise((r) => setTimeout(r, 5000));",
      'Error: x',
    ],
    ['awaits what never comes', 'await new Promise(() => {});', 'it awaits what never comes'],
    ['ends the process', 'process.exit(7);', 'it ended the process (7)'],
  ])('[case A1] that %s is told in one line, and the start ends with 64', async (_what, source, why) => {
    const ended = await run('start', [fileOf(source)], credentials);
    expect([ended.code, ended.err]).toEqual([64, expect.stringMatching(/^\S+bot\.mts: cannot be loaded: [^\n]+\n+$/)]);
    expect(ended.err).toContain(`loaded: ${why}`);
  });

  test('[case A1] that ends the process at every signal, error and end of it keeps nobody from draining: 0', async () => {
    const simulator = await createSimulator();
    const path = fileOf(`
      process.on('SIGTERM', () => process.exit(3));
      process.on('uncaughtException', () => process.exit(4));
      process.on('exit', () => { throw new Error('at the end'); });
      setTimeout(() => { throw new Error('early'); });
    `);
    const env = {
      ...credentials,
      QQ_BOT_API_URL: simulator.url,
      QQ_BOT_TOKEN_URL: `${simulator.url}/app/getAppAccessToken`,
    };
    const ended = await run(
      'start',
      [path],
      env,
      (kill, said) => void until('the bot', () => said().includes('Gateway ready')).then(() => kill('SIGTERM')),
    );
    await simulator.close();
    expect([ended.code, ended.err]).toEqual([0, 'Error: at the end\n']);
    expect(ended.out).toMatch(/Error: early[\s\S]*process\.exit\(3\)[\s\S]*Drained/);
  });
});
