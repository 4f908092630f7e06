import { request as ask, type IncomingMessage, type ServerResponse } from 'node:http';

/**
 * What one inspector asks of another whose bot is dead. No page can: a method like this needs leave first, which is not
 * given.
 */
const LEAVE = { method: 'UNLOCK', path: '/kintsugi' } as const;
const GONE = 204;
const ANSWER_MS = 2_000;

/**
 * Answers whatever is asked: the bot is dead, and how its journal is opened. `leave`: the address is wanted by a new
 * bot.
 */
export function answerForTheDead(
  { method, url = '' }: IncomingMessage,
  response: ServerResponse,
  path: string,
  leave: () => Promise<void>,
): void {
  response.setHeader('connection', 'close');
  if (method === LEAVE.method && url === LEAVE.path) {
    void leave().then(() => response.writeHead(GONE).end());
    return;
  }
  const [type, body] = url.startsWith('/api/') ? ['application/json', inJson(path)] : ['text/html', inHtml(path)];
  const headers = {
    'content-type': `${type}; charset=utf-8`,
    'content-security-policy': "default-src 'none'",
    'cache-control': 'no-store',
  };
  response.writeHead(503, headers).end(body);
}

/** Asks whoever listens there to give the address up. False: it is no inspector whose bot is dead. */
export function askToLeave(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = ask({ ...LEAVE, host, port, agent: false, timeout: ANSWER_MS }, (response) => {
      response.resume();
      resolve(response.statusCode === GONE);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
    asked.on('close', () => resolve(false));
    asked.end();
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
  return JSON.stringify({ message: `${en} ${command} · ${zh} ${command}` });
}
function inHtml(path: string): string {
  const { en, zh, command } = textsOf(path);
  const code = `<pre>${command.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</pre>`;
  return `<!doctype html><meta charset="utf-8"><title>Kintsugi</title><p lang="en">${en}</p><p lang="zh">${zh}</p>${code}\n`;
}
