import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createLogger } from '../../../src/adapters/process/logger.js';
import { LOG_WAITING_MAX, LogOutput } from '../../../src/adapters/process/logOutput.js';

const ended: (() => void)[] = [];
afterEach(() => {
  for (const end of ended.splice(0)) end();
});

/** A pipe of the system, with a reader that reads when it is told. */
function pipe() {
  const folder = mkdtempSync(join(tmpdir(), 'kintsugi-log-'));
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  ended.push(() => {
    for (const fd of [reader, writer]) closeSync(fd);
    rmSync(folder, { recursive: true });
  });
  const chunk = Buffer.alloc(65_536);
  const read = (): string => {
    try {
      return chunk.toString('utf8', 0, readSync(reader, chunk));
    } catch {
      return '';
    }
  };
  return { writer, read };
}
function logTo(fd: number) {
  const log = createLogger({ level: 'info', parts: {}, format: 'json', destination: new LogOutput(fd) }).part('bot');
  let count = 0;
  return () => {
    count += 1;
    log.info({ n: count, pad: 'x'.repeat(1_000) }, 'line');
  };
}
interface Line {
  readonly n?: number;
  readonly lost?: number;
}
const linesOf = (text: string): Line[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

describe('the log on an output', () => {
  test('[case E2] that nobody reads for a while: nothing waits for it, and it is there whole and in order', () => {
    const { writer, read } = pipe();
    const say = logTo(writer);
    for (let i = 0; i < 500; i += 1) say();
    let text = '';
    for (let i = 0; i < 20; i += 1) {
      text += read();
      say();
    }
    expect(linesOf(text + read()).map(({ n }) => n)).toEqual(Array.from({ length: 520 }, (_, i) => i + 1));
  });
  test('[limit logWaiting] that nobody reads any more: what is too much is dropped, and told with the next line', () => {
    const { writer, read } = pipe();
    const say = logTo(writer);
    const said = Math.ceil((LOG_WAITING_MAX * 1.5) / 1_000);
    for (let i = 0; i < said; i += 1) say();
    let text = '';
    for (let i = 0; i < 40; i += 1) {
      text += read();
      say();
    }
    const lines = linesOf(text + read());
    const [told] = lines.flatMap(({ lost }) => (lost === undefined ? [] : [lost]));
    const shown = lines.filter(({ n }) => n !== undefined).length;
    expect(told).toBeGreaterThan(0);
    expect((told ?? 0) + shown).toBe(said + 40);
  });
  test('[case E2] that takes nothing, or is closed: the line is lost and nobody is harmed', () => {
    for (const fd of [openSync('/dev/full', 'w'), 1_000_000]) expect(() => logTo(fd)()).not.toThrow();
  });
});
