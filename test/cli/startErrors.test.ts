import { describe, expect, test } from '@jest/globals';
import { JournalError, type JournalErrorCode } from '../../src/actors/ports.js';
import { ModuleError } from '../../src/adapters/author/authorModule.js';
import { HttpListenError } from '../../src/adapters/operator/http/createHttpServer.js';
import { WebhookListenError } from '../../src/adapters/qq/qqWebhook.js';
import { startErrorCode, startErrorText } from '../../src/cli/words/startErrors.js';
import { ConfigError } from '../../src/config/config.js';

const JOURNAL: readonly JournalErrorCode[] = [
  'JOURNAL_HELD',
  'JOURNAL_NOT_OURS',
  'JOURNAL_NEWER',
  'JOURNAL_UNWRITABLE',
  'JOURNAL_FENCED',
  'JOURNAL_CORRUPT',
  'JOURNAL_FULL',
  'JOURNAL_FAILED',
];

describe('[contract 2] what keeps a bot from starting is told in the configured language', () => {
  test.each([
    [new HttpListenError('127.0.0.1:7070', 'EADDRINUSE'), 75, '127.0.0.1:7070 已被占用；请把 KINTSUGI_HTTP'],
    [new HttpListenError('h:80', 'EACCES'), 75, 'h:80 无法监听（EACCES）；请把 KINTSUGI_HTTP'],
    [new WebhookListenError('h:80', 'EADDRINUSE'), 75, 'h:80 已被占用；请把 QQ_BOT_WEBHOOK'],
    [new ModuleError('bot.ts: bot.onMessage must be a function'), 64, '机器人模块无法使用：bot.ts'],
    [new ConfigError(['甲', '乙'], 'zh'), 78, '甲\n乙'],
    ...JOURNAL.map((code) => [new JournalError(code, `a.db: ${code}`), 73, `a.db：`] as const),
  ] as const)('%s', (error, code, chinese) => {
    expect(startErrorCode(error)).toBe(code);
    expect(startErrorText(error, 'en', 'a.db')).toBe(error.message);
    const text = startErrorText(error, 'zh', 'a.db');
    expect([text.startsWith(chinese), /\p{Script=Han}/u.test(text)]).toEqual([true, true]);
  });
  test('in English the errors speak for themselves', () => {
    expect(new HttpListenError('h:1', 'EADDRINUSE').message).toBe(
      'h:1 is in use; set KINTSUGI_HTTP to another host:port, or to off',
    );
    expect(new WebhookListenError('h:1', 'EACCES').message).toBe(
      'h:1 cannot be listened on (EACCES); set QQ_BOT_WEBHOOK to another host:port/path',
    );
  });
  test('of a defect of ours the stack is shown, in any language', () => {
    const error = new TypeError('x is not a function');
    expect([startErrorCode(error), startErrorText(error, 'zh', '')]).toEqual([70, error.stack]);
    expect(startErrorText('thrown text', 'en', '')).toBe('thrown text');
  });
});
