import { maskOf } from '../world/bots.js';

/** Which intent an event comes under. Several bits: any of them. */
export const INTENT_OF: ReadonlyMap<string, number> = new Map(
  (
    [
      [[0], ['GUILD_CREATE', 'GUILD_UPDATE', 'GUILD_DELETE', 'CHANNEL_CREATE', 'CHANNEL_UPDATE', 'CHANNEL_DELETE']],
      [[1], ['GUILD_MEMBER_ADD', 'GUILD_MEMBER_UPDATE', 'GUILD_MEMBER_REMOVE']],
      [[9], ['MESSAGE_CREATE', 'MESSAGE_DELETE']],
      [[10], ['MESSAGE_REACTION_ADD', 'MESSAGE_REACTION_REMOVE']],
      [[12], ['DIRECT_MESSAGE_CREATE', 'DIRECT_MESSAGE_DELETE']],
      [
        [18],
        [
          'THREAD_CREATE',
          'THREAD_UPDATE',
          'THREAD_DELETE',
          'POST_CREATE',
          'POST_DELETE',
          'REPLY_CREATE',
          'REPLY_DELETE',
        ].map((name) => `OPEN_FORUM_${name}`),
      ],
      [[19], ['AUDIO_OR_LIVE_CHANNEL_MEMBER_ENTER', 'AUDIO_OR_LIVE_CHANNEL_MEMBER_EXIT']],
      [[23], ['ENTER_AIO']],
      [[24], ['GROUP_MEMBER_ADD', 'GROUP_MEMBER_REMOVE']],
      [
        [25],
        [
          'C2C_MESSAGE_CREATE',
          'GROUP_AT_MESSAGE_CREATE',
          'GROUP_MESSAGE_CREATE',
          'FRIEND_ADD',
          'FRIEND_DEL',
          'C2C_MSG_REJECT',
          'C2C_MSG_RECEIVE',
          'GROUP_ADD_ROBOT',
          'GROUP_DEL_ROBOT',
          'GROUP_MSG_REJECT',
          'GROUP_MSG_RECEIVE',
          'SUBSCRIBE_MESSAGE_STATUS',
        ],
      ],
      [[26], ['INTERACTION_CREATE']],
      [[27], ['MESSAGE_AUDIT_PASS', 'MESSAGE_AUDIT_REJECT']],
      [
        [28],
        [
          'FORUM_PUBLISH_AUDIT_RESULT',
          ...[
            'THREAD_CREATE',
            'THREAD_UPDATE',
            'THREAD_DELETE',
            'POST_CREATE',
            'POST_DELETE',
            'REPLY_CREATE',
            'REPLY_DELETE',
          ].map((name) => `FORUM_${name}`),
        ],
      ],
      [[29], ['AUDIO_START', 'AUDIO_FINISH', 'AUDIO_ON_MIC', 'AUDIO_OFF_MIC']],
      [[30], ['AT_MESSAGE_CREATE', 'PUBLIC_MESSAGE_DELETE']],
    ] as const
  ).flatMap(([bits, names]) => names.map((name) => [name, maskOf(bits)] as const)),
);

/** Events that a message may be a passive reply to, by where the reply goes. */
export const REPLIABLE: { readonly [kind: string]: RegExp } = {
  guild: /^(GUILD_MEMBER_|MESSAGE_REACTION_|FORUM_(THREAD|POST|REPLY)_|INTERACTION_CREATE)/,
  direct: /^INTERACTION_CREATE/,
  group: /^(INTERACTION_CREATE|GROUP_ADD_ROBOT|GROUP_MSG_RECEIVE)/,
  c2c: /^(INTERACTION_CREATE|C2C_MSG_RECEIVE|FRIEND_ADD)/,
};
