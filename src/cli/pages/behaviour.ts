import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BEHAVIOUR } from '../../actors/wiring/behaviour.js';
import { tell } from '../../base/terminal.js';

/**
 * `npm run behaviour`: the code that decides has changed, so its number rises by one. `--keep`: no step can come out
 * otherwise than before (a comment, a name), or this number has not been released yet.
 */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const FILE = `${ROOT}src/actors/wiring/behaviour.ts`;
const DECIDING = ['src/machines', 'src/actors/wiring', 'src/actors/step', 'src/actors/charts'];

/** Hash of all that can change a step, comments and white space aside: 16 hex digits. */
export function sourceHash(): string {
  const hash = createHash('sha256');
  const files = DECIDING.flatMap((folder) =>
    readdirSync(ROOT + folder, { recursive: true, encoding: 'utf8' }).map(
      (name) => `${folder}/${name.replaceAll('\\', '/')}`,
    ),
  );
  for (const file of files.filter((name) => name.endsWith('.ts') && !name.endsWith('/behaviour.ts')).sort())
    hash.update(`${file}\n${bare(readFileSync(ROOT + file, 'utf8'))}\n`);
  return hash.digest('hex').slice(0, 16);
}
const bare = (code: string): string =>
  code
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/\s+/g, ' ');

function main(): void {
  const number = BEHAVIOUR.number + (process.argv.includes('--keep') ? 0 : 1);
  const fresh = `export const BEHAVIOUR = { number: ${number}, source: '${sourceHash()}' } as const;`;
  writeFileSync(FILE, readFileSync(FILE, 'utf8').replace(/export const BEHAVIOUR = .*;/, fresh));
  tell(`behaviour ${number}`);
}

if (process.argv[1]?.endsWith('behaviour.ts')) main();
