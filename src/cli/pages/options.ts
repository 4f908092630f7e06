import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Option, optionsIn } from '../../machines/vocabulary/options/kinds.js';
import { OPTIONS } from '../../machines/vocabulary/options/rows.js';

/** `npm run options`: writes docs/OPTIONS.md; a test fails when it is stale. */
const PAGE = fileURLToPath(new URL('../../../docs/OPTIONS.md', import.meta.url));

export function renderOptions(): string {
  const head = `# Options

Every number that the bot decides by: set in \`kintsugi.config.json\` as a tree, with \`--set NAME=VALUE\`, or in a what-if. Times are
milliseconds. A value out of bounds is refused with its name. Written by \`npm run options\` from
[src/machines/vocabulary/options/rows.ts](../src/machines/vocabulary/options/rows.ts), which is where an option is added: one row.

| name | default | may be | what it is |
| --- | --- | --- | --- |
`;
  const rows = [...optionsIn(OPTIONS)].map(
    ([name, option]) => `| \`${name}\` | ${shown(option.fallback)} | ${boundsOf(name, option)} | ${option.words} |`,
  );
  return `${head}${rows.join('\n')}\n`;
}

function shown(value: unknown): string {
  return typeof value === 'number' ? value.toLocaleString('en') : `\`${JSON.stringify(value)}\``;
}

function boundsOf(name: string, { kind, min, max, choices, atMost }: Option<unknown>): string {
  const most = atMost === undefined ? '' : `, at most \`${name.slice(0, name.lastIndexOf('.'))}.${atMost}\``;
  switch (kind) {
    case 'count':
    case 'factor':
    case 'share':
      return `${shown(min)} to ${shown(max)}${most}`;
    case 'ms':
      return `from ${shown(min)}${most}`;
    case 'flag':
      return '`true`, `false`';
    case 'choice':
      return choices.map(shown).join(', ');
    case 'bits':
      return 'a bit mask';
    case 'shares':
      return 'shares above 0 up to 1';
    case 'shard':
      return '`[index, count]`, index below count';
    case 'address':
      return 'null, or an address `wss://...`';
  }
}

if (process.argv[1]?.endsWith('options.ts')) writeFileSync(PAGE, renderOptions());
