import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { onClose, temporaryFolder } from './rig.js';

const TSX = import.meta.resolve('tsx');

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}
/** Runs a program of src/cli in a folder of its own, without the environment of this process; `closeRigs` ends it. */
export function run(
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
  onStart?: (kill: (signal: NodeJS.Signals) => void, said: () => string) => void,
): Promise<Ended> {
  const script = join(process.cwd(), 'src', 'cli', `${program}.ts`);
  const child = spawn(process.execPath, ['--import', TSX, script, ...args], {
    cwd: temporaryFolder(),
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onClose(() => child.kill('SIGKILL'));
  let [out, err] = ['', ''];
  child.stdout.on('data', (data) => {
    out += String(data);
  });
  child.stderr.on('data', (data) => {
    err += String(data);
  });
  onStart?.(
    (signal) => void child.kill(signal),
    () => out,
  );
  return new Promise((resolve) => child.on('exit', (code) => resolve({ code, out, err })));
}

export const credentials = { QQ_BOT_APP_ID: 'app', QQ_BOT_SECRET: 'a-secret-value', KINTSUGI_HTTP: 'off' };
