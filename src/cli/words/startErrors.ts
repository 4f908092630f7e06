import { JournalError, type JournalErrorCode } from '../../actors/ports.js';
import { ModuleError } from '../../adapters/author/authorModule.js';
import { HttpListenError } from '../../adapters/operator/http/createHttpServer.js';
import { ListenError } from '../../adapters/process/listenError.js';
import { exitCodes } from '../../base/exitCodes.js';
import { ConfigError } from '../../config/config.js';
import type { Locale } from '../../machines/vocabulary/replies/words.js';

/** What kept a bot from starting; the errors themselves say it in English. */
const zh = {
  inUse: (address: string) => `${address} 已被占用`,
  unusable: (address: string, code: string) => `${address} 无法监听（${code}）`,
  setHttp: '请把 KINTSUGI_HTTP 设为别的 主机:端口，或 off',
  setWebhook: '请把 QQ_BOT_WEBHOOK 设为别的 主机:端口/路径',
  module: (what: string) => `机器人模块无法使用：${what}`,
  journal: {
    JOURNAL_UNKNOWN: '没有这种日志；请把 KINTSUGI_JOURNAL 设为文件的路径',
    JOURNAL_HELD: '另一个进程正在写这个日志；请先停止它，或把 KINTSUGI_JOURNAL 设为别的路径',
    JOURNAL_NOT_OURS: '这个文件不是 Kintsugi 的日志；请把 KINTSUGI_JOURNAL 设为别的路径',
    JOURNAL_NEWER: '日志由更新的版本写成；请使用那个版本，或换一个文件',
    JOURNAL_UNWRITABLE: '日志无法写入；请把 KINTSUGI_JOURNAL 设为本用户可写的文件夹中的文件',
    JOURNAL_FENCED: '另一个进程已接管这个日志；本进程不再写入',
    JOURNAL_GONE: '日志文件在打开期间被删除、替换或截断；请放回文件或恢复备份后再启动',
    JOURNAL_CORRUPT: '日志已损坏；见 docs/OPERATING.zh-CN.md“日志文件”',
    JOURNAL_FULL: '日志所在的磁盘已满；请腾出空间后再启动',
    JOURNAL_FAILED: '日志读写失败；请检查磁盘后再启动',
  } satisfies Record<JournalErrorCode, string>,
} as const;

/** One sentence for the person who started the bot, with what to do; of our own defects the stack. */
export function startErrorText(error: unknown, locale: Locale, journalPath: string): string {
  if (startErrorCode(error) === exitCodes.internal)
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  const { message } = error as Error;
  if (locale === 'en' || error instanceof ConfigError) return message;
  if (error instanceof JournalError)
    return error.code === 'JOURNAL_UNKNOWN'
      ? journalErrorText(error, locale)
      : `${journalPath}：${zh.journal[error.code]}（${message}）`;
  if (error instanceof ModuleError) return zh.module(message);
  const { address, code } = error as ListenError;
  const what = code === 'EADDRINUSE' ? zh.inUse(address) : zh.unusable(address, code);
  return `${what}；${error instanceof HttpListenError ? zh.setHttp : zh.setWebhook}`;
}

/** What a command that reads journals says of one. An address of an unknown kind is not told: it may hold secrets. */
export function journalErrorText({ code, message }: JournalError, locale: Locale): string {
  return locale === 'zh' && code === 'JOURNAL_UNKNOWN' ? `${zh.journal[code]}（${message}）` : message;
}

export function startErrorCode(error: unknown): number {
  if (error instanceof ConfigError) return exitCodes.configuration;
  if (error instanceof JournalError) return exitCodes.held;
  if (error instanceof ListenError) return exitCodes.stuck;
  if (error instanceof ModuleError) return exitCodes.usage;
  return exitCodes.internal;
}
