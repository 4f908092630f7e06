import { builderPath, ensurePage, isFresh } from './ensurePage.js';

/**
 * `npm run build:page [-- --json]` builds the inspector's page when it is missing or stale. `--if-installed` is for `npm ci`:
 * silent without the builder, and a build that fails does not fail the installation.
 */
const isPreparing = process.argv.includes('--if-installed');
if (!isPreparing || builderPath() !== null) {
  try {
    const built = !isFresh();
    const path = await ensurePage();
    if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ path, built })}\n`);
    else if (!isPreparing) process.stdout.write(`${built ? 'built' : 'fresh'}: ${path}\n`);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = isPreparing ? 0 : 70;
  }
}
