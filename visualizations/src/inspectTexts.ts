const en = {
  badUrl: (text: string) => `--url ${text}: it must be the address of a bot, such as http://127.0.0.1:7070`,
  noBot: (url: string) =>
    `no bot answers at ${url}; start one (npm start), name another with --url, or a journal with --journal`,
  noRecords: (url: string) => `what answers at ${url} is no bot of this version: its /records is not a list of records`,
  beginsLate: (url: string, seq: number) =>
    `the journal of the bot at ${url} begins at record ${seq}; the state before it is not served. Open the bot's own inspector (npm start prints its address), or run npm run inspect -- --journal FILE on its machine; ssh -L 7072:127.0.0.1:7072 HOST brings that page here`,
  copying: (seq: number, last: number) => `copying the bot's records: ${seq} of ${last}`,
  copyTooLong: (seconds: number) =>
    `the bot's records could not be copied in ${seconds} s; run this beside the bot with --journal FILE`,
  folding: (seq: number, last: number) => `folding: ${seq} of ${last}`,
  lost: (url: string) => `the bot at ${url} has gone; it is asked again until it is back`,
  following: (url: string) => `the bot at ${url} is back`,
  otherJournal: (url: string) => `the bot at ${url} has another journal now; its actors are shown anew`,
  portTaken: (port: number, flag: string, reason: string) =>
    `port ${port} cannot be used (${reason}); choose another with ${flag}`,
  /** The page's address. */
  inspector: (url: string) => `inspector: ${url}`,
  needsBridge: (flag: string) => `${flag} is for --xstate or --stately; add one of them`,
  noToken: (path: string) =>
    `${path}: here is no operator token that only its owner can read; a bot keeps it in JOURNAL.operator-token beside its journal, name that file with --token-file`,
  whichToken:
    "--allow-actions needs the bot's operator token: add --token-file FILE (it is JOURNAL.operator-token beside the bot's journal)",
  listening: (viewers: string, url: string) => `viewers of ${viewers}: ${url}`,
  shown: (actors: number, source: string) => `${actors} actors of ${source}`,
  hidden: (actors: number, max: number) =>
    `${actors} more actors live than the ${max} that are shown; they are shown when there is room`,
  diverged: (seq: number, actor: string) =>
    `record ${seq}: this version recomputes ${actor} otherwise than it was; states are the recorded ones, contexts may differ`,
  readOnly: (actor: string, event: string) =>
    `a viewer sent ${event} to ${actor}: refused, this view is read-only; --allow-actions allows operator actions`,
  notAnAction: (actor: string, event: string) =>
    `a viewer sent ${event} to ${actor}: refused, it is no operator action of that actor (operator.* on a breaker or a feature, recovery.requested on recovery)`,
  tooManyActions: (actor: string, event: string) =>
    `a viewer sent ${event} to ${actor}: refused, too many actions are on their way to the bot`,
  acted: (actor: string, event: string) => `a viewer sent ${event} to ${actor}: the bot took it`,
  actionRefused: (actor: string, event: string, why: string) =>
    `a viewer sent ${event} to ${actor}: the bot did not take it (${why})`,
  nonsense: (what: string) => `a viewer sent ${what}: ignored`,
};
/** Every sentence of `npm run inspect` that a person reads. Flags, addresses and ids are not translated. */
export type InspectTexts = typeof en;

const zh: InspectTexts = {
  badUrl: (text) => `--url ${text}：必须是机器人的地址，例如 http://127.0.0.1:7070`,
  noBot: (url) => `${url} 没有机器人应答；请启动一个（npm start），或用 --url 指定另一个，或用 --journal 指定日志文件`,
  noRecords: (url) => `${url} 应答的不是本版本的机器人：它的 /records 不是记录列表`,
  beginsLate: (url, seq) =>
    `${url} 的机器人日志从第 ${seq} 条记录开始，之前的状态不对外提供。请打开机器人自己的检查器（npm start 会打印它的地址），或在它所在的机器上运行 npm run inspect -- --journal 文件；用 ssh -L 7072:127.0.0.1:7072 主机 把那个页面转发过来`,
  copying: (seq, last) => `正在复制机器人的记录：${seq} / ${last}`,
  copyTooLong: (seconds) => `${seconds} 秒内未能复制完机器人的记录；请在机器人所在的机器上用 --journal 文件 运行`,
  folding: (seq, last) => `正在折叠：${seq} / ${last}`,
  lost: (url) => `${url} 的机器人不见了；会一直询问，直到它回来`,
  following: (url) => `${url} 的机器人回来了`,
  otherJournal: (url) => `${url} 的机器人换了日志；重新显示它的 actor`,
  portTaken: (port, flag, reason) => `端口 ${port} 不能使用（${reason}）；请用 ${flag} 换一个`,
  inspector: (url) => `检查器：${url}`,
  needsBridge: (flag) => `${flag} 只用于 --xstate 或 --stately；请加上其中一个`,
  noToken: (path) =>
    `${path}：这里没有只有属主可读的操作令牌；机器人把它放在日志旁边的文件 日志.operator-token 里，请用 --token-file 指定`,
  whichToken: '--allow-actions 需要机器人的操作令牌：请加 --token-file 文件（即机器人日志旁边的 日志.operator-token）',
  listening: (viewers, url) => `${viewers} 的查看器：${url}`,
  shown: (actors, source) => `${source} 的 ${actors} 个 actor`,
  hidden: (actors, max) => `还有 ${actors} 个 actor 没有显示（最多显示 ${max} 个）；有空位时会显示`,
  diverged: (seq, actor) => `第 ${seq} 条记录：本版本重算 ${actor} 的结果与记录不同；状态以记录为准，上下文可能不同`,
  readOnly: (actor, event) => `查看器向 ${actor} 发送了 ${event}：已拒绝，这里只读；--allow-actions 允许操作`,
  notAnAction: (actor, event) =>
    `查看器向 ${actor} 发送了 ${event}：已拒绝，它不是该 actor 的操作（熔断器和功能的 operator.*，recovery 的 recovery.requested）`,
  tooManyActions: (actor, event) => `查看器向 ${actor} 发送了 ${event}：已拒绝，正在送往机器人的操作太多`,
  acted: (actor, event) => `查看器向 ${actor} 发送了 ${event}：机器人已接受`,
  actionRefused: (actor, event, why) => `查看器向 ${actor} 发送了 ${event}：机器人没有接受（${why}）`,
  nonsense: (what) => `查看器发送了 ${what}：已忽略`,
};

/** The table of a language; by default that of KINTSUGI_LOCALE. */
export function inspectTexts(locale = process.env.KINTSUGI_LOCALE): InspectTexts {
  return locale === 'zh' ? zh : en;
}
export function inspectLocale(): 'en' | 'zh' {
  return process.env.KINTSUGI_LOCALE === 'zh' ? 'zh' : 'en';
}
