import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import type { Flood, Order, Told } from '../../bench/leanPlatform.js';
import { fold } from '../../src/actors/fold/fold.js';
import { topology } from '../../src/actors/wiring/topology.js';
import { openSqliteJournal } from '../../src/adapters/journal/sqlite/sqliteJournal.js';
import { spawnBot } from '../../src/cli/world/childBot.js';
import type { IntakeContext } from '../../src/machines/intake/context.js';
import type { Simulator } from '../../src/simulator/createSimulator.js';

const HTTP = '127.0.0.1:28471';

/** The next word of the platform of this kind. */
function told(platform: ChildProcess, type: Told['type']): Promise<Told> {
  return new Promise((resolve) => {
    const listen = (one: Told): void => {
      if (one.type !== type) return;
      platform.off('message', listen);
      resolve(one);
    };
    platform.on('message', listen);
  });
}

/** A process that gets this share of a processor. */
async function throttle(bot: ChildProcess, share: number, until: () => boolean): Promise<void> {
  while (!until()) {
    bot.kill('SIGSTOP');
    await pause(20 * (1 - share));
    bot.kill('SIGCONT');
    await pause(20 * share);
  }
}

interface Outcome {
  readonly flood: Flood;
  readonly last: Told;
  readonly healthMs: readonly number[];
  readonly intake: IntakeContext;
  readonly records: number;
  readonly code: number | null;
}

/** Floods a bot in a process of its own; then it ends, and its journal is folded. */
async function flooded(order: Order, { nodeOptions = '', share = 1 } = {}): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'kintsugi-flood-'));
  const journalPath = join(folder, 'bot.db');
  const platform = fork('bench/leanPlatform.ts', { execArgv: ['--import', 'tsx'] });
  const { url } = await told(platform, 'done');
  const ready = told(platform, 'ready');
  const env = { LOG_LEVEL: 'error', NODE_OPTIONS: nodeOptions };
  const module = join(process.cwd(), 'bench/echoBot.ts');
  const bot = spawnBot({ simulator: { url } as Simulator, journalPath, module, http: HTTP, log: 'ignore', env });
  let isOver = false;
  // A bot that dies is a verdict, not a wait.
  const died = bot.exited.then(({ code }): never => {
    throw new Error(`the bot ended with ${code} while it was flooded`);
  });
  try {
    await Promise.race([ready, died]);
    const done = told(platform, 'done');
    platform.send(order);
    const throttled = share < 1 ? throttle(bot.process, share, () => isOver) : Promise.resolve();
    const healthMs: number[] = [];
    const asked = (async () => {
      while (!isOver) {
        const startedAt = performance.now();
        await fetch(`http://${HTTP}/healthz`)
          .then((answer) => answer.text())
          .then(() => healthMs.push(performance.now() - startedAt))
          .catch(() => healthMs.push(Number.POSITIVE_INFINITY));
        await pause(250);
      }
    })();
    const last = await Promise.race([done, died]);
    isOver = true;
    await Promise.all([throttled, asked]);
    bot.process.kill('SIGTERM');
    const { code } = await bot.exited;
    const journal = await openSqliteJournal({ path: journalPath, readonly: true });
    const { state } = await fold(journal, topology);
    await journal.close();
    return {
      flood: last.flood!,
      last,
      healthMs,
      intake: state.actor('intake')!.snapshot.context as IntakeContext,
      records: state.seq,
      code,
    };
  } finally {
    isOver = true;
    died.catch(() => undefined);
    bot.process.kill('SIGKILL');
    platform.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('a bot that is offered more than it can do', () => {
  test('[case S2] answers all of it on a third of a processor, and is there for who asks how it is', async () => {
    const { flood, last, healthMs, intake, records } = await flooded(
      { type: 'offer', rate: 2_500, ms: 2_000, channels: 50_000 },
      { share: 0.35 },
    );
    expect([flood.due, flood.answered, flood.twice]).toEqual([5_000, 5_000, 0]);
    expect(intake).toMatchObject({ received: 5_000, inHand: 0, ended: { answered: 5_000 } });
    expect([last.identifies, last.resumes]).toEqual([1, 0]);
    const slowest = Math.max(...healthMs);
    expect(slowest).toBeLessThan(1_000);
    // Received, handled, sent: waiting costs none. A lane that is forgotten later is one more.
    expect(records / flood.answered).toBeLessThan(4.2);
  }, 180_000);

  test('[case S5] with a heap of 64 MB is slower, and does not die', async () => {
    const { flood, intake, code } = await flooded(
      { type: 'offer', rate: 5_000, ms: 2_000 },
      { nodeOptions: '--max-old-space-size=64' },
    );
    expect([flood.due, flood.answered, code]).toEqual([10_000, 10_000, 0]);
    expect(intake).toMatchObject({ received: 10_000, inHand: 0 });
  }, 180_000);
});
