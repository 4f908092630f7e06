import { readFileSync, writeFileSync } from 'node:fs';
import { renderPage } from '../../simulator/page.js';

/** Writes the tables of docs/SIMULATOR.md; a test fails when they are stale. */
const FILE = new URL('../../../docs/SIMULATOR.md', import.meta.url);
writeFileSync(FILE, renderPage(readFileSync(FILE, 'utf8')));
