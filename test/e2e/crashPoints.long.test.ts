import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CRASH_POINTS, type CrashPoint } from '../../src/actors/step/crashPoints.js';
import { verifyJournal } from '../../src/adapters/journal/verifyJournal.js';
import { judgeAll } from '../../src/cli/crash/verdict.js';
import { Workload } from '../../src/cli/crash/workload.js';
import { type ChildBot, spawnBot } from '../../src/cli/world/childBot.js';
import { examine } from '../../src/cli/world/judge.js';
import { createSimulator, type Simulator } from '../../src/simulator/createSimulator.js';
import { Random } from '../../src/simulator/kit/random.js';
import { closeRigs, temporaryFolder, until } from './rig.js';

/**
 * The real bot in a process of its own, one life after the other on one journal: each dies at another crash point with work in
 * hand, and the next one takes over. What became of every message is counted on the platform's side.
 */
const MODULE = fileURLToPath(new URL('../../src/cli/crashBot.ts', import.meta.url));
const SEED = 11;
let simulator: Simulator;
let workload: Workload;
let journalPath: string;
/** The point at whose death each message was in hand. */
const writtenFor: CrashPoint[] = [];

beforeAll(async () => {
  simulator = await createSimulator({ seed: SEED });
  workload = new Workload(simulator, new Random(SEED));
  journalPath = join(temporaryFolder(), 'bot.db');
  // The platform keeps for a session what comes while its bot is away; so there has to be one, and the bot has to know it.
  const first = spawnAt(null);
  await until('the first life', () => handshakes() > 0, 20_000);
  workload.write('one');
  writtenFor.push('start.locked');
  await until('its first answer', () => workload.unanswered() === 0, 20_000);
  first.process.kill('SIGKILL');
  await first.exited;
}, 30_000);
afterAll(async () => {
  await simulator.close();
  await closeRigs();
});

function spawnAt(point: CrashPoint | null, time = 1): ChildBot {
  return spawnBot({
    simulator,
    journalPath,
    module: MODULE,
    log: 'ignore',
    sets: ['delivery.textMax=200', 'handlers.rerunMs=300'],
    env: point ? { KINTSUGI_CRASH_AT: `${point}:${time}` } : {},
  });
}
const handshakes = (): number => simulator.state().identifies + simulator.state().resumes;

/** Every kind of message, each of them now and then. */
function writeSome(point: CrashPoint): void {
  for (let i = 0; i < 4; i += 1) {
    workload.write();
    writtenFor.push(point);
  }
}

/** Until the process has died: traffic once it is connected, then SIGTERM for the points of a clean stop. */
async function liveUntilDead(point: CrashPoint, bot: ChildBot): Promise<string | null> {
  const before = handshakes();
  let isDead = false;
  void bot.exited.then(() => {
    isDead = true;
  });
  writeSome(point);
  await until('the bot to connect or die', () => isDead || handshakes() > before, 20_000);
  if (!isDead) writeSome(point);
  const isLate = /^(checkpoint|stop)\./.test(point);
  await until('its death', () => isDead, isLate ? 400 : 10_000).catch(() => bot.process.kill('SIGTERM'));
  return (await bot.exited).signal;
}

/** Until all is answered, or nothing more comes: a handler that died with its process three times is a dead letter. */
async function quiet(): Promise<void> {
  let [left, since] = [-1, 0];
  await until(
    'the last answers',
    () => {
      if (workload.unanswered() !== left) [left, since] = [workload.unanswered(), Date.now()];
      return left === 0 || Date.now() - since > 4_000;
    },
    60_000,
  );
}

/** Points that a bot passes which works; how often before it is to die, so that it dies amid work and not amid its start. */
const TIMES: { readonly [point in CrashPoint]?: number } = {
  'inbox.taken': 25,
  'step.after': 10,
  'append.before': 10,
  'append.inside': 10,
  'append.after': 10,
  'act.before': 15,
  'act.after': 15,
  'outcome.before': 12,
  'outcome.after': 12,
};
/** Not on the way of a bot that runs for seconds. */
const ELSEWHERE = /^compaction\./;

describe('[core 20] killed at every crash point and started again', () => {
  const points = (Object.keys(CRASH_POINTS) as CrashPoint[]).filter((point) => !ELSEWHERE.test(point));

  test.each(points)(
    '%s is reached, and the process dies there',
    async (point) => {
      expect(await liveUntilDead(point, spawnAt(point, TIMES[point] ?? 1))).toBe('SIGKILL');
    },
    40_000,
  );

  test('nothing is lost, nothing comes twice where QQ has a key, and the rest is within the calls in flight', async () => {
    const before = handshakes();
    const last = spawnAt(null);
    await until('the last life', () => handshakes() > before, 20_000);
    await quiet();
    last.process.kill('SIGTERM');
    expect((await last.exited).code).toBe(0);
    const findings = await examine(journalPath);
    const { lostIds, ...verdict } = judgeAll(workload.sent, findings.ends);
    const lostAt = workload.sent.flatMap(({ id }, i) => (lostIds.includes(id) ? [`${id} at ${writtenFor[i]}`] : []));
    expect(lostAt).toEqual([]);
    expect(verdict).toMatchObject({ received: workload.sent.length, duplicatesKeyed: 0, uncertainKeyed: 0 });
    expect(verdict.duplicates).toBeLessThanOrEqual(findings.callsCutOff);
    expect(verdict.uncertain).toBeLessThanOrEqual(findings.callsCutOff);
    expect(findings.dead.filter(({ reason }) => reason !== 'poison')).toEqual([]);
    expect([findings.divergence, findings.deadlinesMoved, findings.account]).toEqual([null, 0, []]);
  }, 60_000);
});

/** What `verify` and a refold from the first record say. */
async function isSound(path: string): Promise<boolean> {
  const { findings } = await verifyJournal(path);
  return findings.length === 0 && (await examine(path)).divergence === null;
}
/** A process that compacts a journal, and dies at a point on the way; null: it ends well. */
function compactUntil(path: string, point: CrashPoint | null): Promise<NodeJS.Signals | null> {
  const script = fileURLToPath(new URL('./compacting.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), script, path, point ?? ''], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
}
function oldJournal(): string {
  const path = join(temporaryFolder(), 'old.db');
  writeFileSync(path, gunzipSync(readFileSync(new URL('../journals/0.1.0-demo.db.gz', import.meta.url))));
  return path;
}

describe('[core 20] killed while a journal is compacted', () => {
  const points = (Object.keys(CRASH_POINTS) as CrashPoint[]).filter((point) => ELSEWHERE.test(point));
  test.each(points)(
    '%s is reached; the journal is whole then, and after the next try',
    async (point) => {
      const path = oldJournal();
      const before = (await examine(path)).records;
      expect(await compactUntil(path, point)).toBe('SIGKILL');
      expect([await isSound(path), (await examine(path)).records]).toEqual([true, before]);
      expect(await compactUntil(path, null)).toBeNull();
      expect([await isSound(path), (await examine(path)).records]).toEqual([true, before]);
    },
    30_000,
  );
});

describe('[core 20] killed while an older journal is brought up', () => {
  test.each(['migration.before', 'migration.inside', 'migration.after'] as const)(
    '%s: the next life takes it over',
    async (point) => {
      const path = oldJournal();
      const before = (await examine(path)).records;
      expect(await compactUntil(path, point)).toBe('SIGKILL');
      expect([await isSound(path), (await examine(path)).records]).toEqual([true, before]);
      expect(await compactUntil(path, null)).toBeNull();
      expect([await isSound(path), (await examine(path)).records]).toEqual([true, before]);
    },
    30_000,
  );
});
