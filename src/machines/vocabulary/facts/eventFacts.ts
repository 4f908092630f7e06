/**
 * What else happens on the platform than messages, typed. An author hears of it (`onEvent`), the gateway's chart only
 * of its sequence number. Ids are QQ's; groups and the users in them are known by openids.
 */
interface FromPlatform {
  readonly socket: string;
  /** Null when it was pushed by webhook. */
  readonly s: number | null;
  /** QQ's id of the event itself; a reply to it names this id. */
  readonly eventId: string | null;
}
export interface EventUser {
  readonly id: string;
  readonly username: string;
  readonly bot: boolean;
}

export type EventFact = FromPlatform &
  (
    | {
        readonly type: 'guild.changed';
        /** `deleted`: the bot left, or the guild is no more. */
        readonly change: 'created' | 'updated' | 'deleted';
        readonly guild: { readonly id: string; readonly name: string; readonly ownerId: string | null };
        readonly members: number | null;
        readonly by: string | null;
      }
    | {
        readonly type: 'channel.changed';
        readonly change: 'created' | 'updated' | 'deleted';
        readonly guildId: string;
        /** `kind` and `subKind` are QQ's numbers; unknown ones pass. */
        readonly channel: {
          readonly id: string;
          readonly name: string;
          readonly kind: number | null;
          readonly subKind: number | null;
        };
        readonly by: string | null;
      }
    | {
        readonly type: 'member.changed';
        readonly change: 'added' | 'updated' | 'removed';
        readonly guildId: string;
        readonly user: EventUser;
        readonly nick: string;
        readonly roles: readonly string[];
        readonly by: string | null;
      }
    | {
        readonly type: 'reaction.changed';
        readonly change: 'added' | 'removed';
        readonly guildId: string;
        readonly channelId: string;
        readonly userId: string;
        /** `kind`: 1 one of QQ's own, 2 a Unicode one. */
        readonly emoji: { readonly id: string; readonly kind: number | null };
        readonly target: { readonly id: string; readonly kind: ReactionTarget };
      }
    | {
        readonly type: 'message.deleted';
        readonly kind: 'guild' | 'direct';
        readonly guildId: string;
        readonly channelId: string;
        readonly message: string;
        readonly author: string | null;
        readonly by: string | null;
      }
    /** The outcome of an audit; `message` is the id of what now stands in the channel. */
    | { readonly type: 'audit.passed'; readonly auditId: string; readonly message: string | null }
    | { readonly type: 'audit.rejected'; readonly auditId: string }
    /** A button's callback and the like that carries no text; one that does is a message. */
    | { readonly type: 'interaction.created'; readonly interaction: string; readonly kind: number | null }
    /** The bot was added to a group or as a friend, removed, or told to (not) send messages of its own accord. */
    | {
        readonly type: 'contact.changed';
        readonly change: 'added' | 'removed' | 'closed' | 'opened';
        readonly kind: 'group' | 'c2c';
        /** The group's or the user's openid. */
        readonly openid: string;
        readonly by: string | null;
      }
    | {
        readonly type: 'groupMember.changed';
        readonly change: 'added' | 'removed';
        /** The group's and the member's openid. */
        readonly openid: string;
        readonly member: string;
      }
    /** A user has opened the chat with the bot. */
    | { readonly type: 'chat.entered'; readonly openid: string }
    /** A user, or a group, has allowed or refused messages by a template. `op`: QQ's number for which. */
    | {
        readonly type: 'subscription.changed';
        readonly kind: 'group' | 'c2c';
        readonly openid: string;
        readonly templates: readonly { readonly id: string; readonly op: number | null }[];
      }
    | {
        readonly type: 'audioMember.changed';
        readonly change: 'entered' | 'left';
        readonly guildId: string;
        readonly channelId: string;
        readonly userId: string;
        /** 2 audio or video, 5 live. */
        readonly channelKind: number | null;
      }
    | {
        readonly type: 'audio.changed';
        readonly change: 'started' | 'finished' | 'onMic' | 'offMic';
        readonly guildId: string;
        readonly channelId: string;
      }
    /** Threads, posts and replies of a forum. Those of open forums say no more than who and where. */
    | {
        readonly type: 'forum.changed';
        readonly part: 'thread' | 'post' | 'reply' | 'audit';
        readonly change: 'created' | 'updated' | 'deleted' | 'ended';
        readonly isOpen: boolean;
        readonly guildId: string;
        readonly channelId: string;
        readonly author: string | null;
        /** The thread's, post's or reply's own id. */
        readonly id: string | null;
      }
  );
export type EventType = EventFact['type'];
export type ReactionTarget = 'message' | 'thread' | 'comment' | 'reply' | 'unknown';

const TYPES: { readonly [T in EventType]: true } = {
  'guild.changed': true,
  'channel.changed': true,
  'member.changed': true,
  'reaction.changed': true,
  'message.deleted': true,
  'audit.passed': true,
  'audit.rejected': true,
  'interaction.created': true,
  'contact.changed': true,
  'groupMember.changed': true,
  'chat.entered': true,
  'subscription.changed': true,
  'audioMember.changed': true,
  'audio.changed': true,
  'forum.changed': true,
};
/** Every type of `EventFact`: forgetting one does not compile. */
export const EVENT_TYPES = Object.keys(TYPES) as readonly EventType[];
