import type { IncomingMessage, ServerResponse } from 'node:http';
import { WAITING_MAX } from './bridgeLimits.js';

/** Where Stately's hosted inspector lives. */
export const STATELY = 'https://stately.ai';

/**
 * A page that shows Stately's hosted inspector and passes it the messages of this address. Only who opens it reaches an
 * outside host; the frame gets messages for its own origin alone.
 */
export function attachPage(request: IncomingMessage, response: ServerResponse): void {
  const { method, url = '/' } = request;
  const host = String(request.headers.host);
  const found = method === 'GET' ? FILES.get(url) : undefined;
  if (!found) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('not here\n');
    return;
  }
  const policy = `default-src 'none'; script-src 'self'; style-src 'self'; connect-src ws://${host}; frame-src ${STATELY}`;
  response
    .writeHead(200, {
      'content-type': found.type,
      'content-security-policy': policy,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
    .end(found.text);
}

const SCRIPT = `
const frame = document.querySelector('iframe');
const shown = document.querySelector('p');
const waiting = [];
let ready = false;
const show = (message) => frame.contentWindow.postMessage(message, '${STATELY}');
addEventListener('message', (event) => {
  if (event.origin !== '${STATELY}' || event.data?.type !== '@statelyai.connected') return;
  ready = true;
  shown.remove();
  for (const message of waiting.splice(0)) show(message);
});
const socket = new WebSocket('ws://' + location.host);
socket.onmessage = ({ data }) => {
  const message = JSON.parse(data);
  if (ready) show(message);
  else if (waiting.push(message) > ${WAITING_MAX}) waiting.shift();
};
socket.onclose = () => document.body.append('The bridge has ended; start it again and reload.');
`;
const STYLE =
  'html,body{height:100%;margin:0;font:16px system-ui}iframe{width:100%;height:100%;border:0}p{margin:0;padding:1em}';
const HTML = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Kintsugi in Stately's inspector</title>
<link rel="stylesheet" href="/attach.css">
<p>Waiting for ${STATELY}/inspect …</p>
<iframe title="Stately's inspector" src="${STATELY}/inspect"></iframe>
<script src="/attach.js"></script>
</html>
`;
const FILES: ReadonlyMap<string, { readonly type: string; readonly text: string }> = new Map([
  ['/', { type: 'text/html; charset=utf-8', text: HTML }],
  ['/attach.js', { type: 'text/javascript; charset=utf-8', text: SCRIPT }],
  ['/attach.css', { type: 'text/css; charset=utf-8', text: STYLE }],
]);
