import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, jest, test } from '@jest/globals';
import { createSimulator } from '../../src/simulator/createSimulator.js';
import { closeRigs, onClose, temporaryFolder, until } from './rig.js';

jest.setTimeout(120_000);
afterEach(closeRigs);
const onLinux = process.platform === 'linux' ? test : test.skip;

/** The living processes that were started with this variable set. */
function processesWith(variable: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(variable);
    } catch {
      return false; // it has ended, or is not ours
    }
  });
}

onLinux('[case E2] start | head -1: within 2 s of the end of head no process is left', async () => {
  const journal = `KINTSUGI_JOURNAL=${join(temporaryFolder(), 'bot.db')}`;
  const [name = '', value = ''] = journal.split('=');
  const { QQ_BOT_APP_ID: _id, QQ_BOT_SECRET: _secret, ...env } = process.env;
  const shell = spawn('sh', ['-c', `"${process.execPath}" --import tsx src/cli/start.ts | head -1`], {
    env: { ...env, [name]: value, KINTSUGI_HTTP: 'off', KINTSUGI_INSPECTOR: '127.0.0.1:0' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = new Promise((resolve) => shell.once('close', resolve));
  let said = '';
  shell.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  try {
    await until('the first line', () => said.includes('\n'), 60_000);
    await until('the end of every process', () => processesWith(journal).length === 0, 2_000);
    await ended;
    expect(said.trim().split('\n')).toHaveLength(1);
  } finally {
    for (const pid of processesWith(journal)) process.kill(Number(pid), 'SIGKILL');
  }
});

onLinux('[case E2] the same of a bot on QQ, whose log is all that it writes', async () => {
  const simulator = await createSimulator();
  onClose(() => simulator.close());
  const { url } = simulator;
  const journal = `KINTSUGI_JOURNAL=${join(temporaryFolder(), 'bot.db')}`;
  const [name = '', value = ''] = journal.split('=');
  const addresses = { QQ_BOT_API_URL: url, QQ_BOT_TOKEN_URL: `${url}/app/getAppAccessToken` };
  const own = { [name]: value, QQ_BOT_APP_ID: '1', QQ_BOT_SECRET: 's', LOG_LEVEL: 'debug' };
  spawn('sh', ['-c', `"${process.execPath}" --import tsx src/cli/start.ts | head -1`], {
    env: { ...process.env, ...addresses, ...own, KINTSUGI_HTTP: 'off', KINTSUGI_INSPECTOR: '127.0.0.1:0' },
    stdio: 'ignore',
  });
  const writing = setInterval(() => simulator.postMessage({ kind: 'guild', channelId: 'c', content: 'hello' }), 100);
  onClose(() => clearInterval(writing));
  try {
    await until('the session', () => simulator.state().identifies > 0, 60_000);
    await until('the end of every process', () => processesWith(journal).length === 0, 2_000);
  } finally {
    for (const pid of processesWith(journal)) process.kill(Number(pid), 'SIGKILL');
  }
});

onLinux(
  '[case E2] a program in Node that started it and takes its output no more: nothing of it is left either',
  async () => {
    const journal = `KINTSUGI_JOURNAL=${join(temporaryFolder(), 'bot.db')}`;
    const [name = '', value = ''] = journal.split('=');
    const { QQ_BOT_APP_ID: _id, QQ_BOT_SECRET: _secret, ...env } = process.env;
    const bot = spawn(process.execPath, ['--import', 'tsx', 'src/cli/start.ts'], {
      env: { ...env, [name]: value, KINTSUGI_HTTP: 'off', KINTSUGI_INSPECTOR: '127.0.0.1:0' },
      stdio: ['ignore', 'pipe', 'ignore'], // to the child a socket, not a pipe
    });
    let said = '';
    bot.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    try {
      await until('the first line', () => said.includes('\n'), 60_000);
      bot.stdout.destroy();
      await until('the end of every process', () => processesWith(journal).length === 0, 2_000);
    } finally {
      for (const pid of processesWith(journal)) process.kill(Number(pid), 'SIGKILL');
    }
  },
);
