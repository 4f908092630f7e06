import type { Locale } from '../../machines/vocabulary/replies/words.js';

const en = {
  help: {
    program:
      'Folds a journal to any point, verifies it, or asks what other options would have done; reads beside a running bot',
    journal: 'the journal, or an exported stretch of one',
    at: 'fold up to this record or time: 41, 03:12, 03:12:05, 2026-11-24T03:12:05Z (default: the last record)',
    actor: 'one actor with its context, timers and open effects, such as breaker:messages',
    verify: 'fold from the first record and compare every step and effect with what was recorded',
    set: 'what if this option had been so, such as circuitBreaker.failureThreshold=3; may be repeated',
    from: 'with --set: begin with this record or time (default: the first record)',
    to: 'with --set: end with this record or time (default: the last record)',
    json: 'print one JSON object as the last line',
  },
  empty: 'the journal has no records yet',
  beyond: (option: string, asked: string, last: number, at: string) =>
    `${option} ${asked}: the last record is ${last} (${at})`,
  before: (option: string, asked: string, first: number, at: string) =>
    `${option} ${asked}: the first record is ${first} (${at})`,
  notTogether: (one: string, other: string) => `${one} and ${other} do not go together`,
  noActor: (id: string, seq: number, nearest: string | null) =>
    `--actor ${id}: there is no such actor at record ${seq}${nearest ? `; did you mean ${nearest}?` : ''}`,
  folding: 'folding',
  verifying: 'verifying',
  comparing: 'what if',
  state: (seq: number, at: string, actors: number) => `record ${seq}, ${at}: ${actors} actors`,
  context: 'context',
  timers: 'timers',
  open: 'effects without an outcome',
  none: 'none',
  ended: (id: string, value: string, reason: string) => `${id} has ended: ${value}${reason ? ` (${reason})` : ''}`,
  verified: (records: number, epochs: number, rate: number) =>
    `verified: ${records} records of ${epochs} process lives refold to what was recorded, ${rate} records a second`,
  shares: (parts: string) => `time: ${parts}`,
  parts: {
    reading: 'reading',
    jsonParsing: 'JSON parsing',
    xstate: 'machines (XState)',
    comparing: 'comparing',
    routing: 'routing and state',
  },
  differs: (seq: number, at: string, actor: string) => `First difference at seq ${seq} (${at}), ${actor}:`,
  wasRecorded: 'recorded:  ',
  isRecomputed: 'recomputed:',
  recordedBy: (epoch: number, machine: string | null, version: string | null, present: string | null) =>
    `recorded by process life ${epoch}${
      machine === null
        ? ''
        : `, machine ${machine} ${version ?? 'of an unnamed version'}${version === present ? ', the same as here' : `; here it is ${present}`}`
    }`,
  whatIf: (changes: string, from: number, to: number) => `What if ${changes}, records ${from} to ${to}`,
  recorded: 'recorded',
  rows: {
    answered: 'answered',
    silent: 'silent',
    refused: 'refused',
    deadLettered: 'dead letters',
    uncertain: 'uncertain',
    inHand: 'still in hand',
    degraded: 'replies not in their best form',
    calls: 'calls',
    wastedCalls: 'wasted calls',
    breakerOpenings: 'openings of breaker:messages',
    externalOpenings: 'openings of other breakers',
    featuresOff: 'times a feature went off',
    timeToRecover: 'time to recover, median',
  },
  never: 'never',
  same: 'No record differs.',
  firstDifference: (seq: number, at: string) => `First difference at seq ${seq} (${at}):`,
  nothing: '(nothing)',
  inferred: (calls: number, ofCalls: number, share: string, messages: number, ofMessages: number) =>
    `inferred from the nearest recorded call: ${calls} of ${ofCalls} calls (${share}), in ${messages} of ${ofMessages} messages`,
  divergent: (seq: number) =>
    `NOTE: this journal does not refold to what was recorded (first at seq ${seq}); the comparison says little. See --verify.`,
};
/** Every sentence of `npm run replay`. Names of actors, states, events, rules and options stand as in the journal. */
export type ReplayTexts = typeof en;

const zh: ReplayTexts = {
  help: {
    program: '把日志重放到任一时刻、校验日志，或推演换一组选项会怎样；可在机器人运行时读取',
    journal: '日志文件，或导出的一段',
    at: '重放到这条记录或这个时间：41、03:12、03:12:05、2026-11-24T03:12:05Z（默认：最后一条）',
    actor: '单个 actor 的上下文、计时器和未完成的 effect，例如 breaker:messages',
    verify: '从第一条记录重放，逐条比较每一步和每个 effect',
    set: '假设该选项是这个值，例如 circuitBreaker.failureThreshold=3；可重复',
    from: '与 --set 一起：从这条记录或这个时间开始（默认：第一条）',
    to: '与 --set 一起：到这条记录或这个时间为止（默认：最后一条）',
    json: '最后一行输出一个 JSON 对象',
  },
  empty: '日志里还没有记录',
  beyond: (option, asked, last, at) => `${option} ${asked}：最后一条记录是 ${last}（${at}）`,
  before: (option, asked, first, at) => `${option} ${asked}：第一条记录是 ${first}（${at}）`,
  notTogether: (one, other) => `${one} 与 ${other} 不能同时使用`,
  noActor: (id, seq, nearest) => `--actor ${id}：记录 ${seq} 处没有这个 actor${nearest ? `；是不是 ${nearest}？` : ''}`,
  folding: '重放',
  verifying: '校验',
  comparing: '推演',
  state: (seq, at, actors) => `记录 ${seq}，${at}：${actors} 个 actor`,
  context: '上下文',
  timers: '计时器',
  open: '未完成的 effect',
  none: '无',
  ended: (id, value, reason) => `${id} 已结束：${value}${reason ? `（${reason}）` : ''}`,
  verified: (records, epochs, rate) =>
    `校验通过：${epochs} 次运行的 ${records} 条记录重放结果与记录一致，每秒 ${rate} 条`,
  shares: (parts) => `用时：${parts}`,
  parts: {
    reading: '读取',
    jsonParsing: 'JSON 解析',
    xstate: '状态机（XState）',
    comparing: '比较',
    routing: '路由与状态',
  },
  differs: (seq, at, actor) => `首个差异在 seq ${seq}（${at}），${actor}：`,
  wasRecorded: '记录：',
  isRecomputed: '重算：',
  recordedBy: (epoch, machine, version, present) =>
    `由第 ${epoch} 次运行写入${
      machine === null
        ? ''
        : `，状态机 ${machine} ${version ?? '版本未注明'}${version === present ? '，与此处相同' : `；此处为 ${present}`}`
    }`,
  whatIf: (changes, from, to) => `假如 ${changes}，记录 ${from} 至 ${to}`,
  recorded: '实际',
  rows: {
    answered: '已回复',
    silent: '不回复',
    refused: '已拒绝',
    deadLettered: '死信',
    uncertain: '不确定',
    inHand: '处理中',
    degraded: '未用最佳形式的回复',
    calls: '调用',
    wastedCalls: '白费的调用',
    breakerOpenings: 'breaker:messages 断开次数',
    externalOpenings: '其他熔断器断开次数',
    featuresOff: '功能关闭次数',
    timeToRecover: '恢复用时（中位数）',
  },
  never: '未恢复',
  same: '没有任何记录不同。',
  firstDifference: (seq, at) => `首个差异在 seq ${seq}（${at}）：`,
  nothing: '（无）',
  inferred: (calls, ofCalls, share, messages, ofMessages) =>
    `由最近的已记录调用推断：${ofCalls} 次调用中的 ${calls} 次（${share}），涉及 ${ofMessages} 条消息中的 ${messages} 条`,
  divergent: (seq) => `注意：此日志重放结果与记录不符（首处 seq ${seq}），比较意义不大。见 --verify。`,
};

export function replayTextsFor(locale: Locale): ReplayTexts {
  return locale === 'zh' ? zh : en;
}
