/**
 * The replies that the machines themselves give. They are part of a journaled decision, so they live beside the
 * machines; every other text is in `src/bot/texts.ts`, which takes these in.
 */
export type Locale = 'en' | 'zh';

export const machineTexts = {
  en: {
    busy: 'I have more to do than I can manage right now. Please try again in a minute.',
    flood: 'Slow down please: too many commands in a short time.',
    failure: '⚠️ Something went wrong (ref {ref})',
    linksLeftOut: '(Links were left out: QQ does not let this bot send them.)',
    link: '[link]',
  },
  zh: {
    busy: '现在消息太多，我处理不过来。请一分钟后再试。',
    flood: '请慢一点：短时间内命令太多了。',
    failure: '⚠️ 出错了（编号 {ref}）',
    linksLeftOut: '（链接未能发送：QQ 不允许本机器人发送这些链接。）',
    link: '[链接]',
  },
} as const;

export function busyText(locale: Locale): string {
  return machineTexts[locale].busy;
}

export function floodText(locale: Locale): string {
  return machineTexts[locale].flood;
}

export function failureText(locale: Locale, messageId: string): string {
  return machineTexts[locale].failure.replace('{ref}', refOf(messageId));
}

const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** Four characters that a user can read out and an operator can look up; the same for the same message always. */
export function refOf(messageId: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < messageId.length; i += 1) hash = Math.imul(hash ^ messageId.charCodeAt(i), 0x01000193) >>> 0;
  let ref = '';
  for (let i = 0; i < 4; i += 1) {
    ref += ALPHABET[hash % 32];
    hash = Math.floor(hash / 32);
  }
  return ref;
}
