import type { Platform } from '../platform.js';
import type { PlaceKind } from '../world/messages.js';
import { directChannelOf, idOf } from '../world/world.js';
import { type Exchange, NOTHING, type Outcome, refused, said } from './exchange.js';

/** A group or c2c message can be taken back so long. */
const RECALL_MS = 120_000;
const CHUNK_BYTES = 1_048_576;
const PARTS_MAX = 1_000;
const DONE: Outcome = { answer: { status: 200, text: '' } };

/** Everything that changes something and is no new message. */
export class Managing {
  private readonly reactions = new Map<string, Set<string>>();

  constructor(private readonly platform: Platform) {}

  acknowledge({ path, body, bot }: Exchange): Outcome {
    const interaction = this.platform.interactions.find(path.id ?? '');
    if (!interaction) return refused(400, 630001, 'interaction does not exist');
    if (typeof body.code !== 'number' || !Number.isInteger(body.code) || body.code < 0 || body.code > 5)
      return refused(400, 630004, `code is ${JSON.stringify(body.code)}; it must be 0 to 5`);
    if (interaction.acknowledgedAt !== null) return refused(400, 630005, 'interaction was acknowledged before');
    interaction.acknowledgedAt = this.platform.now();
    interaction.code = body.code;
    interaction.appId = bot.appId;
    return DONE;
  }
  recall(kind: PlaceKind, { path, bot }: Exchange): Outcome {
    const isOpen = kind === 'group' || kind === 'c2c';
    const known = this.platform.messages.find(path.message ?? '');
    if (!known || known.recalled || known.channelId !== path.id)
      return isOpen ? refused(400, 40061002, 'message id is wrong') : refused(400, 306001, 'message does not exist');
    // In channels only private bots take messages back, even their own.
    const may = known.bot === bot.appId ? kind !== 'guild' || bot.isPrivate : !isOpen && bot.isPrivate;
    if (!may)
      return isOpen
        ? refused(400, 40062003, 'no permission to recall')
        : refused(400, 306004, 'no permission to recall');
    if (isOpen && this.platform.now() - known.at > RECALL_MS)
      return refused(400, 40064004, 'message is older than 2 minutes');
    known.recalled = true;
    this.platform.ledger.recall(known.id);
    return DONE;
  }
  edit({ path, body }: Exchange): Outcome {
    const known = this.platform.messages.find(path.message ?? '');
    if (!known || known.channelId !== path.id) return refused(400, 50049, 'message does not exist');
    if (!known.hasKeyboard) return refused(400, 50050, 'only messages with a keyboard can be edited');
    return body.keyboard || body.markdown ? said({ id: known.id }) : refused(400, 50006, 'empty msg');
  }
  react({ path, bot }: Exchange): Outcome {
    const { key, emoji } = reactionOf(path);
    const emojis = this.reactions.get(key) ?? new Set<string>();
    if (!this.platform.messages.find(path.message ?? '')) return refused(400, 620001, 'message does not exist');
    if (emojis.has(`${emoji} ${bot.appId}`)) return refused(400, 620003, 'reaction is set already');
    this.reactions.set(key, emojis.add(`${emoji} ${bot.appId}`));
    return NOTHING;
  }
  unreact({ path, bot }: Exchange): Outcome {
    const { key, emoji } = reactionOf(path);
    return this.reactions.get(key)?.delete(`${emoji} ${bot.appId}`)
      ? NOTHING
      : refused(400, 620004, 'reaction is not set');
  }
  reacted({ path }: Exchange): Outcome {
    const { key, emoji } = reactionOf(path);
    const apps = [...(this.reactions.get(key) ?? [])].filter((one) => one.startsWith(`${emoji} `));
    const users = apps.flatMap((one) => this.platform.bots.find(one.slice(emoji.length + 1)) ?? []);
    return said({
      users: users.map(({ id, username, avatar }) => ({ id, username, avatar })),
      cookie: '',
      is_end: true,
    });
  }
  openDirect({ body }: Exchange): Outcome {
    const { recipient_id: recipient, source_guild_id: source } = body;
    if (typeof recipient !== 'string' || recipient === '') return refused(400, 10001, 'recipient_id is missing');
    if (typeof source !== 'string' || source === '') return refused(400, 10004, 'source_guild_id is missing');
    const created = String(Math.floor(this.platform.now() / 1_000));
    const session = idOf(`session ${recipient}`);
    return said({ guild_id: session, channel_id: directChannelOf(session), create_time: created });
  }
  upload(kind: PlaceKind, { body }: Exchange): Outcome {
    const { file_type: type, url, file_data: data } = body;
    if (![1, 2, 3, 4].includes(type as number))
      return refused(400, 850019, `file_type is ${JSON.stringify(type)}; it must be 1 to 4`);
    const isAddress = typeof url === 'string' && /^https?:\/\//.test(url);
    const isUploaded = this.platform.uploads.isWhole(body.upload_id);
    if (!isAddress && !isUploaded && (typeof data !== 'string' || data === ''))
      return refused(400, 850026, 'the file cannot be downloaded');
    return said(this.platform.uploads.add(kind));
  }
  prepareUpload({ body }: Exchange, base: string): Outcome {
    const size = typeof body.file_size === 'number' && body.file_size > 0 ? body.file_size : CHUNK_BYTES;
    const count = Math.min(PARTS_MAX, Math.ceil(size / CHUNK_BYTES));
    const upload = this.platform.uploads.prepare(count);
    const parts = Array.from({ length: count }, (_, i) => ({
      index: i + 1,
      presigned_url: `${base}/uploads/${upload}/${i + 1}`,
    }));
    return said({
      upload_id: upload,
      block_size: String(CHUNK_BYTES),
      parts,
      upload_config: { concurrency: 1, retry_timeout: 60 },
    });
  }
  /** The address that `upload_prepare` gave; whoever knows it may put the part there. */
  takePart({ path }: Exchange): Outcome {
    const isKnown = this.platform.uploads.take(path.id ?? '', Number(path.part));
    return isKnown ? DONE : refused(404, 404, 'no such part of an upload');
  }
  finishPart({ body }: Exchange): Outcome {
    const isHere = this.platform.uploads.hasPart(body.upload_id, body.part_index ?? 1);
    return isHere ? said({}) : refused(400, 40093001, 'upload_id is unknown, or this part has not come');
  }
  mute({ body }: Exchange): Outcome {
    const isTime = [body.mute_seconds, body.mute_end_timestamp].some(
      (part) => typeof part === 'string' && /^\d+$/.test(part),
    );
    if (!isTime) return refused(400, 502001, 'mute_seconds and mute_end_timestamp are missing; they are strings');
    return Array.isArray(body.user_ids) ? said({ user_ids: body.user_ids }) : NOTHING;
  }
  kick({ path, bot }: Exchange): Outcome {
    const [id = '', user = ''] = [path.id, path.user];
    if (!bot.isPrivate) return refused(400, 11253, 'not authorised for this API');
    const member = this.platform.world.removeMember(id, user);
    if (!member) return refused(400, 10001, 'member does not exist');
    this.platform.publishEvent('GUILD_MEMBER_REMOVE', {
      guild_id: id,
      op_user_id: bot.id,
      user: { id: user, username: member.username, bot: false },
    });
    return NOTHING;
  }
  role(isAdded: boolean, { path }: Exchange): Outcome {
    const [guildId = '', userId = '', role = ''] = [path.id, path.user, path.role];
    const { world } = this.platform;
    if (!world.hasMember(guildId, userId)) return refused(400, 10001, 'member does not exist');
    const others = world.member(guildId, userId).roles.filter((one) => one !== role);
    world.putMember({ guildId, userId, roles: isAdded ? [...others, role] : others });
    this.platform.publishEvent('GUILD_MEMBER_UPDATE', { guild_id: guildId, user: { id: userId } });
    return NOTHING;
  }
  demand({ path, body }: Exchange): Outcome {
    return said({
      guild_id: path.id,
      channel_id: body.channel_id ?? '',
      api_identify: body.api_identify ?? {},
      title: '',
      desc: body.desc ?? '',
    });
  }
}

function reactionOf({ id = '', message = '', type = '', emoji = '' }: Exchange['path']): {
  key: string;
  emoji: string;
} {
  return { key: JSON.stringify([id, message]), emoji: `${type}:${emoji}` };
}
