import { isGone, type Journal, type StateValue } from '../../../actors/ports.js';
import { contextOf, textOf } from '../../../actors/step/reading.js';
import type { ActorState } from '../../../actors/step/state.js';
import type { ActorSystem } from '../../../actors/system/actorSystem.js';
import type { ContextOf } from '../../../machines/cards.js';
import { deadLettersOf } from '../../../machines/intake/deadLetters.js';
import { FEATURES } from '../../../machines/vocabulary/replies/features.js';
import type { Metrics } from '../metrics.js';
import type { Rivals } from '../rivals.js';
import { isFeatureOn, levelsOf } from '../status.js';
import type { ActorView, BotView, DeliveryView } from './botView.js';

export interface SystemViewOptions {
  readonly system: ActorSystem;
  readonly journal: Journal;
  readonly metrics: Metrics;
  /** Shown in /healthz: version, world, sandbox. */
  readonly about: { readonly [name: string]: unknown };
  /** Whether another process seems to run with the same credentials. */
  readonly rivals: Pick<Rivals, 'seen'>;
  readonly startedAt: number;
  readonly now: () => number;
}

/** Deliveries of one message looked for among the ended ones. */
const ORDINALS_MAX = 100;
const RETRIES_LOOKED_FOR = 9;

/** The read-only view of a living system. */
export function createSystemView(options: SystemViewOptions): BotView {
  const { system, journal, metrics } = options;
  const actorOf = (id: string): ActorState | undefined => system.state.actors.get(id);
  const stateOf = (id: string): StateValue | null => actorOf(id)?.snapshot.value ?? null;
  return {
    health: () => ({
      ...options.about,
      uptimeMs: options.now() - options.startedAt,
      seq: system.state.seq,
      epoch: system.state.epoch,
      parts: {
        journal: journalState(system.journalFailure),
        bot: stateOf('bot'),
        gateway: stateOf('gateway'),
        token: stateOf('token'),
        breaker: stateOf('breaker:messages'),
      },
      health: levelsOf(system.state),
      features: Object.fromEntries(FEATURES.map((name) => [name, isFeatureOn(system.state, name)])),
      rival: options.rivals.seen(options.now()),
      messages: account(contextOf(actorOf('intake'), 'intake')),
    }),
    notReadyBecause() {
      const gateway = stateOf('gateway');
      const isReady = typeof gateway === 'object' && gateway !== null && 'ready' in gateway;
      return [
        ...(system.journalFailure === null
          ? []
          : [
              `the journal ${isGone(system.journalFailure) ? 'is gone' : 'refuses appends'}: ${messageOf(system.journalFailure)}`,
            ]),
        ...(isReady ? [] : [`the gateway is ${JSON.stringify(gateway)}`]),
        ...(['draining', 'stopped'].includes(String(stateOf('bot'))) ? [`the bot is ${String(stateOf('bot'))}`] : []),
      ];
    },
    actors: () => [...system.state.actors.entries()].map(([id, state]) => viewOf(id, state)),
    deliveries(message) {
      const found: DeliveryView[] = [];
      for (const id of deliveryIds(message)) {
        const living = actorOf(id);
        const ended = living ? undefined : system.state.ended(id, system.state.at);
        if (living) found.push(deliveryView(id, living));
        else if (ended)
          found.push({
            id,
            value: ended.value,
            ended: true,
            ...(ended.reason === null ? {} : { reason: ended.reason }),
          });
      }
      return found;
    },
    deadLetters: () => deadLettersOf(contextOf(actorOf('intake'), 'intake')),
    records: (after, limit) => journal.read(after, limit),
    subscribe: (listener) => system.subscribe(listener),
    metrics: async () => ({ type: metrics.registry.contentType, text: await metrics.registry.metrics() }),
  };
}

function journalState(failure: unknown): 'open' | 'failing' | 'gone' {
  if (failure === null) return 'open';
  return isGone(failure) ? 'gone' : 'failing';
}

/** Of the message, and of each time that it was handled again. */
function* deliveryIds(message: string): Generator<string> {
  for (let retry = 0; retry <= RETRIES_LOOKED_FOR; retry += 1) {
    const run = retry === 0 ? message : `${message}~${retry}`;
    for (let ordinal = 0; ordinal < ORDINALS_MAX; ordinal += 1) yield `delivery:${run}.${ordinal}`;
  }
}

function viewOf(id: string, { machine, snapshot, since, rule, timers }: ActorState): ActorView {
  const due = Object.values(timers).map((timer) => timer.dueAt);
  const reason = textOf(snapshot, 'reason');
  return {
    id,
    machine,
    value: snapshot.value,
    since,
    ...(due.length > 0 ? { deadline: Math.min(...due) } : {}),
    ...(reason === null ? {} : { reason }),
    rule,
  };
}

function deliveryView(id: string, state: ActorState): DeliveryView {
  const { attempt, deadline, reason } = contextOf(state, 'delivery')!;
  return {
    id,
    value: state.snapshot.value,
    ended: false,
    since: state.since,
    attempt,
    deadline,
    ...(reason === null ? {} : { reason }),
  };
}

function account(intake: ContextOf<'intake'> | undefined): object {
  if (!intake) return {};
  const { received, ended, inHand, duplicates } = intake;
  return { received, ...ended, inHand, duplicates };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
