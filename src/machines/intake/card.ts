import { fixed } from '../../base/limit.js';
import type { Card } from '../vocabulary/card.js';
import { setBy } from '../vocabulary/options/options.js';
import { ASIDE_MAX } from './ahead.js';
import { intakeMachine } from './chart.js';
import { USERS_MAX } from './commandLimit.js';
import { type IntakeContext, withOptions } from './context.js';
import { PLACE_MAX } from './crowd.js';
import { intakeEventTypes, RETRIES_MAX, TOLD_MAX } from './words.js';

export const intakeCard: Card<IntakeContext> = {
  machine: intakeMachine,
  events: intakeEventTypes,
  lives: 'always',
  group: 'messages',
  options: withOptions,
  delays: {},
  states: {
    open: { tone: 'good', isRest: true },
    full: { tone: 'warn' },
    draining: { tone: 'warn' },
  },
  log: { I16: { level: 'info', text: 'Too many commands by one user: refused' } },
  limits: [
    setBy('handlers.concurrencyMax', 'handlersAtOnce', 'handlers at once', 'messages wait in line'),
    setBy(
      'handlers.queueMax',
      'handlersWaiting',
      'messages waiting for a handler',
      'a busy reply; the message ends refused',
    ),
    setBy(
      'intake.aheadMin',
      'ahead',
      'messages in hand when little ends; else what ended in the last `intake.aheadMs`',
      'nothing more is read: the rest waits at the platform',
    ),
    fixed(
      'aside',
      'messages set aside for an audit, or beyond what counts of their place, that do not count as in hand',
      ASIDE_MAX,
      'further ones count; each ends by `delivery.auditMs` or its reply window at the latest',
    ),
    fixed(
      'place',
      'messages of one place that count as in hand',
      PLACE_MAX,
      'further ones of it are taken in beside, so that other places are read; while memory is tight they count',
    ),
    setBy(
      'intake.unlinkedMax',
      'unlinked',
      'messages in hand while there is no gateway session, which must be read to come back',
      'the next one is refused in silence; those in hand end with their reply windows at the latest',
    ),
    fixed(
      'busyTold',
      'writers remembered who were told of late that the bot is busy',
      TOLD_MAX,
      'the oldest is forgotten, and told again if it writes',
    ),
    setBy(
      'commands.perUserMax',
      'commands',
      'built-in commands of one user in 10 s',
      'one refusal, then silence until the window is over',
    ),
    fixed(
      'commandUsers',
      'users whose commands are remembered',
      USERS_MAX,
      'those whose window is over go first, then the oldest',
    ),
    setBy(
      'bot.deadLettersMax',
      'deadLetters',
      'dead letters in the list',
      'the oldest leaves the list; the journal still has it',
    ),
    fixed('retriesOfOne', 'times that one dead letter is handled again', RETRIES_MAX, 'refused (rule I23)'),
  ],
  context: { nullable: {}, optional: { isStillFull: true }, needed: {} },
};
