/** What a handler wants to say. `embed: false` sends no embed. */
export interface Form {
  readonly text: string;
  readonly embed: boolean;
  /** Address of a picture; as its link in text where pictures are refused or switched off. */
  readonly image?: string;
  /** Path of a picture on this machine's disk, uploaded when it is sent; its name in text where that cannot be. */
  readonly imageFile?: string;
  /** Markdown instead of `text`, where QQ permits it. */
  readonly markdown?: string;
  /** One of QQ's card templates, filled in; `text` where QQ refuses it. */
  readonly ark?: Ark;
  /** Quote the message that this answers. */
  readonly quote?: true;
  /** Choices; as a numbered list in text where buttons are refused or switched off. */
  readonly buttons?: readonly Button[];
  /** First calls that are failed on purpose, without a request (`!test-retry`). */
  readonly rehearsals?: number;
}
export interface Button {
  readonly label: string;
  /** What pressing it writes as the user. */
  readonly command: string;
  /** Tell the bot alone: the command comes as an interaction, and nothing stands in the chat. */
  readonly quiet?: true;
}
export interface Ark {
  /** QQ's number of it: 23, 24 and 37 are open to all. */
  readonly template: number;
  readonly values: readonly ArkValue[];
}
export interface ArkValue {
  readonly key: string;
  readonly value?: string;
  /** Rows of a list. */
  readonly rows?: readonly (readonly { readonly key: string; readonly value: string }[])[];
}

/** QQ says that this embed is too long: the lean one may still pass, and other contents do. */
export const EMBED_TOO_LONG = 304005;
