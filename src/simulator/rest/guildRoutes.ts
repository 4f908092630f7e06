import type { Platform } from '../platform.js';
import { ChannelKeeping } from './channelKeeping.js';
import type { Exchange } from './exchange.js';
import { GuildKeeping } from './guildKeeping.js';
import type { Managing } from './managing.js';
import type { Route } from './pipeline.js';
import type { Reading } from './reading.js';

type Handle = (exchange: Exchange) => ReturnType<Route['handle']>;
const route = (method: Route['method'], path: string, handle: Handle): Route => ({ method, path, handle });

/** Guilds and what is in them, apart from messages to send. */
export function guildRoutes(platform: Platform, reading: Reading, managing: Managing): readonly Route[] {
  const guilds = new GuildKeeping(platform);
  return [
    route('GET', '/guilds/:id', (exchange) => reading.guild(exchange)),
    route('GET', '/guilds/:id/channels', (exchange) => reading.channels(exchange)),
    route('POST', '/guilds/:id/channels', (exchange) => guilds.createChannel(exchange)),
    route('GET', '/guilds/:id/members', (exchange) => reading.members(exchange)),
    route('GET', '/guilds/:id/members/:user', (exchange) => reading.member(exchange)),
    route('DELETE', '/guilds/:id/members/:user', (exchange) => managing.kick(exchange)),
    route('PUT', '/guilds/:id/members/:user/roles/:role', (exchange) => managing.role(true, exchange)),
    route('DELETE', '/guilds/:id/members/:user/roles/:role', (exchange) => managing.role(false, exchange)),
    route('PATCH', '/guilds/:id/members/:user/mute', (exchange) => managing.mute(exchange)),
    route('PATCH', '/guilds/:id/mute', (exchange) => managing.mute(exchange)),
    route('GET', '/guilds/:id/roles', (exchange) => guilds.listRoles(exchange)),
    route('POST', '/guilds/:id/roles', (exchange) => guilds.createRole(exchange)),
    route('PATCH', '/guilds/:id/roles/:role', (exchange) => guilds.changeRole(exchange)),
    route('DELETE', '/guilds/:id/roles/:role', (exchange) => guilds.deleteRole(exchange)),
    route('GET', '/guilds/:id/roles/:role/members', (exchange) => guilds.membersOfRole(exchange)),
    route('GET', '/guilds/:id/api_permission', () => reading.permissions()),
    route('POST', '/guilds/:id/api_permission/demand', (exchange) => managing.demand(exchange)),
    route('GET', '/guilds/:id/message/setting', () => guilds.messageSetting()),
    route('GET', '/channels/:id', (exchange) => reading.channel(exchange)),
    route('PATCH', '/channels/:id', (exchange) => guilds.changeChannel(exchange)),
    route('DELETE', '/channels/:id', (exchange) => guilds.deleteChannel(exchange)),
    ...(['user', 'role'] as const).flatMap((subject) => {
      const path =
        subject === 'user' ? '/channels/:id/members/:user/permissions' : '/channels/:id/roles/:role/permissions';
      return [
        route('GET', path, (exchange) => guilds.permissionsOf(subject, exchange)),
        route('PUT', path, (exchange) => guilds.changePermissions(subject, exchange)),
      ];
    }),
    ...channelRoutes(new ChannelKeeping(platform)),
  ];
}

function channelRoutes(channels: ChannelKeeping): readonly Route[] {
  return [
    route('GET', '/channels/:id/pins', (exchange) => channels.listPins(exchange)),
    route('PUT', '/channels/:id/pins/:message', (exchange) => channels.pin(exchange)),
    route('DELETE', '/channels/:id/pins/:message', (exchange) => channels.unpin(exchange)),
    ...(['guild', 'channel'] as const).flatMap((place) => [
      route('POST', `/${place}s/:id/announces`, (exchange) => channels.announce(place, exchange)),
      route('DELETE', `/${place}s/:id/announces/:message`, (exchange) => channels.unannounce(place, exchange)),
    ]),
    route('GET', '/channels/:id/schedules', (exchange) => channels.listSchedules(exchange)),
    route('POST', '/channels/:id/schedules', (exchange) => channels.addSchedule(exchange)),
    route('GET', '/channels/:id/schedules/:schedule', (exchange) => channels.schedule(exchange)),
    route('PATCH', '/channels/:id/schedules/:schedule', (exchange) => channels.changeSchedule(exchange)),
    route('DELETE', '/channels/:id/schedules/:schedule', (exchange) => channels.deleteSchedule(exchange)),
    route('GET', '/channels/:id/threads', (exchange) => channels.listThreads(exchange)),
    route('PUT', '/channels/:id/threads', (exchange) => channels.publishThread(exchange)),
    route('GET', '/channels/:id/threads/:thread', (exchange) => channels.thread(exchange)),
    route('DELETE', '/channels/:id/threads/:thread', (exchange) => channels.deleteThread(exchange)),
    route('POST', '/channels/:id/audio', (exchange) => channels.audio(exchange)),
    route('PUT', '/channels/:id/mic', (exchange) => channels.mic(true, exchange)),
    route('DELETE', '/channels/:id/mic', (exchange) => channels.mic(false, exchange)),
    route('GET', '/channels/:id/online_nums', () => channels.online()),
    route('GET', '/channels/:id/voice/members', () => channels.voiceMembers()),
  ];
}
