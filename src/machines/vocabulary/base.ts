import type { Form } from './replies/forms.js';

/** Classes of a call's end; `docs/SPEC.md` E1 to E11 say which machine hears which. */

export type ErrorClass =
  | 'throttled'
  | 'transient'
  | 'ambiguous'
  | 'auth'
  | 'rejectedForm'
  | 'rejectedTarget'
  | 'fatal'
  | 'local';
/** What the inbox adds to a fact. `at` never decreases within a journal. */
export interface Stamp {
  readonly id: string;
  readonly at: number;
}
export type Stamped<F> = F & Stamp;
/** `group` and `c2c`: QQ groups and private chats, outside guilds; known by openids. */
export type PlaceKind = 'guild' | 'direct' | 'group' | 'c2c';
export interface Place {
  readonly kind: PlaceKind;
  /** Empty for a group and for c2c. */
  readonly guildId: string;
  /** The openid of the group, or of the user. */
  readonly channelId: string;
}
export interface Attachment {
  /** With its scheme. */
  readonly url: string;
  readonly contentType: string;
  readonly name: string;
  readonly bytes: number | null;
}
export interface Author {
  readonly id: string;
  readonly username: string;
  readonly bot: boolean;
  /** Role ids of the guild; in a group `owner`, `admin` or `member`, as far as QQ tells. */
  readonly roles: readonly string[];
}
/**
 * What a message's command says of its work; stamped on before the message is journaled, so that charts need not know
 * commands.
 */
export interface WorkStamp {
  /** Left out for ordinary work. `low`: a command that may wait while load is reduced. `command`: a built-in one. */
  readonly work?: 'low' | 'command';
  /** Time that its handler has, ms; left out: `handlers.timeoutMs`. */
  readonly timeoutMs?: number;
}
export interface InboundMessage extends WorkStamp {
  readonly id: string;
  readonly place: Place;
  readonly author: Author;
  /** Mentions of the bot taken out, entities unescaped, trimmed; empty for a message of attachments alone. */
  readonly content: string;
  readonly mentionsBot: boolean;
  /**
   * Ids of the others that are mentioned, in their order; left out when there are none. What a user only typed like a
   * mention is none.
   */
  readonly mentions?: readonly string[];
  /** At most `ATTACHMENTS_MAX`; left out when there are none. */
  readonly attachments?: readonly Attachment[];
  /** What it quotes: the message's id, in groups and c2c its index. */
  readonly quotes?: string;
  /** Groups and c2c: the index by which a reply can quote this message. */
  readonly index?: string;
  /**
   * A press of a button, told as the text that the button carries: its id is the interaction's, which is to be
   * acknowledged.
   */
  readonly pressed?: true;
  /** Replies name this event instead of a message. */
  readonly event?: string;
  /** Left out at the first time; from 1: how often an operator has had it handled again. */
  readonly retry?: number;
}
export interface RequestedReply {
  /** Place of this reply among the replies to its message, from 0: (message, ordinal) is its key. */
  readonly ordinal: number;
  readonly form: Form;
}
export type RecoveryAction = 'clearCaches' | 'resetConnections' | 'reduceLoad';
/** Where an operator's wish came from. */
export type OperatorOrigin = 'http' | 'cli' | 'inspector';
/** Leave to make one call. An outcome under an older generation is recorded and never counted. */
export interface Permit {
  readonly id: string;
  readonly generation: number;
}
export type Verdict = 'answered' | 'silent' | 'refused' | 'deadLettered' | 'uncertain';
export const HEALTH_PARTS = ['gateway', 'send', 'handlers', 'memory', 'journal', 'eventLoop'] as const;
export type HealthPart = (typeof HEALTH_PARTS)[number];
export type HealthLevel = 'unknown' | 'healthy' | 'degraded' | 'unhealthy';
/** Why an external call was not made. */
export type ExternalRefusal = 'featureOff' | 'breakerOpen' | 'tooMany';
/** What QQ refused in a text and is left out of it. */
export type LeftOut = 'links' | 'everyone';
/** One of the messages that a long text is sent as. */
export interface Part {
  readonly number: number;
  readonly of: number;
  readonly text: string;
}
