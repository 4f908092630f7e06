import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';

/** `npm run typecheck`: the two projects at the same time, each takes one core. */
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const check = (project) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [tsc, '-p', project, '--noEmit'], { stdio: 'inherit' });
    child.once('exit', (code) => resolve(code === 0));
  });
const isSound = await Promise.all(['tsconfig.json', 'visualizations/page/tsconfig.json'].map(check));
process.exitCode = isSound.every(Boolean) ? 0 : 1;
