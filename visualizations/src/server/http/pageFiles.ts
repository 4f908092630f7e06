import { readFile, realpath } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import type { FastifyInstance } from 'fastify';

const TYPES: { readonly [extension: string]: string } = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json; charset=utf-8',
  '.woff2': 'font/woff2',
};
const NOT_BUILT = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Kintsugi inspector</title>
<p>The page of the inspector is not built: run <code>npm run build:page</code> (检查器页面尚未构建：请运行 <code>npm run build:page</code>).</p>
<p>Its data is here all the same: <a href="/api/overview">/api/overview</a>.</p></html>`;

/** The built page. `folder` resolves with where it lies; while it is not there, `/` says how to build it. */
export function addPage(app: FastifyInstance, folder: Promise<string>): void {
  const found = folder.then((path) => realpath(path)).catch(() => null);
  app.get('/*', async (request, reply) => {
    const root = await found;
    const wanted = decodeURIComponent(request.url.split('?', 1)[0]!.slice(1)) || 'index.html';
    const file = root === null ? null : await fileIn(root, wanted);
    if (file) {
      const isForEver = wanted.startsWith('assets/');
      if (isForEver) void reply.header('cache-control', 'public, max-age=31536000, immutable');
      return reply.type(TYPES[extname(wanted)] ?? 'application/octet-stream').send(file);
    }
    if (wanted === 'index.html') return reply.type(TYPES['.html']!).send(NOT_BUILT);
    return reply.code(404).send({ message: `there is no ${wanted.slice(0, 200)}` });
  });
}

/** A file inside the folder; null when there is none, or it is not inside. */
async function fileIn(root: string, wanted: string): Promise<Buffer | null> {
  try {
    const path = await realpath(join(root, wanted));
    return path.startsWith(root + sep) ? await readFile(path) : null;
  } catch {
    return null;
  }
}
