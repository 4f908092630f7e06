import { connect, type Socket } from 'node:net';

/** What one inspector says to another whose bot is dead. A page cannot send it: it would have to ask for leave first. */
const LEAVE = 'LEAVE /kintsugi HTTP/1.1';
const GONE = 'HTTP/1.1 204 No Content';
/** Of a request: its head, no more of it is read; and how long it may take. */
const HEAD_BYTES_MAX = 8 * 1024;
const HEAD_MS = 2_000;
const LOOPBACK = /^(localhost|127\.[\d.]+|\[?::1\]?|0\.0\.0\.0|\[?::\]?)(:\d+)?$/i;

/** Answers whatever is asked: the bot is dead, and how its journal is opened. `leave`: the address is wanted by a new bot. */
export function answerForTheDead(connection: Socket, path: string, leave: () => Promise<void>): void {
  let head = '';
  connection.setTimeout(HEAD_MS, () => connection.destroy());
  connection.on('data', (bytes: Buffer) => {
    head += bytes.toString('latin1');
    if (head.length > HEAD_BYTES_MAX) return void connection.destroy();
    if (!head.includes('\r\n\r\n')) return;
    connection.removeAllListeners('data');
    connection.resume();
    // A name that is not ours is how a page of another site would read the answer.
    const isOurs = LOOPBACK.test(/\r\nhost: *([^\r]*)/i.exec(head)?.[1] ?? '');
    if (!isOurs) return void connection.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
    if (head.startsWith(LEAVE)) return void leave().then(() => connection.end(`${GONE}\r\nconnection: close\r\n\r\n`));
    connection.end(/^GET \/api\//.test(head) ? inJson(path) : inHtml(path));
  });
  connection.resume();
}

/** Asks whoever listens there to give the address up. False: it is no inspector whose bot is dead. */
export function askToLeave(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => socket.write(`${LEAVE}\r\nhost: ${host}\r\n\r\n`));
    let answer = '';
    socket.setTimeout(HEAD_MS, () => socket.destroy());
    socket.on('data', (bytes) => {
      answer = (answer + bytes.toString('latin1')).slice(0, HEAD_BYTES_MAX);
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve(answer.startsWith(GONE)));
  });
}

function textsOf(path: string): { readonly en: string; readonly zh: string; readonly command: string } {
  const command = `npm run inspect -- --journal ${/^[\w./\\:-]+$/.test(path) ? path : JSON.stringify(path)}`;
  return {
    en: 'The bot is dead: its process was killed or has crashed. Nothing that it journaled is lost; start it again, or open its journal:',
    zh: '机器人已死：它的进程被杀死或崩溃了。已写入日志的内容没有丢失；请重新启动它，或打开它的日志：',
    command,
  };
}

function inJson(path: string): string {
  const { en, zh, command } = textsOf(path);
  return whole('application/json', JSON.stringify({ message: `${en} ${command} · ${zh} ${command}` }));
}
function inHtml(path: string): string {
  const { en, zh, command } = textsOf(path);
  const code = `<pre>${command.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</pre>`;
  const body = `<p lang="en">${en}</p><p lang="zh">${zh}</p>${code}`;
  return whole('text/html', `<!doctype html><meta charset="utf-8"><title>Kintsugi</title>${body}\n`);
}
function whole(type: string, body: string): string {
  const head = [
    'HTTP/1.1 503 Service Unavailable',
    `content-type: ${type}; charset=utf-8`,
    `content-length: ${Buffer.byteLength(body)}`,
    "content-security-policy: default-src 'none'",
    'cache-control: no-store',
    'connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
