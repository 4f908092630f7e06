#!/usr/bin/env node
import { register } from 'tsx/esm/api';

/** `kintsugi PROGRAM …`: every program of the project by its name, such as `kintsugi journal info`. */
const programs = ['start', 'demo', 'journal', 'replay', 'doctor', 'simulator', 'crash'];
const [, , name = '', ...rest] = process.argv;
if (!programs.includes(name)) {
  const isHelp = name === '' || name === '--help' || name === '-h' || name === 'help';
  process[isHelp ? 'stdout' : 'stderr'].write(
    `${isHelp ? '' : `There is no program "${name}".\n`}Usage: kintsugi ${programs.join('|')} [options]; each has --help\n`,
  );
  process.exit(isHelp ? 0 : 64);
}
register();
process.argv = [process.argv[0], `kintsugi ${name}`, ...rest];
await import(name === 'demo' ? '../src/cli/demo/demo.ts' : `../src/cli/${name}.ts`);
