const en = {
  states: { ok: 'ok', warning: 'warning', failed: 'failed', skipped: 'skipped' },
  summary: (failed: number, warnings: number, code: number) =>
    failed + warnings === 0
      ? 'Everything that was checked is well.'
      : `${failed} failed, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}; exit code ${code}.`,

  configurationOk: (world: string, isSandbox: boolean) =>
    `readable; world ${world}${isSandbox ? ', SANDBOX of QQ' : ''}`,
  configurationElse: 'nothing wrong but the credentials',
  configurationFix: 'correct each of these in the environment, .env, kintsugi.config.json or --set',
  needsConfiguration: 'needs a correct configuration',
  credentialsSet: (appId: string) => `set; app id ${appId}`,
  credentialsMissing: (names: readonly string[]) => `missing: ${names.join(', ')}`,
  credentialsFix: 'copy AppID and AppSecret from q.qq.com, Development > Development settings',
  demo: 'QQ_BOT_APP_ID and QQ_BOT_SECRET are not set: npm start would run the demo world, not QQ',
  needsCredentials: 'needs credentials',
  needsToken: 'needs an access token',
  needsApi: 'needs the API',
  needsGateway: 'needs the address of the gateway',

  clockUnknown: 'not known: the token endpoint told no time',
  /** `seconds` above 0: ahead of the server. */
  clock: (seconds: number) =>
    Math.abs(seconds) <= 1
      ? 'agrees with the token endpoint'
      : `${Math.abs(seconds)} s ${seconds > 0 ? 'ahead of' : 'behind'} the token endpoint`,
  clockFix: 'let the system set its clock (timedatectl set-ntp true, or chrony)',

  tokenOk: (seconds: number) => `fetched; valid for ${seconds} s`,
  tokenShort: 'fetched, but QQ says that it is no longer valid',
  tokenShortFix: 'compare QQ_BOT_TOKEN_URL with the documents of QQ; a proxy may have changed the answer',
  whitelistOk: 'QQ lets this machine in',
  whitelistRefused: 'QQ does not let this machine in (11298)',
  whitelistUnknown: 'not known: QQ did not answer a call',
  whitelistFix: 'add the public address of this machine on q.qq.com, Development settings > IP whitelist',
  seeWhitelist: 'see whitelist',
  apiOk: (name: string, host: string) => `${host} knows the bot as "${name}"`,

  /** `code`: QQ's, an HTTP status, or why there was no answer. */
  refused: (host: string, code: string) => `${host} refuses (${code})`,
  refusedFix: (setting: string) =>
    `check that ${setting} and QQ_BOT_SANDBOX belong to this bot, and look at its state on q.qq.com`,
  silent: (host: string, code: string) => `no answer from ${host} (${code})`,
  silentFix: (setting: string) => `check the network, DNS and firewall of this machine, and ${setting}`,
  unwell: (host: string, code: string) => `${host} does not answer as QQ does (${code})`,
  unwellFix: (setting: string) => `try again in a minute; if it stays so, check ${setting}`,

  gateway: (host: string, sessions: number | null, isFixed: boolean) =>
    [
      host,
      isFixed ? 'set by QQ_BOT_GATEWAY_URL' : '',
      sessions === null ? 'sessions remaining: not known' : `${sessions} sessions remaining`,
    ]
      .filter(Boolean)
      .join('; '),
  gatewayFix: 'find out what connects so often (/metrics, log of the bot); QQ counts anew every day',
  intentsOk: (names: readonly string[]) => `accepted: ${names.join(', ')}`,
  intentsInUse: (names: readonly string[]) =>
    `${names.join(', ')}; not tried, the journal is held: a running bot has a session with them`,
  intentsSaved: (names: readonly string[]) => `${names.join(', ')}; not tried, too few sessions remain`,
  intentsRefused: (names: readonly string[]) => `QQ refuses one of ${names.join(', ')} (4014)`,
  intentsRefusedFix: (names: readonly string[], base: readonly string[]) =>
    `Apply for: ${names.join(', ')}; until then the bot connects with ${base.join(', ')} only.`,
  closed: (host: string, code: number, reason: string) =>
    `${host} closed the connection (${code}${reason ? ` ${reason}` : ''})`,
  closedFix: 'try again in a minute; if it stays so, check QQ_BOT_GATEWAY_URL, QQ_BOT_INTENTS and a proxy in between',
  late: (host: string, what: string, seconds: number) => `${host}: no ${what} within ${seconds} s`,
  lateFix: 'check that firewall and proxy let WebSockets (wss) through; then try again',

  journalUnknown: (scheme: string) => `there is no journal of the kind ${scheme}://`,
  journalUnknownFix: 'set KINTSUGI_JOURNAL to the path of a file',
  journalNew: (path: string) => `${path} is not there yet; its folder can be written`,
  journalOk: (path: string, size: string) => `${path}, ${size}`,
  journalRunning: (path: string, size: string) => `${path}, ${size}; in use by the running bot`,
  journalHeld: (path: string) => `${path} is held by another process`,
  journalHeldFix: 'stop that process, or set KINTSUGI_JOURNAL to another path',
  journalHeldUnknown: (path: string, size: string) =>
    `${path}, ${size}; held by another process, and whether it is the bot cannot be asked`,
  journalHeldUnknownFix: 'nothing if the bot is running; else stop that process. KINTSUGI_HTTP=host:port lets me ask',
  journalNotOurs: (path: string) => `${path} is not a Kintsugi journal`,
  journalNotOursFix: 'set KINTSUGI_JOURNAL to another path',
  journalNewer: (path: string) => `${path} was written by a newer version`,
  journalNewerFix: 'use that version, or set KINTSUGI_JOURNAL to another path',
  journalUnwritable: (path: string, code: string) => `${path} cannot be written by this user (${code})`,
  journalUnwritableFix: 'run this as the user of the bot, or set KINTSUGI_JOURNAL to a file in a folder of that user',
  journalUnreadable: (path: string, code: string) => `${path} cannot be read (${code})`,
  journalUnreadableFix: 'restore it from a backup, or set KINTSUGI_JOURNAL to another path',

  portsOff: 'KINTSUGI_HTTP is off',
  portsFree: (address: string) => `${address} is free`,
  portsRunning: (address: string, version: string, seconds: number) =>
    `the bot is running at ${address}: version ${version}, up for ${seconds} s`,
  portsOther: (address: string, world: string) => `${address} is in use by another Kintsugi bot (world ${world})`,
  portsTaken: (address: string) => `${address} is in use by another program`,
  portsUnusable: (address: string, code: string) => `${address} cannot be listened on (${code})`,
  portsFix: 'set KINTSUGI_HTTP to another host:port, or to off',
  inspectorFree: (address: string) => `the inspector's ${address} is free`,
  /** `why`: one of the sentences about ports, or `inspectorSame`. */
  inspectorNone: (why: string) => `there would be no inspector: ${why}`,
  inspectorSame: "its address is the bot's own",
  inspectorFix: 'set KINTSUGI_INSPECTOR to another host:port, or to off',
};
/** Every sentence of `npm run doctor`. Names of variables, hosts and codes are not translated. */
export type DoctorTexts = typeof en;

const zh: DoctorTexts = {
  states: { ok: '正常', warning: '警告', failed: '失败', skipped: '跳过' },
  summary: (failed, warnings, code) =>
    failed + warnings === 0 ? '检查过的各项都正常。' : `${failed} 项失败，${warnings} 项警告；退出码 ${code}。`,

  configurationOk: (world, isSandbox) => `可以读取；世界 ${world}${isSandbox ? '，QQ 沙箱环境' : ''}`,
  configurationElse: '除凭据外没有问题',
  configurationFix: '请在环境变量、.env、kintsugi.config.json 或 --set 中逐项改正',
  needsConfiguration: '需要先改正配置',
  credentialsSet: (appId) => `已设置；AppID ${appId}`,
  credentialsMissing: (names) => `缺少：${names.join('、')}`,
  credentialsFix: '请到 q.qq.com「开发 > 开发设置」复制 AppID 和 AppSecret',
  demo: '没有设置 QQ_BOT_APP_ID 和 QQ_BOT_SECRET：npm start 会运行演示世界，而不是 QQ',
  needsCredentials: '需要凭据',
  needsToken: '需要 access token',
  needsApi: '需要 API',
  needsGateway: '需要网关地址',

  clockUnknown: '未知：token 接口没有给出时间',
  clock: (seconds) =>
    Math.abs(seconds) <= 1
      ? '与 token 接口的时间一致'
      : `比 token 接口的时间${seconds > 0 ? '快' : '慢'} ${Math.abs(seconds)} 秒`,
  clockFix: '请让系统自动校时（timedatectl set-ntp true，或 chrony）',

  tokenOk: (seconds) => `已获取；有效期 ${seconds} 秒`,
  tokenShort: '已获取，但 QQ 说它已经失效',
  tokenShortFix: '请对照 QQ 文档检查 QQ_BOT_TOKEN_URL；也可能是代理改动了应答',
  whitelistOk: 'QQ 允许本机访问',
  whitelistRefused: 'QQ 不允许本机访问（11298）',
  whitelistUnknown: '未知：QQ 没有应答',
  whitelistFix: '请到 q.qq.com「开发 > 开发设置 > IP 白名单」添加本机的出口 IP',
  seeWhitelist: '见 whitelist 一行',
  apiOk: (name, host) => `${host} 认识这个机器人：“${name}”`,

  refused: (host, code) => `${host} 拒绝（${code}）`,
  refusedFix: (setting) => `请确认 ${setting} 和 QQ_BOT_SANDBOX 属于本机器人，并到 q.qq.com 查看机器人状态`,
  silent: (host, code) => `${host} 没有应答（${code}）`,
  silentFix: (setting) => `请检查本机的网络、DNS、防火墙，以及 ${setting}`,
  unwell: (host, code) => `${host} 的应答不像 QQ（${code}）`,
  unwellFix: (setting) => `请过一分钟再试；如果仍然如此，请检查 ${setting}`,

  gateway: (host, sessions, isFixed) =>
    [
      host,
      isFixed ? '由 QQ_BOT_GATEWAY_URL 指定' : '',
      sessions === null ? '剩余会话数未知' : `剩余会话 ${sessions} 个`,
    ]
      .filter(Boolean)
      .join('；'),
  gatewayFix: '请查明是什么在频繁连接（/metrics、机器人的运行日志）；QQ 每天重新计数',
  intentsOk: (names) => `已接受：${names.join('、')}`,
  intentsInUse: (names) => `${names.join('、')}；没有尝试：日志被占用，运行中的机器人正以它们保持会话`,
  intentsSaved: (names) => `${names.join('、')}；没有尝试：剩余会话太少`,
  intentsRefused: (names) => `QQ 拒绝了其中之一：${names.join('、')}（4014）`,
  intentsRefusedFix: (names, base) => `需要申请：${names.join('、')}；在此之前机器人只以 ${base.join('、')} 连接。`,
  closed: (host, code, reason) => `${host} 关闭了连接（${code}${reason ? ` ${reason}` : ''}）`,
  closedFix: '请过一分钟再试；如果仍然如此，请检查 QQ_BOT_GATEWAY_URL、QQ_BOT_INTENTS 和中间的代理',
  late: (host, what, seconds) => `${host}：${seconds} 秒内没有等到 ${what}`,
  lateFix: '请确认防火墙和代理允许 WebSocket（wss），然后再试',

  journalUnknown: (scheme) => `没有 ${scheme}:// 这种日志`,
  journalUnknownFix: '请把 KINTSUGI_JOURNAL 设为文件的路径',
  journalNew: (path) => `${path} 还不存在；所在目录可写`,
  journalOk: (path, size) => `${path}，${size}`,
  journalRunning: (path, size) => `${path}，${size}；运行中的机器人正在使用`,
  journalHeld: (path) => `${path} 被另一个进程占用`,
  journalHeldFix: '请停止那个进程，或把 KINTSUGI_JOURNAL 设为别的路径',
  journalHeldUnknown: (path, size) => `${path}，${size}；被另一个进程占用，无法询问它是不是机器人`,
  journalHeldUnknownFix: '如果机器人正在运行则无需处理，否则请停止那个进程；设置 KINTSUGI_HTTP=host:port 后即可询问',
  journalNotOurs: (path) => `${path} 不是 Kintsugi 的日志文件`,
  journalNotOursFix: '请把 KINTSUGI_JOURNAL 设为别的路径',
  journalNewer: (path) => `${path} 由更新的版本写成`,
  journalNewerFix: '请使用那个版本，或把 KINTSUGI_JOURNAL 设为别的路径',
  journalUnwritable: (path, code) => `当前用户不能写 ${path}（${code}）`,
  journalUnwritableFix: '请以机器人的用户运行本命令，或把 KINTSUGI_JOURNAL 设为该用户目录中的文件',
  journalUnreadable: (path, code) => `${path} 无法读取（${code}）`,
  journalUnreadableFix: '请从备份恢复，或把 KINTSUGI_JOURNAL 设为别的路径',

  portsOff: 'KINTSUGI_HTTP 为 off',
  portsFree: (address) => `${address} 空闲`,
  portsRunning: (address, version, seconds) => `机器人正在 ${address} 运行：版本 ${version}，已运行 ${seconds} 秒`,
  portsOther: (address, world) => `${address} 被另一个 Kintsugi 机器人占用（世界 ${world}）`,
  portsTaken: (address) => `${address} 被另一个程序占用`,
  portsUnusable: (address, code) => `${address} 无法监听（${code}）`,
  portsFix: '请把 KINTSUGI_HTTP 设为别的 host:port，或 off',
  inspectorFree: (address) => `检查器的 ${address} 空闲`,
  inspectorNone: (why) => `将没有检查器：${why}`,
  inspectorSame: '它的地址与机器人自己的相同',
  inspectorFix: '请把 KINTSUGI_INSPECTOR 设为别的 host:port，或 off',
};

export function doctorTextsFor(locale: 'en' | 'zh'): DoctorTexts {
  return locale === 'zh' ? zh : en;
}
