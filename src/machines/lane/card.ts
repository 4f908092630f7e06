import { fixed } from '../../base/limit.js';
import type { Card } from '../vocabulary/card.js';
import { setBy } from '../vocabulary/options/options.js';
import { laneMachine } from './chart.js';
import { type LaneContext, laneEventTypes, URGENT_MAX, withOptions } from './words.js';

export const laneCard: Card<LaneContext> = {
  machine: laneMachine,
  events: laneEventTypes,
  lives: 'onDemand',
  group: 'replies',
  options: withOptions,
  delays: { paceMs: 'schedule', blockedMs: 'schedule', idleMs: 'schedule' },
  states: {
    idle: { tone: 'idle', isRest: true },
    pacing: { tone: 'busy' },
    saturated: { tone: 'busy' },
    blocked: { tone: 'warn' },
    retired: { tone: 'idle' },
  },
  log: {},
  limits: [
    setBy('lane.queueMax', 'lane', 'replies waiting in one channel', 'the reply is a dead letter'),
    fixed('laneUrgent', 'places beyond that for answers to commands', URGENT_MAX, 'the answer is a dead letter'),
    setBy('lane.paceMax', 'pace', 'messages in a channel in a second', 'the next one waits'),
    setBy('lane.asideMaxMs', 'laneAside', 'pause of a lane whose target fails on, ms', 'tried this often'),
  ],
  context: { nullable: {}, optional: { failures: 0 }, needed: {} },
};
