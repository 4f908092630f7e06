import type { Locale } from '../machines/vocabulary/replies/words.js';

/** Something wrong, in whichever language. */
export type Problem = (texts: ConfigTexts) => string;

const en = {
  expected: {
    oneOf: (choices: readonly string[]) => `one of ${choices.join(', ')}`,
    gatewayUrl: 'null or an address like wss://api.sgroup.qq.com/websocket',
    shares: 'a list of shares above 0 up to 1, such as [0.25,0.5,1]',
    shard: 'two whole numbers [index, count] with index below count, such as [0,2]',
    bits: 'a bit mask, a whole number >= 0',
    ms: (min: number) => `milliseconds, a whole number >= ${min}`,
    share: 'a share from 0 to 1',
    flag: 'true or false',
    factor: (min: number, max: number) => `a number from ${min} to ${max}`,
    whole: (min: number, max: number) => `a whole number from ${min} to ${max}`,
  },
  /** `near`: the name that was probably meant, or null. */
  unknownVariable: (name: string, near: string | null, known: readonly string[]) =>
    `${name}: there is no such variable${near ? `; did you mean ${near}?` : `; known are ${known.join(', ')}`}`,
  secretRequired:
    'QQ_BOT_SECRET environment variable required: copy the AppSecret from q.qq.com, Development > Development settings',
  appIdRequired:
    'QQ_BOT_APP_ID environment variable required: copy the AppID from q.qq.com, Development > Development settings',
  choice: (name: string, value: string, allowed: readonly string[]) =>
    `${name} is "${value}"; it must be ${allowed.join(' or ')}`,
  address: (name: string, value: string, starts: readonly string[]) =>
    `${name} is "${value}"; it must be an address that starts with ${starts.join(' or ')}`,
  hostPort: (name: string, value: string) =>
    `${name} is "${value}"; it must be host:port, such as 127.0.0.1:7070, or off`,
  hostPortPath: (name: string, value: string) =>
    `${name} is "${value}"; it must be host:port/path, such as 127.0.0.1:8080/qq`,
  level: (item: string, levels: readonly string[]) =>
    `LOG_LEVEL has "${item}"; a level is one of ${levels.join(', ')}, as in info,qq=debug`,
  notAnObject: (file: string) => `${file}: it must hold one object`,
  notJson: (file: string, reason: string) => `${file}: it cannot be read as JSON (${reason})`,
  unknownIntent: (value: string, intent: string, near: string | null, known: readonly string[]) =>
    `QQ_BOT_INTENTS is "${value}": intent "${intent}" is unknown${near ? `; did you mean ${near}?` : ''}; use one of ${known.join(', ')}`,
  notIntents: (value: string) => `QQ_BOT_INTENTS is "${value}": it must be a number`,
  webhookAddress: 'gateway.source is "webhook"; set QQ_BOT_WEBHOOK to host:port/path as well',
  unknownOption: (from: string, name: string, near: string | null) =>
    `${from}: there is no option "${name}"${near ? `; did you mean "${near}"?` : '; docs/OPTIONS.md lists them'}`,
  wrongOption: (from: string, name: string, value: string, expected: string) =>
    `${from}: ${name} is ${value}; it must be ${expected}`,
  aboveOther: (from: string, name: string, value: number, other: string, most: number) =>
    `${from}: ${name} is ${value} and ${other} is ${most}; the first may not be above the second`,
  preset: (from: string, value: string, known: readonly string[]) =>
    `${from}: preset is ${value}; it must be ${known.join(' or ')}`,
  setForm: (text: string) => `--set ${text}: write it as name=value, such as --set circuitBreaker.openMs=60000`,
  crashInProduction: (value: string) =>
    `KINTSUGI_CRASH_AT is "${value}": it kills the bot and is for tests; unset it in production`,
  crashPoint: (value: string, near: string | null) =>
    `KINTSUGI_CRASH_AT is "${value}": there is no such point${near ? `; did you mean ${near}?` : '; docs/CRASH.md lists them'}`,
  crashTime: (value: string) => `KINTSUGI_CRASH_AT is "${value}": after the colon stands how many times, from 1`,
};
/** Everything that can be wrong with a configuration: the name, the value, the nearest valid name, the fix. */
export type ConfigTexts = typeof en;
export type ExpectedTexts = ConfigTexts['expected'];

const zh: ConfigTexts = {
  expected: {
    oneOf: (choices) => `${choices.join('、')} 之一`,
    gatewayUrl: 'null，或 wss://api.sgroup.qq.com/websocket 这样的地址',
    shares: '由大于 0、不超过 1 的份额组成的列表，例如 [0.25,0.5,1]',
    shard: '两个整数 [序号, 总数]，序号小于总数，例如 [0,2]',
    bits: '位掩码，即不小于 0 的整数',
    ms: (min) => `毫秒数，即不小于 ${min} 的整数`,
    share: '0 到 1 之间的份额',
    flag: 'true 或 false',
    factor: (min, max) => `${min} 到 ${max} 之间的数`,
    whole: (min, max) => `${min} 到 ${max} 之间的整数`,
  },
  unknownVariable: (name, near, known) =>
    `${name}：没有这个环境变量${near ? `；是否想写 ${near}？` : `；已知的有 ${known.join('、')}`}`,
  secretRequired:
    'QQ_BOT_SECRET environment variable required：缺少这个环境变量，请从 q.qq.com「开发 > 开发设置」复制 AppSecret',
  appIdRequired:
    'QQ_BOT_APP_ID environment variable required：缺少这个环境变量，请从 q.qq.com「开发 > 开发设置」复制 AppID',
  choice: (name, value, allowed) => `${name} 现在是 "${value}"，必须是 ${allowed.join(' 或 ')}`,
  address: (name, value, starts) => `${name} 现在是 "${value}"，必须是以 ${starts.join(' 或 ')} 开头的地址`,
  hostPort: (name, value) => `${name} 现在是 "${value}"，必须写成 主机:端口，例如 127.0.0.1:7070，或 off`,
  hostPortPath: (name, value) => `${name} 现在是 "${value}"，必须写成 主机:端口/路径，例如 127.0.0.1:8080/qq`,
  level: (item, levels) => `LOG_LEVEL 中有 "${item}"；级别只能是 ${levels.join('、')} 之一，写法如 info,qq=debug`,
  notAnObject: (file) => `${file}：内容必须是一个 JSON 对象`,
  notJson: (file, reason) => `${file}：无法按 JSON 读取（${reason}）`,
  unknownIntent: (value, intent, near, known) =>
    `QQ_BOT_INTENTS 现在是 "${value}"：没有名为 "${intent}" 的 intent${near ? `；是否想写 ${near}？` : ''}；可用的有 ${known.join('、')}`,
  notIntents: (value) => `QQ_BOT_INTENTS 现在是 "${value}"：必须是一个数`,
  webhookAddress: 'gateway.source 是 "webhook"；请同时把 QQ_BOT_WEBHOOK 设为 主机:端口/路径',
  unknownOption: (from, name, near) =>
    `${from}：没有名为 "${name}" 的选项${near ? `；是否想写 "${near}"？` : '；全部选项见 docs/OPTIONS.md'}`,
  wrongOption: (from, name, value, expected) => `${from}：${name} 现在是 ${value}，必须是 ${expected}`,
  aboveOther: (from, name, value, other, most) =>
    `${from}：${name} 现在是 ${value}，${other} 现在是 ${most}；前者不得大于后者`,
  preset: (from, value, known) => `${from}：preset 现在是 ${value}，必须是 ${known.join(' 或 ')}`,
  setForm: (text) => `--set ${text}：请写成 名称=值，例如 --set circuitBreaker.openMs=60000`,
  crashInProduction: (value) => `KINTSUGI_CRASH_AT 现在是 "${value}"：它会杀死机器人，只供测试；生产环境请去掉它`,
  crashPoint: (value, near) =>
    `KINTSUGI_CRASH_AT 现在是 "${value}"：没有这个位置${near ? `；是否想写 ${near}？` : '；docs/CRASH.zh-CN.md 中有全部位置'}`,
  crashTime: (value) => `KINTSUGI_CRASH_AT 现在是 "${value}"：冒号后面是第几次，从 1 开始`,
};

export function configTextsFor(locale: Locale): ConfigTexts {
  return locale === 'zh' ? zh : en;
}
