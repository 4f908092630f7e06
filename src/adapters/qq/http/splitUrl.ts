/**
 * Origin and path (with query) of an http address.
 * Throws TypeError naming `setting` and the value, without what may be a password in it.
 */
export function splitUrl(address: string, setting: string): { readonly origin: string; readonly path: string } {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    const shown = address.replace(/\/\/[^/@]*@/, '//***@').slice(0, 200);
    throw new TypeError(`${setting}: "${shown}" is no http address; set it to one like https://api.sgroup.qq.com`);
  }
  return { origin: url.origin, path: `${url.pathname}${url.search}` };
}
