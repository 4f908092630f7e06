import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const PAGE = join(HERE, '..', 'page');
/** The folder that `ensurePage` builds: `index.html` and `assets/`. */
export const PAGE_DIST = join(PAGE, 'dist');
/** What the page is made of; newer than the build: the build is stale. */
const SOURCES = [
  join(PAGE, 'src'),
  join(PAGE, 'public'),
  join(PAGE, 'index.html'),
  join(PAGE, 'vite.config.ts'),
  join(HERE, 'protocol'),
  join(HERE, 'chart'),
];
/** A build takes about a second; past this something hangs. */
const BUILD_MS = 120_000;

export class PageBuildError extends Error {
  override readonly name = 'PageBuildError';
}

/**
 * The folder of the built page; builds it first, in a process of its own, when it is missing or older than its sources.
 * An old build is kept where the builder is not installed (`npm ci --omit=dev`). Throws `PageBuildError`, which says
 * what to do.
 */
export async function ensurePage(): Promise<string> {
  if (isFresh()) return PAGE_DIST;
  const builder = builderPath();
  if (builder) await build(builder);
  else if (!existsSync(join(PAGE_DIST, 'index.html')))
    throw new PageBuildError(
      'the page is not built and its builder is not installed: run npm ci (with development dependencies), then npm run build:page',
    );
  return PAGE_DIST;
}

/** Where the builder is; null: not installed. */
export function builderPath(): string | null {
  try {
    return join(dirname(createRequire(join(PAGE, 'index.html')).resolve('vite/package.json')), 'bin', 'vite.js');
  } catch {
    return null;
  }
}

export function isFresh(): boolean {
  const index = join(PAGE_DIST, 'index.html');
  return existsSync(index) && Math.max(...SOURCES.map(newestIn)) <= statSync(index).mtimeMs;
}

function newestIn(path: string): number {
  if (!existsSync(path)) return 0;
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  return Math.max(mtimeMs, ...readdirSync(path).map((name) => newestIn(join(path, name))));
}

function build(builder: string): Promise<void> {
  const child = spawn(process.execPath, [builder, 'build', PAGE, '--logLevel', 'warn'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: BUILD_MS,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (part) => (said = `${said}${part}`.slice(-4_000)));
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new PageBuildError(`the page cannot be built: ${cause.message}`, { cause })));
    child.once('close', (code, signal) =>
      code === 0
        ? resolve()
        : reject(
            new PageBuildError(
              `the page cannot be built (${code === null ? signal : `exit code ${code}`}):\n${said.trim()}`,
            ),
          ),
    );
  });
}
