import { complain, tell } from '../../src/base/terminal.js';
import { builderPath, ensurePage, isFresh } from './ensurePage.js';

/**
 * `npm run build:page [-- --json]` builds the inspector's page when it is missing or stale. `--if-installed` is for
 * `npm ci`: silent without the builder, and a build that fails does not fail the installation.
 */
const isPreparing = process.argv.includes('--if-installed');
if (!isPreparing || builderPath() !== null) {
  try {
    const built = !isFresh();
    const path = await ensurePage();
    if (process.argv.includes('--json')) tell(JSON.stringify({ path, built }));
    else if (!isPreparing) tell(`${built ? 'built' : 'fresh'}: ${path}`);
  } catch (error) {
    complain((error as Error).message);
    process.exitCode = isPreparing ? 0 : 70;
  }
}
