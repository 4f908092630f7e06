import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, jest, test } from '@jest/globals';
import { type ChildBot, pause, spawnBot } from '../../src/cli/world/childBot.js';
import { createSimulator, type Simulator } from '../../src/simulator/createSimulator.js';
import { closeRigs, freePort, temporaryFolder, until } from './rig.js';

/** A bot in a process of its own, under load, whose journal is taken away; judged by HTTP, by the platform and by its exit code. */
jest.setTimeout(120_000);
let simulator: Simulator;
let bot: ChildBot | undefined;
let mounted: string | null = null;
afterEach(async () => {
  bot?.process.kill('SIGKILL');
  await bot?.exited;
  await simulator.close();
  if (mounted) execFileSync('umount', ['-l', mounted]);
  mounted = null;
  await closeRigs();
});

interface Running {
  readonly path: string;
  /** A copy of an earlier moment. */
  readonly old: string;
  readonly lines: () => readonly { level: number; code?: string; msg: string }[];
  get(path: string): Promise<{ status: number; body: { reasons?: string[]; parts?: { journal?: string } } }>;
}
async function started(folder: string): Promise<Running> {
  simulator = await createSimulator({ paceMax: 0 });
  const [path, old] = [join(folder, 'bot.db'), join(folder, 'old.db')];
  const http = `127.0.0.1:${await freePort()}`;
  bot = spawnBot({ simulator, journalPath: path, http, log: 'pipe', env: { LOG_FORMAT: 'json' } });
  let log = '';
  for (const stream of [bot.process.stdout, bot.process.stderr])
    stream?.on('data', (bytes: Buffer) => {
      log += bytes.toString();
    });
  await until('the bot to connect', () => simulator.state().connected > 0, 60_000);
  copyFileSync(path, old);
  return {
    path,
    old,
    lines: () => log.split('\n').flatMap((line) => (line.startsWith('{"level"') ? [JSON.parse(line)] : [])),
    async get(name) {
      const answer = await fetch(`http://${http}${name}`);
      return { status: answer.status, body: (await answer.json()) as object };
    },
  };
}

let written = 0;
function write(): void {
  written += 1;
  simulator.postMessage({ kind: 'guild', channelId: `c${written}`, content: 'hello', author: { id: `u${written}` } });
}
/** Users go on writing, until `isEnough`. */
async function load(isEnough: () => boolean | Promise<boolean>, what: string, timeoutMs: number): Promise<void> {
  await until(
    what,
    async () => {
      write();
      await pause(10);
      return isEnough();
    },
    timeoutMs,
  );
}
const gone = async ({ get }: Running): Promise<boolean> => {
  const { status, body } = await get('/readyz');
  return status === 503 && body.reasons?.some((reason) => reason.startsWith('the journal is gone')) === true;
};

/** What is right once a journal has been taken away: told, nothing done any more, never an end that looks well. */
async function assertEnded(running: Running, exitCode: number): Promise<void> {
  expect((await running.get('/healthz')).body.parts?.journal).toBe('gone');
  await pause(300); // what was on its way
  const calls = simulator.calls().length;
  for (let i = 0; i < 20; i += 1) write();
  await pause(1_500);
  expect(simulator.calls().length).toBe(calls);
  expect(running.lines().filter(({ level, code }) => level >= 50 && code === 'JOURNAL_GONE')).toHaveLength(1);
  const { process: child, exited } = bot!;
  child.kill('SIGTERM');
  expect(await exited).toEqual({ code: exitCode, signal: null });
}

/** A shell's `cat old > path` of an old copy that is no shorter. */
function overwrite({ path, old }: Running): void {
  const bytes = readFileSync(old);
  writeFileSync(path, bytes, { flag: 'r+' });
}
const damages: readonly (readonly [string, (running: Running) => void])[] = [
  ['removed', ({ path }) => rmSync(path)],
  ['replaced by an older copy', ({ path, old }) => renameSync(old, path)],
  ['cut to nothing', ({ path }) => truncateSync(path)],
  ['overwritten in place by an older copy', overwrite],
  [
    'overwritten in place, its log too',
    (running) => {
      overwrite(running);
      writeFileSync(`${running.path}-wal`, readFileSync(`${running.path}-wal`), { flag: 'r+' });
    },
  ],
];

test.each(damages)(
  '[case J3] under load %s: told within 2 s, nothing done any more, SIGTERM ends with 73',
  async (_, damage) => {
    const running = await started(temporaryFolder());
    await load(() => simulator.replies().length > 50, 'replies', 30_000);
    damage(running);
    const since = Date.now();
    await load(() => gone(running), 'readyz to tell', 10_000);
    expect(Date.now() - since).toBeLessThan(4_000); // 2 s on a machine that has time
    await assertEnded(running, 73);
  },
);

/** A file system of its own; false where none can be mounted. */
function mount(folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'kintsugi-disk-'));
  const can = mount(folder);
  if (can) execFileSync('umount', [folder]);
  rmSync(folder, { recursive: true });
  return can;
}

(canMount() ? test : test.skip)(
  '[case J3] on a full disk, and then replaced: told as gone, nothing done any more, SIGTERM ends with 73',
  async () => {
    const folder = temporaryFolder();
    if (mount(folder)) mounted = folder;
    const running = await started(folder);
    const fill = join(folder, 'fill');
    expect(() => writeFileSync(fill, Buffer.alloc(16 * 1024 * 1024))).toThrow(/ENOSPC/);
    await load(async () => (await running.get('/readyz')).status === 503, 'the disk to be full', 60_000);
    const { body } = await running.get('/readyz');
    expect(body.reasons).toEqual([expect.stringMatching(/^the journal refuses appends: .*SQLITE_FULL/)]);
    renameSync(running.old, running.path);
    await load(() => gone(running), 'readyz to tell', 10_000);
    await assertEnded(running, 73);
  },
);
