/** What switches a feature off by itself. */
export type SwitchedOffBy =
  /** QQ refuses the form. */
  | 'refusal'
  /** The host cannot be reached, as the recovery loop finds. */
  | 'network'
  /** QQ limits the whole host. */
  | 'hostLimit';
interface FeatureRow {
  readonly offBy: readonly SwitchedOffBy[];
  readonly words: { readonly en: string; readonly zh: string };
}

/**
 * Abilities that can be degraded, each by an actor `feature:NAME`. Which forms need one stands in the rows of
 * `rungs.ts`.
 */
export const FEATURE_ROWS = {
  richEmbeds: { offBy: ['refusal', 'network'], words: { en: 'Rich Embeds', zh: '富文本消息（Rich Embeds）' } },
  fileUploads: { offBy: ['refusal', 'network'], words: { en: 'File Uploads', zh: '文件上传（File Uploads）' } },
  interactiveButtons: {
    offBy: ['refusal'],
    words: { en: 'Interactive Buttons', zh: '交互按钮（Interactive Buttons）' },
  },
  externalApiCalls: {
    offBy: ['hostLimit'],
    words: { en: 'External API Calls', zh: '外部 API 调用（External API Calls）' },
  },
} as const satisfies { readonly [feature: string]: FeatureRow };
export type Feature = keyof typeof FEATURE_ROWS;
export const FEATURES = Object.keys(FEATURE_ROWS) as readonly Feature[];

type OffBy<W extends SwitchedOffBy> = {
  readonly [F in Feature]: W extends (typeof FEATURE_ROWS)[F]['offBy'][number] ? F : never;
}[Feature];
/** Features that a form of a reply can need. */
export type FormFeature = OffBy<'refusal'>;

export function offBy<W extends SwitchedOffBy>(what: W): readonly OffBy<W>[] {
  return FEATURES.filter((name) => (FEATURE_ROWS[name].offBy as readonly SwitchedOffBy[]).includes(what)) as OffBy<W>[];
}
/** The actors of these features. */
export const actorsOf = <F extends Feature>(features: readonly F[]): readonly `feature:${F}`[] =>
  features.map((name) => `feature:${name}` as const);
