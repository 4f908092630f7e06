import { assign, emit, setup } from 'xstate';
import { heard } from '../kit/heard.js';
import type { Stamp } from '../vocabulary/base.js';
import type { EffectRequest } from '../vocabulary/effects.js';
import type { CheckFact } from '../vocabulary/facts/checkFacts.js';
import type { FactOf } from '../vocabulary/facts/facts.js';
import type { BotOptions } from '../vocabulary/options/options.js';
import type { Signal } from '../vocabulary/signals.js';

/**
 * Which messages of ours are known to stand in channels, so that one that is read there can be told from others that
 * say the same. It settles whether a call whose answer was lost has arrived. It refuses to read itself. Rules: Y1 to
 * Y11 (docs/SPEC.md).
 */
export interface OwnMessagesInput {
  readonly epoch: number;
  readonly permissionMs: number;
  readonly at: number;
}
export interface OwnMessagesContext {
  readonly permissionMs: number;
  /** Ids of our messages, oldest first: told by QQ, or found in a channel. */
  readonly known: readonly { readonly message: string; readonly at: number }[];
  /** Of what was sent before this, not every id is known. */
  readonly since: number;
  /** The last process life that told it of its messages. */
  readonly epoch: number;
}
type Sent = { readonly type: 'message.sent'; readonly message: string | null };
type Checked = Extract<CheckFact, { type: 'channel.checked' }> & {
  readonly delivery: string;
  readonly receivedAt: number;
  /** No other reply to that channel is under way. */
  readonly isAlone: boolean;
};
type OwnMessagesEvent = (Sent | Checked | FactOf<'run.started'>) & Stamp;

export const ownMessagesEventTypes = [
  'message.sent',
  'channel.checked',
  'run.started',
] as const satisfies readonly OwnMessagesEvent['type'][];

/** Ids remembered; what was sent before the oldest of them is no longer told apart. */
export const OWN_MESSAGES_MAX = 200;

/** What the options give it: at birth, in a new life, in a what-if. */
export const withOptions = ({ features }: BotOptions): Pick<OwnMessagesContext, 'permissionMs'> => ({
  permissionMs: features.permissionMs,
});

const ofLife = ({ epoch, options }: FactOf<'run.started'>): Partial<OwnMessagesContext> => ({
  ...withOptions(options),
  epoch,
});

const ownMessagesSetup = setup({
  types: {} as {
    context: OwnMessagesContext;
    input: OwnMessagesInput;
    events: OwnMessagesEvent;
    emitted: Signal | EffectRequest;
  },
  guards: {
    isNextLife: ({ context, event }) => heard(event, 'run.started').epoch <= context.epoch + 1,
    isNameless: ({ event }) => heard(event, 'message.sent').message === null,
    isForbidden: ({ event }) => heard(event, 'channel.checked').class === 'rejectedTarget',
    isUnauthorised: ({ event }) => heard(event, 'channel.checked').class === 'auth',
    isUnread: ({ event }) => heard(event, 'channel.checked').class !== 'ok',
    isThere: ({ context, event }) => {
      const { receivedAt, isAlone } = heard(event, 'channel.checked');
      return isAlone && context.since <= receivedAt && unknownOf(context, event) !== undefined;
    },
    isAbsent: ({ context, event }) =>
      heard(event, 'channel.checked').isWhole && unknownOf(context, event) === undefined,
  },
  actions: {
    nextLife: assign(({ event }) => ofLife(heard(event, 'run.started'))),
    beginAnew: assign(({ event }) => ({ ...ofLife(heard(event, 'run.started')), known: [], since: event.at })),
    know: assign(({ context, event }) =>
      withMessage(context, heard(event, 'message.sent').message as string, event.at),
    ),
    claim: assign(({ context, event }) => withMessage(context, unknownOf(context, event) as string, event.at)),
    doubtAll: assign({ since: ({ event }) => event.at }),
    tellThere: emit(({ event }) => settled(event, 'there')),
    tellAbsent: emit(({ event }) => settled(event, 'absent')),
    tellAgain: emit(({ event }) => settled(event, 'again')),
    tellUnknown: emit(({ event }) => settled(event, 'unknown')),
  },
  delays: {
    permissionMs: ({ context }) => context.permissionMs,
  },
});

// biome-ignore format: one transition a row
export const ownMessagesMachine = ownMessagesSetup.createMachine({
  id: 'ownMessages',
  context: ({ input }) => ({ permissionMs: input.permissionMs, known: [], since: input.at, epoch: input.epoch }),
  initial: { target: 'reading', description: 'Y1 channels can be read until QQ says no' },
  on: {
    'run.started': [
      { guard: 'isNextLife', actions: 'nextLife', description: 'Y2 the life after the last one: nothing was missed' },
      { actions: 'beginAnew', description: 'Y3 lives in between did not tell: begin anew' },
    ],
    'message.sent': [
      { guard: 'isNameless', actions: 'doubtAll',
        description: 'Y4 a message without an id: what stands there so far is not told apart' },
      { actions: 'know', description: 'Y5 a message of ours, by its id' },
    ],
    'channel.checked': [
      { guard: 'isForbidden', target: '.forbidden', actions: 'tellUnknown',
        description: 'Y6 this bot may not read: it is not asked for again for hours' },
      { guard: 'isUnauthorised', actions: 'tellAgain',
        description: 'Y12 our token is refused: nothing is known yet, and it is to be read again' },
      { guard: 'isUnread', actions: 'tellUnknown', description: 'Y7 the channel could not be read' },
      { guard: 'isThere', actions: ['tellThere', 'claim'],
        description: 'Y8 it stands there, and belongs to no other reply' },
      { guard: 'isAbsent', actions: 'tellAbsent', description: 'Y9 all since the question was read: it is not there' },
      { actions: 'tellUnknown', description: 'Y10 it cannot be told' },
    ],
  },
  states: {
    reading: {},
    forbidden: {
      after: { permissionMs: { target: 'reading', description: 'Y11 perhaps it may by now' } },
    },
  },
});

type Settled = Extract<Signal, { type: 'doubt.settled' }>;
function settled(event: OwnMessagesEvent, verdict: Settled['verdict']): Settled {
  return { type: 'doubt.settled', delivery: heard(event, 'channel.checked').delivery, verdict };
}

function unknownOf({ known }: OwnMessagesContext, event: OwnMessagesEvent): string | undefined {
  return heard(event, 'channel.checked').matches.find((id) => !known.some(({ message }) => message === id));
}

function withMessage({ known, since }: OwnMessagesContext, message: string, at: number): Partial<OwnMessagesContext> {
  const all = [...known, { message, at }];
  const [oldest] = all;
  if (all.length <= OWN_MESSAGES_MAX) return { known: all };
  return { known: all.slice(1), since: Math.max(since, oldest?.at ?? at) };
}
