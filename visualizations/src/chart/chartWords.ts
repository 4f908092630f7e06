/** The words of a picture that are no names of the code, in another language; by the English word. */
export type Words = ReadonlyMap<string, string>;

/** None is wider than the English word that it stands for. */
export const CHART_WORDS_ZH: Words = new Map([
  ['any state', '任意状态'],
  ['entry', '进入'],
  ['exit', '离开'],
  ['nothing', '不变'],
  ['born', '诞生'],
  ['at once', '立即'],
  ['after', '等待'],
  ['Connection', '连接'],
  ['Messages', '消息'],
  ['Replies', '回复'],
  ['Calls', '调用'],
  ['Life', '运行'],
  ['Features', '功能'],
  ['Health', '健康'],
  ['QQ gateway', 'QQ 网关'],
  ['QQ API', 'QQ API'],
  ['your handlers', '你的处理函数'],
  ['foreign APIs', '外部 API'],
  ['this process', '本进程'],
  ['operator', '运维'],
]);

const AFTER = 'after ';

/** A text of a picture in the language of `words`; names of the code stay as they are. */
export function worded(text: string, words: Words | undefined): string {
  if (!words) return text;
  const bare = text.trimStart();
  const space = text.slice(0, text.length - bare.length);
  if (bare.startsWith(AFTER)) return `${space}${words.get('after') ?? 'after'} ${bare.slice(AFTER.length)}`;
  return `${space}${words.get(bare) ?? bare}`;
}
