import type { HandlerTexts } from '../adapters/author/handlerRunner.js';
import { type Locale, machineTexts } from '../machines/vocabulary/replies/words.js';

/** Every text that a person reads, but for log lines and developers' errors. */
export interface Texts extends HandlerTexts {
  readonly busy: string;
  readonly failure: string;
  readonly demoBanner: string;
  readonly sandboxBanner: string;
  readonly chatHelp: string;
  /** The platform and the bot's own page. */
  addresses(platform: string, bot: string): string;
  /** Where the inspector is; why there is none. */
  inspector(url: string): string;
  noInspector(reason: string): string;
  /** The author's file takes long. */
  stillLoading(path: string): string;
  /** Of the log: nothing is done any more. */
  journalGone: string;
  botDied: string;
  botEnded(code: number): string;
  refused(form: string, status: number): string;
  configurationProblems(count: number): string;
}

const en: Texts = {
  ...machineTexts.en,
  fallback: 'Command processed with recovery protection',
  helpHead: 'Commands:',
  helpLine: (name, description) => `!${name} – ${description}`,
  helpDescription: 'show this list',
  adminOnly: (userId) => `Only admins may do that. Your id is ${userId}; the owner can add it to KINTSUGI_ADMINS.`,
  linksRefused: (domains) =>
    `QQ refused the links of a reply; it was sent without them. On q.qq.com under Development > Development settings > message URL configuration, register ${domains || 'their domain'}.`,
  demoBanner:
    'DEMO WORLD, not QQ: a simulated platform on this machine. Set QQ_BOT_APP_ID and QQ_BOT_SECRET for the real one.',
  sandboxBanner: 'SANDBOX of QQ: only its test channels hear this bot.',
  chatHelp:
    'Write a line to talk to the bot.  :outage 20  the API is down for 20 s   :reject embed  embeds are refused for 60 s   :kill  kill -9   :help   :quit',
  addresses: (platform, bot) => `platform ${platform}   bot ${bot}`,
  inspector: (url) => `inspector ${url}`,
  noInspector: (reason) => `no inspector: ${reason}; set KINTSUGI_INSPECTOR to another host:port, or to off`,
  stillLoading: (path) => `${path}: still being loaded; the bot starts when its top level has ended`,
  journalGone:
    'The journal is no longer the file that was opened: the bot answers nobody any more. Stop it, put the file back or restore a backup, and start again.',
  botDied: '(the bot is dead; starting it again from its journal)',
  botEnded: (code) => `(the bot ended with exit code ${code})`,
  refused: (form, status) => `(${form} refused: ${status})`,
  configurationProblems: (count) => `The configuration has ${count} problem${count === 1 ? '' : 's'}:`,
};

const zh: Texts = {
  ...machineTexts.zh,
  fallback: '命令已处理（有故障恢复保护）',
  helpHead: '命令：',
  helpLine: (name, description) => `!${name} – ${description}`,
  helpDescription: '显示这个列表',
  adminOnly: (userId) => `只有管理员可以这样做。你的 id 是 ${userId}，机器人的主人可以把它加入 KINTSUGI_ADMINS。`,
  linksRefused: (domains) =>
    `QQ 拒绝了一条回复中的链接，已去掉链接后发送。请到 q.qq.com「开发 > 开发设置 > 消息 URL 配置」登记 ${domains || '其域名'}。`,
  demoBanner:
    '演示世界，不是 QQ（DEMO WORLD, not QQ）：本机上的模拟平台。要连接真正的 QQ，请设置 QQ_BOT_APP_ID 和 QQ_BOT_SECRET。',
  sandboxBanner: 'QQ 沙箱环境：只有测试频道能看到这个机器人。',
  chatHelp:
    '输入一行文字和机器人对话。  :outage 20  API 停机 20 秒   :reject embed  60 秒内拒绝 embed   :kill  强制杀死进程   :help   :quit',
  addresses: (platform, bot) => `平台 ${platform}   机器人 ${bot}`,
  inspector: (url) => `检查器 ${url}`,
  noInspector: (reason) => `没有检查器：${reason}；请把 KINTSUGI_INSPECTOR 设为别的 host:port，或 off`,
  stillLoading: (path) => `${path}：仍在加载；顶层代码执行完后机器人才会启动`,
  journalGone: '日志已不是打开时的那个文件：机器人不再回复任何人。请停止它，放回文件或恢复备份，再启动。',
  botDied: '（机器人进程已死，正在从日志恢复启动）',
  botEnded: (code) => `（机器人已退出，退出码 ${code}）`,
  refused: (form, status) => `（${form} 被拒绝：${status}）`,
  configurationProblems: (count) => `配置有 ${count} 个问题：`,
};

export function textsFor(locale: Locale): Texts {
  return locale === 'zh' ? zh : en;
}
