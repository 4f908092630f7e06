const en = {
  noRecord: (seq: number, first: number, last: number) =>
    `seq: there is no record ${seq}; there are ${first} to ${last}`,
  noRange: (from: number, to: number, first: number, last: number) =>
    `from, to: there are records ${first} to ${last} (got ${from} to ${to})`,
  exportTooLong: (count: number, max: number) =>
    `from, to: at most ${max} records at once (got ${count}); use npm run journal -- export`,
  noMessage: (id: string) => `id: no message "${id}" came in this journal`,
  noScope: (scope: string) => `scope: there is neither a machine nor a lasting actor "${scope}"`,
  noMachine: (machine: string, known: string) => `machine: there is no "${machine}"; there are ${known}`,
  noJournal: (id: string) => `journal: there is no open journal "${id}"; it may have been closed`,
  noWhatIf: (id: string) => `id: there is no what-if "${id}"`,
  notThisHost: (host: string) => `host "${host}" is not this server`,
  notThisOrigin: (origin: string, own: string) => `origin "${origin}" is not this page; open ${own} instead`,
  ownPageOnly: 'only the page of this server may do that',
  noBot: 'there is no running bot behind this page; it shows a journal only',
  noToken: 'the operator token is missing',
  noAction: (got: string) => `type: it must be an operator action (got ${got})`,
  noSimulator: 'there is no simulator: this is not the demo world',
  bot: 'the bot',
  simulator: 'the simulator',
  noAnswer: (who: string, why: string) => `${who} does not answer (${why}); is it running?`,
  uploadsFull: (max: number) => `${max} uploaded journals are open; close one of them first`,
  uploadTooLarge: (megabytes: number) => `the file is larger than ${megabytes} MB; export a shorter stretch`,
  uploadType: 'content-type: it must be application/x-ndjson, the file itself as the body',
  mainStays: 'journal: "main" cannot be closed; it is what this server is for',
  damaged: (seq: number, why: string) => `record ${seq} cannot be read: ${why}; moments before it can be shown`,
  noSuchAddress: (method: string, url: string) => `there is no ${method} ${url}`,
  /** The bot whose journal this is. */
  botSilent: (seconds: number) =>
    `The bot's process has not answered for ${seconds} s: a handler that computes without end, or the process was stopped. What is shown is what it journaled last; if it does not come back, restart it`,
};
/** What the inspection server answers to a wish that cannot be met. Names, values and commands are not translated. */
export type ServerTexts = typeof en;

const zh: ServerTexts = {
  noRecord: (seq, first, last) => `seq：没有第 ${seq} 条记录；现有第 ${first} 到 ${last} 条`,
  noRange: (from, to, first, last) => `from、to：现有第 ${first} 到 ${last} 条记录（收到 ${from} 到 ${to}）`,
  exportTooLong: (count, max) => `from、to：一次最多 ${max} 条记录（收到 ${count} 条）；请用 npm run journal -- export`,
  noMessage: (id) => `id：本日志里没有消息“${id}”`,
  noScope: (scope) => `scope：没有名为“${scope}”的状态机，也没有这样的常驻 actor`,
  noMachine: (machine, known) => `machine：没有“${machine}”；有 ${known}`,
  noJournal: (id) => `journal：没有打开的日志“${id}”；可能已经关闭`,
  noWhatIf: (id) => `id：没有假设推演“${id}”`,
  notThisHost: (host) => `主机名“${host}”不是本服务器`,
  notThisOrigin: (origin, own) => `来源“${origin}”不是本页面；请打开 ${own}`,
  ownPageOnly: '只有本服务器的页面可以这样做',
  noBot: '本页面背后没有运行中的机器人，只显示日志',
  noToken: '缺少操作令牌',
  noAction: (got) => `type：必须是一个操作（收到 ${got}）`,
  noSimulator: '没有模拟平台：这里不是演示世界',
  bot: '机器人',
  simulator: '模拟平台',
  noAnswer: (who, why) => `${who}没有应答（${why}）；它在运行吗？`,
  uploadsFull: (max) => `已打开 ${max} 个上传的日志；请先关闭一个`,
  uploadTooLarge: (megabytes) => `文件超过 ${megabytes} MB；请导出较短的一段`,
  uploadType: 'content-type：必须是 application/x-ndjson，请求体就是文件本身',
  mainStays: 'journal：“main”不能关闭，本服务器就是为它启动的',
  damaged: (seq, why) => `第 ${seq} 条记录读不出来：${why}；之前的时刻仍可显示`,
  noSuchAddress: (method, url) => `没有 ${method} ${url}`,
  botSilent: (seconds) =>
    `机器人的进程已有 ${seconds} 秒没有应答：处理函数在不停地计算，或者进程被暂停了。这里显示的是它最后写入日志的内容；如果它不恢复，请重新启动`,
};

/** The table of the language that a request prefers (`accept-language`). */
export function serverTexts(language: string | undefined): ServerTexts {
  return language?.trimStart().toLowerCase().startsWith('zh') ? zh : en;
}
