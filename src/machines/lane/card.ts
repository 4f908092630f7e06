import { fixed, setBy } from '../../base/limit.js';
import type { Card } from '../vocabulary/card.js';
import { defaultOptions } from '../vocabulary/options/options.js';
import { type LaneContext, laneEventTypes, laneMachine, URGENT_MAX, withOptions } from './chart.js';

const { lane } = defaultOptions;

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
    setBy('lane.queueMax', 'lane', 'replies waiting in one channel', lane.queueMax, 'the reply is a dead letter'),
    fixed('laneUrgent', 'places beyond that for answers to commands', URGENT_MAX, 'the answer is a dead letter'),
    setBy('lane.paceMax', 'pace', 'messages in a channel in a second', lane.paceMax, 'the next one waits'),
    setBy(
      'lane.asideMaxMs',
      'laneAside',
      'pause of a lane whose target fails on, ms',
      lane.asideMaxMs,
      'tried this often',
    ),
  ],
  context: { nullable: {}, optional: { failures: 0 }, needed: {} },
};
