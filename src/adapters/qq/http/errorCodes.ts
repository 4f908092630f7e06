import type { ErrorClass } from '../../../machines/vocabulary/base.js';

/** Every way in which a call can end. */
export type CallClass = ErrorClass | 'ok' | 'underAudit' | 'duplicate';

/** One line of the table: codes that mean the same. A pair is a range, both ends included. */
export interface CodeRow {
  readonly class: CallClass;
  readonly meaning: string;
  readonly codes: readonly (number | readonly [from: number, to: number])[];
}

function row(rowClass: CallClass, meaning: string, ...codes: CodeRow['codes']): CodeRow {
  return { class: rowClass, meaning, codes };
}

/**
 * QQ's error codes on the OpenAPI and what they mean for a call. A single code wins over a range.
 *
 * `rejectedForm`: the same content may pass in a plainer form. `rejectedTarget`: nothing passes here. `local`: no
 * repeat and no other form helps, the content or the request itself is at fault. `fatal`: QQ refuses this bot.
 */
export const ERROR_CODES: readonly CodeRow[] = [
  row('underAudit', 'accepted, waits for audit (active message, reply)', 304023, 304024),
  row('duplicate', 'the same message id and sequence arrived before', 40054005),
  row('duplicate', 'this reaction is set already', 620003),

  row('auth', 'access token missing its check, or expired', 11243, 11244),
  row('fatal', 'fixed tokens are switched off', 11245),
  row('fatal', 'app id wrong or missing', 11251, 11261, 11275),
  row('fatal', 'this bot is banned', 11265),
  row('fatal', "the source address is not in the bot's IP whitelist", 11298, 40023002),
  row('local', 'no token in the request', 11241),
  row('local', 'app id in the header does not match', 630006),

  row('throttled', 'too many messages in this sub-channel', 20028),
  row('throttled', 'too many messages', 22009, 40034100, 50002),
  row('throttled', 'limit of the host or the guild', 1100100, 1100308),
  row('throttled', 'quota of @everyone', 304019),
  row('throttled', 'active messages rest at this hour', 304022),
  row('throttled', 'quota of active messages', 304035, 304045, 304047, 304049, 304050),
  row('throttled', 'quota of guide messages', 304052),
  row('throttled', 'quota of permission requests', 610013),
  row('throttled', 'too many reactions', 620006),
  row('throttled', 'quota of uploads today', 40093002),

  row('transient', "QQ's own check failed", 11242, 11252, 11263, 11281),
  row('transient', 'bad answer inside QQ', 12003),
  row('transient', 'stream API failed inside QQ', 50001),
  row('transient', 'configuration or look-up failed inside QQ', [304006, 304009], 304016, 304044, 340067),
  row('transient', 'the bot has no gateway session in this environment', 304018, 40054016),
  row('transient', 'corpus service failed', 304029),
  row('transient', 'media could not be fetched', 304082, 304083, 40034004, 850026, 850027, 40093001),
  row('transient', 'could not send for the moment', 40054006, 50055001, 50055002, 50055006),
  row('transient', 'recall failed for the moment', 306003, 306005, 306006, 50065001),
  row('transient', 'announcement or mute failed for the moment', [501002, 501004], 501006, 501007, 501011, 501012),
  row('transient', 'reaction failed for the moment', 620007),
  row('ambiguous', 'failed inside QQ, perhaps after it was sent', 1100300, 1100499, 2000004),

  row('rejectedForm', 'embed too long', 304005),
  row('rejectedForm', 'ark or its template missing or not permitted', 304004, 304011, 304012, 304014),
  row('rejectedForm', 'image refused', 304010, 304017, 304020, 304021, 850019, 850031),
  row('rejectedForm', 'upload reference refused', 304080),
  row('rejectedForm', 'message type and content disagree', 22006, 50035, 340069),
  row('rejectedForm', 'markdown parameters or combination', 50037, 50054, 50055, 50057, [40034008, 40034011], 40034124),
  row('rejectedForm', 'markdown not permitted', 50056, 304036, 304041, 40034012, 40034127),
  row('rejectedForm', 'keyboard refused or not permitted', [304037, 304040], 304062, 305007, 40034029),

  row('rejectedTarget', 'account, sub-channel or guild unknown', 10001, 10003, 10004),
  row('rejectedTarget', 'not authorised here', 11253, 11254, 11262, 11264, 11273, 11274, 11282),
  row('rejectedTarget', 'the message to reply to is unknown or too old', 304026, 304027, 304103, 40034005, 40034031),
  row('rejectedTarget', 'message or event to reply to: invalid, expired, not repliable', [40034024, 40034027]),
  row('rejectedTarget', 'time or number of replies used up', 40034128),
  row('rejectedTarget', 'the message did not mention the bot', 304028),
  row('rejectedTarget', 'direct messages closed or missing', [304031, 304034]),
  row('rejectedTarget', 'active messages not allowed here', 304046, 304048, 40034102, 40034105),
  row('rejectedTarget', 'subscription missing', 304064),
  row('rejectedTarget', 'the bot is muted', 40054002, 850018),
  row('rejectedTarget', 'the bot is not in this group', 40034101, 40054003),
  row('rejectedTarget', 'not friends, or the user refuses', 40054004, 40054013),
  row('rejectedTarget', 'no permission to recall', 40062003),
  row('rejectedTarget', 'no permission for this API', [610001, 610014]),
  row('rejectedTarget', 'no permission to react', 620005),
  row('rejectedTarget', 'not eligible, or the group is gone', 1100102, 1100104),

  row('local', 'empty message', 50006),
  row('local', 'an address in it is not registered', 304003, 40054010),
  row('local', 'content refused', 304025, 304030, 304061, 40034006, 1100101, 1100103),
  row('local', 'content too long', 40054007, 40054018),
  row('local', 'bad request', 12001, 12002, 40007),
  row('local', 'quoted message refused', 50038, 50039, 50043, [50045, 50048]),
  row('local', 'edit refused', [50049, 50053], 3300006),
  row('local', 'guide message', 304051),
  row('local', 'recall refused', [306001, 306006], 40034122, 40034123, 40061001, 40061002, 40064004),
  row('local', 'command parameters', 40034106, 40034108, 40034109),
  row('local', 'announcement, mute, forum or frequency setting refused', [501000, 504999]),
  row('local', 'reaction refused', [620001, 620004]),
  row('local', 'interaction answer refused', [630001, 630007]),
];

/** Codes of the token endpoint, which answers HTTP 200 even then. */
export const TOKEN_CODES: readonly CodeRow[] = [
  row('throttled', 'too many token requests', 100001),
  row('transient', 'failed inside QQ, or a body that it cannot read', 100002),
  row('fatal', 'app id invalid; or the bot is banned or deleted', 100007),
  row('fatal', 'app id and secret do not match', 100016),
  row('fatal', 'this bot does not exist', 10004),
  row('fatal', "the source address is not in the bot's IP whitelist", 11298, 40023002),
  row('fatal', 'this bot is banned', 11265),
];

/** The row of a code, or null. */
export function rowOf(table: readonly CodeRow[], code: number): CodeRow | null {
  let ranged: CodeRow | null = null;
  for (const candidate of table) {
    for (const entry of candidate.codes) {
      if (entry === code) return candidate;
      if (typeof entry !== 'number' && code >= entry[0] && code <= entry[1]) ranged ??= candidate;
    }
  }
  return ranged;
}
