import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { topology } from '../../src/actors/wiring/topology.js';
import { exitCodes } from '../../src/base/exitCodes.js';
import { complain, tell } from '../../src/base/terminal.js';
import { chartPage, indexPage } from './chart/chartPages.js';
import type { Placed } from './chart/layout/graph.js';
import { layoutChart } from './chart/layout/layoutChart.js';
import { layoutMap } from './chart/layout/layoutMap.js';
import { readChart } from './chart/readChart.js';
import { renderChartSvg } from './chart/svg/renderChartSvg.js';
import { renderMapSvg } from './chart/svg/renderMapSvg.js';

/**
 * `npm run diagrams [-- --check] [--json]`: writes `visualizations/charts/` from the machines: for each one its
 * picture, a brief picture, its tables; the map; an index; the places that save others the layout. `--check` writes
 * nothing and fails when a file is stale, missing or not one of ours.
 */
const FOLDER = fileURLToPath(new URL('../charts/', import.meta.url));

/** Every file of the folder, by name. `fresh` lays everything out anew. */
export async function renderDiagrams({ fresh = true } = {}): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const places = new Map<string, Placed>();
  const options = { fresh, onPlaced: (hash: string, placed: Placed) => void places.set(hash, placed) };
  const charts = Object.entries(topology.machines).map(([name, { machine }]) => readChart(name, machine));
  for (const chart of charts) {
    const name = chart.machine;
    files.set(`${name}.svg`, `${renderChartSvg(await layoutChart(name, options), { standalone: true })}\n`);
    const brief = await layoutChart(name, { ...options, brief: true });
    files.set(`${name}.brief.svg`, `${renderChartSvg(brief, { standalone: true })}\n`);
    files.set(`${name}.md`, chartPage(chart));
  }
  const map = await layoutMap(options);
  files.set('map.svg', `${renderMapSvg(map, { standalone: true })}\n`);
  files.set('README.md', indexPage(charts, map));
  const lines = [...places].map(([hash, placed]) => `"${hash}":${JSON.stringify(placed)}`).sort();
  files.set('places.json', `{\n${lines.join(',\n')}\n}\n`);
  return files;
}

/** Names of files that differ from what they should be, are missing, or should not be there. */
export function staleDiagrams(files: ReadonlyMap<string, string>, folder = FOLDER): string[] {
  const there = readdirSync(folder);
  const wrong = [...files].filter(
    ([name, text]) => !there.includes(name) || readFileSync(`${folder}${name}`, 'utf8') !== text,
  );
  return [...wrong.map(([name]) => name), ...there.filter((name) => !files.has(name))].sort();
}

async function main(args: readonly string[]): Promise<void> {
  const unknown = args.find((arg) => arg !== '--check' && arg !== '--json');
  if (unknown !== undefined) {
    complain(`${unknown}: there is no such option; usage: npm run diagrams [-- --check] [--json]`);
    process.exit(exitCodes.usage);
  }
  mkdirSync(FOLDER, { recursive: true });
  const files = await renderDiagrams();
  const stale = staleDiagrams(files);
  const isCheck = args.includes('--check');
  if (isCheck && stale.length > 0) {
    for (const name of stale) complain(`visualizations/charts/${name} is stale`);
    complain('run npm run diagrams');
    process.exitCode = 1;
  }
  if (!isCheck) {
    for (const name of stale) if (!files.has(name)) rmSync(`${FOLDER}${name}`);
    for (const [name, text] of files) if (stale.includes(name)) writeFileSync(`${FOLDER}${name}`, text);
    tell(`visualizations/charts: ${files.size} files, ${stale.length} of them changed`);
  }
  if (args.includes('--json')) tell(JSON.stringify({ files: files.size, stale, check: isCheck }));
}

if (process.argv[1]?.endsWith('diagrams.ts')) await main(process.argv.slice(2));
