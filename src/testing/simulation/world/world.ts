import type { Effect } from '../../../actors/ports.js';
import type { Fact } from '../../../machines/vocabulary/facts/facts.js';
import { Api } from './api.js';
import { Author } from './author.js';
import type { Outside } from './outside.js';
import { Platform } from './platform.js';

/** All that is outside the bot: it takes effects and answers with facts. */
export class World {
  readonly platform: Platform;
  private readonly api: Api;
  private readonly author: Author;

  constructor(
    outside: Outside,
    post: (fact: Fact) => void,
    private readonly onExit: () => void,
  ) {
    this.platform = new Platform(outside, post);
    this.api = new Api(outside, this.platform);
    this.author = new Author(outside);
  }

  /** The process has died: its connection with it, and what its handlers were doing. */
  drop(): void {
    this.platform.drop();
    this.author.drop();
    this.api.drop();
  }

  perform(effect: Effect): void {
    switch (effect.type) {
      case 'token.fetch':
        return this.platform.fetchToken(effect);
      case 'gateway.discover':
        return this.platform.discover(effect);
      case 'socket.open':
        return this.platform.openSocket(effect);
      case 'socket.send':
        return this.platform.receive(effect);
      case 'socket.close':
        return this.platform.closedByBot(effect);
      case 'socket.pause':
        return this.platform.pausedByBot(effect);
      case 'sources.pause':
        return this.platform.pauseReading();
      case 'sources.resume':
        return this.platform.resumeReading();
      case 'webhook.listen':
        return this.platform.listen(effect);
      case 'handler.run':
        return this.author.run(effect);
      case 'external.run':
        return this.author.external(effect);
      case 'external.refuse':
        return this.author.refused(effect);
      case 'call.start':
        return this.api.call(effect);
      case 'picture.upload':
        return this.api.upload(effect);
      case 'channel.check':
        return this.api.read(effect);
      case 'interaction.acknowledge':
        return this.api.acknowledge(effect);
      case 'check.run':
        return this.api.check(effect);
      case 'action.run':
        return this.api.act(effect);
      case 'process.exit':
        return this.onExit();
      case 'module.notify':
        return;
      default:
        effect satisfies never;
    }
  }
}
