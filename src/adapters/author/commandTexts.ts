import { FEATURE_ROWS } from '../../machines/vocabulary/replies/features.js';
import type { Locale } from '../../machines/vocabulary/replies/words.js';
import type { FeatureStatus, Status } from '../operator/status.js';
import type { CommandTexts } from './builtInCommands.js';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

const whyEn: Record<string, string> = {
  refused: 'refused by QQ',
  notPermitted: 'QQ has not granted it to this bot',
  network: 'the network fails',
  rateLimited: 'rate limited by QQ',
  operator: 'by an operator',
};
const whyZh: Record<string, string> = {
  refused: '被 QQ 拒绝',
  notPermitted: 'QQ 未授予此权限',
  network: '网络故障',
  rateLimited: '被 QQ 限流',
  operator: '由管理员设置',
};

const utc = (at: number): string => new Date(at).toISOString().replace('T', ' ').slice(0, 19);
const mark = ({ isOn }: FeatureStatus): string => (isOn ? '✅' : '❌');
const split = (ms: number): readonly [number, number, number] => [
  Math.floor(ms / DAY_MS),
  Math.floor(ms / HOUR_MS) % 24,
  Math.floor(ms / MINUTE_MS) % 60,
];

const en: CommandTexts = {
  health(status, uptimeMs) {
    const [days, hours, minutes] = split(uptimeMs);
    const { lastError } = status;
    return [
      '🏥 Bot Health Report',
      `Status: ${status.isHealthy ? '🟢 Healthy' : '🔴 Unhealthy'}`,
      `Uptime: ${days} days, ${hours} hours, ${minutes} minutes`,
      `Messages Processed: ${status.processed}`,
      `Success Rate: ${(status.rate * 100).toFixed(2)}%`,
      `Successful: ${status.good}`,
      `Failed: ${status.bad}`,
      `Last Error: ${lastError ? `${lastError.class} (${utc(lastError.at)} UTC)` : 'None'}`,
      'Features:',
      ...status.features.map((feature) => `${mark(feature)} ${FEATURE_ROWS[feature.name].words.en}`),
    ].join('\n');
  },
  status: (isAllWell) =>
    isAllWell ? '✅ All systems operational' : '⚠️ Some issues detected - check !health for details',
  breaker: ({ name, state, reason, until }) =>
    `${name}: ${state}${reason ? ` (${reason})` : ''}${until !== null && state === 'open' ? `, next try at ${utc(until)} UTC` : ''}`,
  featuresHead: '🎛️ Feature Status',
  feature(feature) {
    if (feature.isOn) return `${FEATURE_ROWS[feature.name].words.en}: ✅ Enabled`;
    const why = whyEn[feature.reason ?? ''] ?? 'unknown reason';
    const until = feature.until === null ? 'the next reply tries it' : `until ${utc(feature.until)} UTC`;
    return `${FEATURE_ROWS[feature.name].words.en}: ❌ Disabled (${why}, ${until})`;
  },
  found: (status) =>
    [
      '🔄 Recovery diagnosis',
      `Found: ${verdictEn[status.recovery.verdict ?? ''] ?? 'the checks are still running'}`,
      `Now: ${stateOf(status)}`,
    ].join('\n'),
  recovered: '🔄 Manual recovery completed! All features restored.',
  testRetry: "This might fail but we'll retry!",
  descriptions: {
    health: 'health report',
    status: 'whether all is well, and the breakers',
    features: 'which features are on',
    recover: 'diagnose now and let the breaker probe; "force" resets everything (admins)',
    'test-retry': 'a reply after two failures on purpose (admins)',
  },
};
const verdictEn: Record<string, string> = {
  well: 'all is well. Done: the breaker may probe at once',
  network: 'the API host cannot be reached. Done: connections are made anew',
  memory: 'memory or event loop under pressure. Done: caches cleared, then load reduced',
  auth: 'the access token is not taken. Done: it is renewed',
  remote: "QQ's API fails; nothing on this side can help. Done: one probe, then waiting",
};

const zh: CommandTexts = {
  health(status, uptimeMs) {
    const [days, hours, minutes] = split(uptimeMs);
    const { lastError } = status;
    return [
      '🏥 机器人健康报告',
      `状态：${status.isHealthy ? '🟢 健康' : '🔴 不健康'}`,
      `运行时间：${days} 天 ${hours} 小时 ${minutes} 分钟`,
      `已处理消息：${status.processed}`,
      `成功率：${(status.rate * 100).toFixed(2)}%`,
      `成功：${status.good}`,
      `失败：${status.bad}`,
      `最近错误：${lastError ? `${lastError.class}（${utc(lastError.at)} UTC）` : '无'}`,
      '功能：',
      ...status.features.map((feature) => `${mark(feature)} ${FEATURE_ROWS[feature.name].words.zh}`),
    ].join('\n');
  },
  status: (isAllWell) => (isAllWell ? '✅ 所有系统运行正常' : '⚠️ 发现一些问题，详情请看 !health'),
  breaker: ({ name, state, reason, until }) =>
    `${name}：${state}${reason ? `（${reason}）` : ''}${until !== null && state === 'open' ? `，下次尝试 ${utc(until)} UTC` : ''}`,
  featuresHead: '🎛️ 功能状态',
  feature(feature) {
    if (feature.isOn) return `${FEATURE_ROWS[feature.name].words.zh}：✅ 已启用`;
    const why = whyZh[feature.reason ?? ''] ?? '原因未知';
    const until = feature.until === null ? '下一条回复会试用' : `直到 ${utc(feature.until)} UTC`;
    return `${FEATURE_ROWS[feature.name].words.zh}：❌ 已停用（${why}，${until}）`;
  },
  found: (status) =>
    [
      '🔄 恢复诊断',
      `结果：${verdictZh[status.recovery.verdict ?? ''] ?? '检查仍在进行'}`,
      `现在：${stateOf(status)}`,
    ].join('\n'),
  recovered: '🔄 手动恢复完成！所有功能已恢复。',
  testRetry: '这可能会失败，但我们会重试！',
  descriptions: {
    health: '健康报告',
    status: '是否一切正常，以及熔断器',
    features: '哪些功能已启用',
    recover: '立即诊断并让熔断器试探；“force” 重置一切（管理员）',
    'test-retry': '故意失败两次后的回复（管理员）',
  },
};
const verdictZh: Record<string, string> = {
  well: '一切正常。已做：熔断器可立即试探',
  network: '无法连接 API 主机。已做：重建连接',
  memory: '内存或事件循环有压力。已做：清理缓存，然后降低负载',
  auth: '访问令牌不被接受。已做：更新令牌',
  remote: 'QQ 的 API 出现故障，这一侧无能为力。已做：试探一次，然后等待',
};

/** The breakers as they stand; the same in both languages. */
function stateOf({ breakers }: Status): string {
  return breakers.map(({ name, state }) => `${name} ${state}`).join(', ');
}

export function commandTextsFor(locale: Locale): CommandTexts {
  return locale === 'zh' ? zh : en;
}
