/** One sentence for a person: what is wrong and where it is put right. */
export interface Refusal {
  readonly en: string;
  readonly zh: string;
}

/** What QQ says no to, by code: token endpoint, OpenAPI and gateway close codes. */
export const REFUSALS: Readonly<Record<number, Refusal>> = {
  100016: {
    en: 'App id and secret do not belong together: on q.qq.com under Development > Development settings, copy the AppSecret again (or reset it) and set QQ_BOT_SECRET.',
    zh: 'AppID 与 AppSecret 不匹配：请到 q.qq.com「开发 > 开发设置」重新复制（或重置）AppSecret，并写入 QQ_BOT_SECRET。',
  },
  100007: {
    en: 'QQ does not know this app id, or the bot is banned or deleted: on q.qq.com under Development > Development settings, compare the AppID with QQ_BOT_APP_ID and look at the state of the bot.',
    zh: 'QQ 不认识这个 AppID，或机器人已被封禁、删除：请到 q.qq.com「开发 > 开发设置」核对 AppID 与 QQ_BOT_APP_ID，并查看机器人状态。',
  },
  10004: {
    en: 'This bot does not exist (any more): on q.qq.com, open the list of your bots and put the AppID of an existing one into QQ_BOT_APP_ID.',
    zh: '该机器人不存在（或已注销）：请到 q.qq.com 的机器人列表，把现有机器人的 AppID 写入 QQ_BOT_APP_ID。',
  },
  11298: {
    en: 'The address that this machine calls from is not allowed: on q.qq.com under Development > Development settings > IP whitelist, add this IP to the whitelist.',
    zh: '本机的出口 IP 不在白名单中：请到 q.qq.com「开发 > 开发设置 > IP 白名单」添加这个 IP。',
  },
  11245: {
    en: 'QQ has switched off fixed tokens: on q.qq.com under Development > Development settings, take the AppSecret (not the Token) and set QQ_BOT_SECRET.',
    zh: 'QQ 已停用固定 Token：请到 q.qq.com「开发 > 开发设置」获取 AppSecret（不是 Token），并写入 QQ_BOT_SECRET。',
  },
  11251: {
    en: 'QQ finds no app id, or a wrong one, in our requests: on q.qq.com under Development > Development settings, compare the AppID with QQ_BOT_APP_ID.',
    zh: 'QQ 认为请求中的 AppID 缺失或错误：请到 q.qq.com「开发 > 开发设置」核对 AppID 与 QQ_BOT_APP_ID。',
  },
  11265: {
    en: 'This bot is banned: on q.qq.com, read the notice in the message centre and appeal there.',
    zh: '该机器人已被封禁：请到 q.qq.com 的消息中心查看通知并申诉。',
  },
  4004: {
    en: 'The gateway does not accept our access token: on q.qq.com under Development > Development settings, check that AppID and AppSecret are those of this bot and were not reset.',
    zh: '网关不接受我们的 access token：请到 q.qq.com「开发 > 开发设置」确认 AppID 和 AppSecret 属于本机器人且未被重置。',
  },
  4010: {
    en: 'The shard is not one that QQ knows: set gateway.shard to [index, count] with index below count, the same count in every process.',
    zh: '分片无效：请把 gateway.shard 设为 [序号, 总数]，序号小于总数，且所有进程的总数一致。',
  },
  4011: {
    en: 'The bot is in too many guilds for one connection: start several processes with gateway.shard=[0,2], [1,2] and so on, each with a journal of its own.',
    zh: '频道数过多，一个连接不够：请启动多个进程，分别设置 gateway.shard=[0,2]、[1,2] 等，并使用各自的日志文件。',
  },
  4013: {
    en: 'One of the intents asked for does not exist: correct QQ_BOT_INTENTS (or gateway.intents).',
    zh: '所申请的 intent 中有一个不存在：请检查 QQ_BOT_INTENTS（或 gateway.intents）。',
  },
  4014: {
    en: 'This bot may not subscribe to one of the intents asked for: on q.qq.com under Development > Event subscription, apply for the permission, or leave that name out of QQ_BOT_INTENTS.',
    zh: '机器人没有所申请的某个 intent 的权限：请到 q.qq.com「开发 > 事件订阅」申请权限，或从 QQ_BOT_INTENTS 中去掉该名称。',
  },
  4914: {
    en: 'This bot is offline and may connect to the sandbox only: on q.qq.com under Release, publish it, or set QQ_BOT_SANDBOX=1.',
    zh: '机器人已下架，只允许连接沙箱：请到 q.qq.com「发布」页面上架，或设置 QQ_BOT_SANDBOX=1。',
  },
  4915: {
    en: 'This bot is banned from the gateway: on q.qq.com, read the notice in the message centre, have the ban lifted, then start again.',
    zh: '机器人已被封禁，不允许连接：请到 q.qq.com 的消息中心查看通知，申请解封后再启动。',
  },
  304018: {
    en: 'QQ sees no gateway connection of this bot in this environment: check on q.qq.com under Development > Sandbox settings which environment the guild belongs to, and set QQ_BOT_SANDBOX to match.',
    zh: 'QQ 在当前环境没有看到本机器人的网关连接：请到 q.qq.com「开发 > 沙箱配置」确认频道所属环境，并相应设置 QQ_BOT_SANDBOX。',
  },
};

/** Codes that mean the same as one above. */
const SAME: Readonly<Record<number, number>> = { 11261: 11251, 11275: 11251, 40023002: 11298 };

/** The sentence for a code; null for one that needs none. */
export function refusalOf(code: number | string | null): Refusal | null {
  const known = SAME[Number(code)] ?? Number(code);
  return code !== null && Object.hasOwn(REFUSALS, known) ? (REFUSALS[known] ?? null) : null;
}
