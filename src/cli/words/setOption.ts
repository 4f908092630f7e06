import { Option } from 'commander';

/** `--set NAME=VALUE`, which may be repeated. */
export function setOption(): Option {
  return new Option('--set <name=value>', 'set an option, such as circuitBreaker.openMs=60000; may be repeated')
    .default([] as string[])
    .argParser((value: string, all: string[]) => [...all, value]);
}
