import type { ContextCard } from '../vocabulary/card.js';
import { defaultOptions } from '../vocabulary/options.js';
import type { GatewayContext } from './context.js';

export const gatewayContext: ContextCard<GatewayContext> = {
  input: () => ({ options: defaultOptions.gateway }),
  nullable: {
    tokenRef: [''],
    url: [''],
    socket: [''],
    session: [''],
    s: [0],
    user: [''],
    refusedBy: [''],
    sessionsLeft: [0],
    reason: [''],
  },
  optional: { beatAt: 0, isPaused: true },
  needed: {},
};
