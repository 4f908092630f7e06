import type { Card, Seen } from '../vocabulary/card.js';
import { gatewayEventTypes, gatewayMachine } from './chart.js';
import { type GatewayContext, withOptions } from './context.js';

/** The permission that is missing is among these. */
function intentsBeyondBase({ context }: Seen<GatewayContext>): { readonly intents: number } {
  return { intents: context === null ? 0 : context.options.intents & ~context.options.baseIntents };
}
function closeReason({ fact }: Seen<GatewayContext>): { readonly reason: string } {
  return { reason: fact.type === 'socket.closed' ? `${fact.code} ${fact.reason}`.trim() : fact.type };
}

export const gatewayCard: Card<GatewayContext> = {
  machine: gatewayMachine,
  events: gatewayEventTypes,
  lives: 'always',
  group: 'connection',
  options: withOptions,
  delays: {
    discoverMs: 'patience',
    connectMs: 'patience',
    helloMs: 'patience',
    identifyMs: 'patience',
    resumeMs: 'patience',
    ackMs: 'patience',
    closeGraceMs: 'patience',
    openMs: 'patience',
    heartbeatMs: 'schedule',
    steadyMs: 'schedule',
    backOffMs: 'schedule',
    limitMs: 'schedule',
  },
  states: {
    disconnected: { tone: 'warn' },
    discovering: { tone: 'busy' },
    connecting: { tone: 'busy' },
    greeting: { tone: 'busy' },
    identifying: { tone: 'busy' },
    resuming: { tone: 'busy' },
    ready: { tone: 'good', isRest: true },
    'ready.awaitingAck': { tone: 'busy', isRest: true },
    closing: { tone: 'busy' },
    backingOff: {
      tone: 'warn',
      entered: [
        {
          level: 'warn',
          text: 'Gateway lost: reconnecting',
          fields: ({ context }) => ({ reason: context?.reason ?? null }),
        },
      ],
    },
    exhausted: { tone: 'warn' },
    opening: { tone: 'busy' },
    listening: { tone: 'good', isRest: true },
    resting: { tone: 'good' },
    stopped: { tone: 'bad' },
  },
  log: {
    W19: { level: 'info', text: 'Gateway ready: new session' },
    W24: {
      level: 'warn',
      text: 'QQ refuses the intents (4014): trying the base intents; on q.qq.com apply for one of {intents}',
      fields: intentsBeyondBase,
    },
    W25: { level: 'error', text: 'Gateway stopped for good: {reason}', fields: closeReason },
    W32: { level: 'info', text: 'Gateway ready: session resumed' },
    W42: { level: 'warn', text: 'Gateway does not answer heartbeats: reconnecting' },
    W57: {
      level: 'warn',
      text: 'No gateway session is left to start: waiting {seconds}s',
      fields: ({ secondsUntil }) => ({ seconds: secondsUntil('limitMs') }),
    },
    W60: { level: 'warn', text: 'QQ makes no gateway session (4903): new token, and the sessions left are asked for' },
    W63: { level: 'info', text: 'Webhook open: waiting for pushes' },
  },
  limits: [],
  context: {
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
  },
};
