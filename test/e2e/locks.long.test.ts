import { execFile } from 'node:child_process';
import { copyFileSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, jest, test } from '@jest/globals';
import { spawnBot } from '../../src/cli/world/childBot.js';
import { createSimulator } from '../../src/simulator/createSimulator.js';
import { closeRigs, freePort, temporaryFolder, until } from './rig.js';

jest.setTimeout(120_000);
afterEach(closeRigs);
const onLinux = process.platform === 'linux' ? test : test.skip;

/** The files of the journal on which the process has locks, as the kernel says. */
function lockedBy(pid: number, path: string): readonly string[] {
  const lines = readFileSync('/proc/locks', 'utf8').split('\n');
  return ['', '-shm', '.lock'].filter((end) => {
    const { ino } = statSync(path + end);
    return lines.some((line) => new RegExp(`\\s${pid} [0-9a-f]+:[0-9a-f]+:${ino}\\s`).test(line));
  });
}

onLinux(
  '[case J1] a bot keeps its locks while its page is opened and its journal is read by a command, which leaves what a kill left as it is',
  async () => {
    const simulator = await createSimulator();
    const journalPath = join(temporaryFolder(), 'bot.db');
    const http = `127.0.0.1:${await freePort()}`;
    const bot = spawnBot({ simulator, journalPath, http, inspector: '127.0.0.1:0', log: 'ignore' });
    try {
      const inspector = async (): Promise<string | null> =>
        (await fetch(`http://${http}/`, { redirect: 'manual' }).catch(() => null))?.headers.get('location') ?? null;
      await until('the inspector', async () => (await inspector()) !== null, 60_000);
      const before = lockedBy(bot.process.pid!, journalPath);
      expect(before).toEqual(expect.arrayContaining(['', '.lock']));
      const page = (await inspector())!;
      for (const path of ['/', '/api/overview']) await (await fetch(new URL(path, page))).text();
      await promisify(execFile)(process.execPath, ['--import', 'tsx', 'src/cli/journal.ts', 'info', journalPath]);
      expect(lockedBy(bot.process.pid!, journalPath)).toEqual(before);

      bot.process.kill('SIGKILL');
      await bot.exited;
      // The bot's inspector, which stays for a while, has the files open: the last to close them is looked at.
      const copy = join(temporaryFolder(), 'bot.db');
      for (const end of ['', '-wal']) copyFileSync(journalPath + end, copy + end);
      const files = [copy, `${copy}-wal`];
      const left = files.map((file) => [statSync(file).mtimeMs, readFileSync(file)]);
      await promisify(execFile)(process.execPath, ['--import', 'tsx', 'src/cli/journal.ts', 'info', copy]);
      expect(files.map((file) => [statSync(file).mtimeMs, readFileSync(file)])).toEqual(left);
    } finally {
      bot.process.kill('SIGKILL');
      await bot.exited;
      await simulator.close();
    }
  },
);
