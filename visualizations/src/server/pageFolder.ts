import { fileURLToPath } from 'node:url';

/** The folder of the built page. */
export async function pageFolder(): Promise<string> {
  return fileURLToPath(new URL('../../page/dist', import.meta.url));
}
