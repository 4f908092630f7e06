import type { EffectRows } from './rows.js';

/** Who asks the outside for what. */
export const EFFECTS: EffectRows = {
  'token.fetch': { awaited: true, from: ['token'], to: ['qqApi'] },
  'gateway.discover': { awaited: true, from: ['gateway'], to: ['qqApi'] },
  'socket.open': { awaited: false, from: ['gateway'], to: ['qqGateway'] },
  'socket.send': { awaited: false, from: ['gateway'], to: ['qqGateway'] },
  'socket.close': { awaited: false, from: ['gateway'], to: ['qqGateway'] },
  'socket.pause': { awaited: false, from: ['gateway'], to: ['qqGateway'] },
  'sources.pause': { awaited: false, from: ['intake'], to: ['qqGateway'] },
  'sources.resume': { awaited: false, from: ['intake'], to: ['qqGateway'] },
  'webhook.listen': { awaited: false, from: ['gateway'], to: ['qqGateway'] },
  'handler.run': { awaited: true, from: ['message'], to: ['author'] },
  'call.start': { awaited: true, from: ['delivery'], to: ['qqApi'] },
  'channel.check': { awaited: true, from: ['delivery'], to: ['qqApi'] },
  'picture.upload': { awaited: true, from: ['delivery'], to: ['qqApi'] },
  'interaction.acknowledge': { awaited: true, from: ['interaction'], to: ['qqApi'] },
  'external.run': { awaited: true, from: ['external'], to: ['foreignApi'] },
  'external.refuse': { awaited: false, from: ['external'], to: ['author'] },
  'check.run': { awaited: true, from: ['recovery'], to: ['process', 'qqApi'] },
  'action.run': { awaited: true, from: ['recovery'], to: ['process'] },
  'module.notify': { awaited: false, from: ['bot', 'message', 'delivery', 'recovery'], to: ['author'] },
  'process.exit': { awaited: false, from: ['bot'], to: ['process'] },
};
