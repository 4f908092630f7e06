import { stampOf } from '../kit/time.js';
import type { Platform } from '../platform.js';
import type { Bot } from '../world/bots.js';
import { userOf } from '../world/bots.js';
import { type Body, type Exchange, NOTHING, type Outcome, refused, said } from './exchange.js';
import { Shelf } from './shelf.js';

/** Pinned messages of a channel. */
const PINS_MAX = 20;
/** `status` of a call to play audio, and the event that it causes. */
const AUDIO_EVENTS: { readonly [status: number]: string } = { 0: 'AUDIO_START', 3: 'AUDIO_FINISH' };

/** What bots put up in a channel beside messages: pins, announcements, schedules, threads, sound. */
export class ChannelKeeping {
  private readonly pins = new Shelf<string>();
  private readonly announcements = new Shelf<string>();
  private readonly schedules = new Shelf<Body>();
  private readonly threads = new Shelf<Body>();

  constructor(private readonly platform: Platform) {}

  listPins({ path }: Exchange): Outcome {
    return said(this.pinsShown(path.id ?? ''));
  }
  pin({ path }: Exchange): Outcome {
    const [id = '', message = ''] = [path.id, path.message];
    if (!this.platform.messages.find(message)) return refused(400, 306001, 'message does not exist');
    if (this.pins.of(id).length >= PINS_MAX) return refused(400, 501001, `there are ${PINS_MAX} pins already`);
    this.pins.put(id, message, message);
    return said(this.pinsShown(id));
  }
  unpin({ path }: Exchange): Outcome {
    return drop(this.pins, path.id ?? '', path.message ?? '');
  }

  announce(place: 'guild' | 'channel', { path, body }: Exchange): Outcome {
    const id = path.id ?? '';
    const { message_id: message = '', recommend_channels: recommended = [] } = body;
    const isAboutChannels = Array.isArray(recommended) && recommended.length > 0;
    if (!isAboutChannels && !this.platform.messages.find(String(message)))
      return refused(400, 501005, 'message does not exist');
    const key = isAboutChannels ? 'recommended' : String(message);
    this.announcements.put(`${place} ${id}`, key, key);
    const channelId = place === 'channel' ? id : String(body.channel_id ?? '');
    return said({
      guild_id: place === 'guild' ? id : this.platform.world.channel(id).guildId,
      channel_id: channelId,
      message_id: String(message),
      announces_type: body.announces_type ?? 0,
      recommend_channels: recommended,
    });
  }
  unannounce(place: 'guild' | 'channel', { path }: Exchange): Outcome {
    return drop(this.announcements, `${place} ${path.id}`, path.message ?? '');
  }

  listSchedules({ path }: Exchange): Outcome {
    return said(this.schedules.of(path.id ?? ''));
  }
  schedule({ path }: Exchange): Outcome {
    const found = this.schedules.find(path.id ?? '', path.schedule ?? '');
    return found ? said(found) : refused(400, 10003, 'schedule does not exist');
  }
  addSchedule({ path, body, bot }: Exchange): Outcome {
    const given = body.schedule as Body | undefined;
    if (typeof given?.name !== 'string' || given.name === '') return refused(400, 12002, 'schedule.name is missing');
    const id = this.platform.random.hex(16);
    const creator = { user: userOf(bot), nick: bot.username, joined_at: stampOf(this.platform.now()) };
    return said(this.schedules.put(path.id ?? '', id, { ...given, id, creator }));
  }
  changeSchedule({ path, body }: Exchange): Outcome {
    const [channel = '', id = ''] = [path.id, path.schedule];
    const old = this.schedules.find(channel, id);
    if (!old) return refused(400, 10003, 'schedule does not exist');
    return said(this.schedules.put(channel, id, { ...old, ...((body.schedule as Body | undefined) ?? {}), id }));
  }
  deleteSchedule({ path }: Exchange): Outcome {
    const isGone = this.schedules.remove(path.id ?? '', path.schedule ?? '');
    return isGone ? NOTHING : refused(400, 10003, 'schedule does not exist');
  }

  listThreads({ path }: Exchange): Outcome {
    return said({ threads: this.threads.of(path.id ?? ''), is_finish: 1 });
  }
  thread({ path }: Exchange): Outcome {
    const found = this.threads.find(path.id ?? '', path.thread ?? '');
    return found ? said({ thread: found }) : refused(400, 503005, 'thread does not exist');
  }
  /** The thread comes a moment after the answer, as an event. */
  publishThread({ path, body, bot }: Exchange): Outcome {
    const channelId = path.id ?? '';
    if (typeof body.title !== 'string' || body.title === '') return refused(400, 503001, 'title is missing');
    const id = `B_${this.platform.random.hex(32)}`;
    const info = { thread_id: id, title: body.title, content: body.content ?? '', date_time: this.stamp() };
    const thread = this.threads.put(channelId, id, { ...this.forumOf(channelId, bot), thread_info: info });
    this.tellThread('CREATE', thread);
    return said({ task_id: this.platform.random.uuid(), create_time: String(Math.floor(this.platform.now() / 1_000)) });
  }
  deleteThread({ path }: Exchange): Outcome {
    const [channel = '', id = ''] = [path.id, path.thread];
    const thread = this.threads.find(channel, id);
    if (!thread) return refused(400, 503005, 'thread does not exist');
    this.threads.remove(channel, id);
    this.tellThread('DELETE', thread);
    return NOTHING;
  }

  audio({ path, body }: Exchange): Outcome {
    const { status = 0, audio_url: url, text } = body;
    if (![0, 1, 2, 3].includes(status as number))
      return refused(400, 12002, `status is ${JSON.stringify(status)}; it must be 0 to 3`);
    const event = AUDIO_EVENTS[status as number];
    if (event) this.tellAudio(event, path.id ?? '', { audio_url: url ?? '', text: text ?? '' });
    return said({});
  }
  mic(isOn: boolean, { path }: Exchange): Outcome {
    this.tellAudio(isOn ? 'AUDIO_ON_MIC' : 'AUDIO_OFF_MIC', path.id ?? '', {});
    return said({});
  }
  online(): Outcome {
    return said({ online_nums: 0 });
  }
  voiceMembers(): Outcome {
    return said([]);
  }

  private pinsShown(channelId: string): object {
    const { guildId } = this.platform.world.channel(channelId);
    return { guild_id: guildId, channel_id: channelId, message_ids: this.pins.of(channelId) };
  }
  private stamp(): string {
    return stampOf(this.platform.now());
  }
  private forumOf(channelId: string, bot: Bot): Body {
    const { guildId } = this.platform.world.channel(channelId);
    return { guild_id: guildId, channel_id: channelId, author_id: bot.id };
  }
  /** Private bots hear of the whole thread, public ones of who and where. */
  private tellThread(change: string, { thread_info: info, ...where }: Body): void {
    this.platform.publishEvent(`FORUM_THREAD_${change}`, { ...where, thread_info: info });
    this.platform.publishEvent(`OPEN_FORUM_THREAD_${change}`, where);
  }
  private tellAudio(event: string, channelId: string, what: Body): void {
    const { guildId } = this.platform.world.channel(channelId);
    this.platform.publishEvent(event, { guild_id: guildId, channel_id: channelId, ...what });
  }
}

/** One, or `all`. */
function drop(shelf: Shelf<string>, owner: string, id: string): Outcome {
  if (id === 'all') shelf.clear(owner);
  else if (!shelf.remove(owner, id)) return refused(400, 306001, 'message does not exist');
  return NOTHING;
}
