import { readFileSync, writeFileSync } from 'node:fs';
import { type ChartRow, chartTable } from '../../actors/charts/chartTable.js';
import { FACTS } from '../../actors/wiring/rows/factRows.js';
import { ruleTable } from '../../actors/wiring/rows/rows.js';
import { SIGNALS } from '../../actors/wiring/rows/signalRows.js';
import { topology } from '../../actors/wiring/topology.js';
import { complain } from '../../base/terminal.js';

/** Writes the machines' tables into docs/SPEC.md, between the two marks; `--check` fails when they are stale. */
const FILE = new URL('../../../docs/SPEC.md', import.meta.url);
const BEGIN = '<!-- tables: begin (npm run spec) -->';
const END = '<!-- tables: end -->';

/** The whole page with fresh tables. Throws when a mark is missing. */
export function renderSpec(page: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`docs/SPEC.md: the marks "${BEGIN}" and "${END}" are missing`);
  const tables = Object.entries(topology.machines).map(([name, { machine }]) => section(name, chartTable(machine)));
  const all = [...tables, topologySection()].join('\n\n');
  return `${page.slice(0, begin + BEGIN.length)}\n\n${all}\n\n${page.slice(end)}`;
}

/** The rows of the topology that decide or change anything. */
function topologySection(): string {
  const head =
    '### Topology\n\nWho hears of what, where that is more than passing it on.\n\n| rule | event | when | to | heard as | what |\n| --- | --- | --- | --- | --- | --- |';
  const body = ruleTable([FACTS, SIGNALS]).map(
    (r) => `| ${r.rule} | ${r.event} | ${r.when} | ${r.to} | ${r.as} | ${r.what} |`,
  );
  return [head, ...body].join('\n');
}

function section(name: string, rows: readonly ChartRow[]): string {
  const head = `### ${name}Machine\n\n| rule | state | event | guard | target | what |\n| --- | --- | --- | --- | --- | --- |`;
  const body = rows.map(
    (r) => `| ${r.rule} | ${r.state} | ${r.event} | ${r.guard} | ${r.target} | ${r.what.replaceAll('|', '\\|')} |`,
  );
  return [head, ...body].join('\n');
}

function main(): void {
  const page = readFileSync(FILE, 'utf8');
  const fresh = renderSpec(page);
  if (!process.argv.includes('--check')) writeFileSync(FILE, fresh);
  else if (fresh !== page) {
    complain('docs/SPEC.md is stale; run npm run spec');
    process.exitCode = 1;
  }
}

if (process.argv[1]?.endsWith('spec.ts')) main();
