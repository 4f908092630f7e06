import { resolve } from 'node:path';

/** Of an address such as `postgres://host/name`, in small letters; null: it is a path (`C:\` begins one). */
export function schemeOf(address: string): string | null {
  return /^([a-z][a-z\d+.-]+):\/\//i.exec(address)?.[1]?.toLowerCase() ?? null;
}

/** A path from the root on; another address as it is. */
export function wholeAddress(cwd: string, address: string): string {
  return schemeOf(address) === null ? resolve(cwd, address) : address;
}
