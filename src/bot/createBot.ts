import { nanoid } from 'nanoid';
import type { AllPerformers, Clock, ClockWatcher, Journal, Performers, ProcessClock, Record } from '../actors/ports.js';
import type { Reached } from '../actors/step/crashPoints.js';
import { contextOf } from '../actors/step/reading.js';
import type { SystemState } from '../actors/step/state.js';
import { ActorSystem, type Recovered } from '../actors/system/actorSystem.js';
import { durablePosts } from '../actors/system/durability.js';
import { topology } from '../actors/wiring/topology.js';
import { type BotModule, checkModule } from '../adapters/author/authorModule.js';
import { builtInCommands } from '../adapters/author/builtInCommands.js';
import { commandTextsFor } from '../adapters/author/commandTexts.js';
import { ExternalCalls } from '../adapters/author/externalCalls.js';
import { createHandlerRunner, createWorkOf } from '../adapters/author/handlerRunner.js';
import { createModuleEvents } from '../adapters/author/moduleEvents.js';
import { createOperations } from '../adapters/author/operations.js';
import { storeOf } from '../adapters/journal/storeOf.js';
import { createMetrics, type Metrics } from '../adapters/operator/metrics.js';
import { checkOperation, createOperatorActions } from '../adapters/operator/operatorActions.js';
import { createRecordLog } from '../adapters/operator/recordLog.js';
import { createRivals } from '../adapters/operator/rivals.js';
import { isFeatureOn } from '../adapters/operator/status.js';
import { createCrash } from '../adapters/process/crashAt.js';
import { createLogger, type Logger } from '../adapters/process/logger.js';
import { createMemoryWatch, HALF_FULL, oldSpaceShare } from '../adapters/process/memoryWatch.js';
import { createProcessSampler, type ProcessSampler } from '../adapters/process/processSampler.js';
import { createSystemClock } from '../adapters/process/systemClock.js';
import type { HostChecks } from '../adapters/qq/calls/hostChecks.js';
import type { Recall } from '../adapters/qq/calls/recall.js';
import { connectQQ } from '../adapters/qq/connectQQ.js';
import { intentsOfModule } from '../adapters/qq/wire/intents.js';
import type { Config } from '../config/config.js';
import type { WorkStamp } from '../machines/vocabulary/base.js';
import type { Fact } from '../machines/vocabulary/facts/facts.js';
import type { OperatorFact } from '../machines/vocabulary/facts/operatorFacts.js';
import { createExit, end, requestStop } from './ending.js';
import { watchJournal } from './journalWatch.js';
import { operatorEntry, serve } from './serving.js';
import { netUnder, type StrayNet } from './strayNet.js';
import { textsFor } from './texts.js';

export interface Bot {
  /** What was found in the journal. */
  readonly recovered: Recovered;
  /** Where the HTTP server listens; null when it is off. */
  readonly url: string | null;
  /** Where QQ's pushes are waited for; null: events come over the gateway socket. */
  readonly webhookUrl: string | null;
  /** Resolves with the exit code once the bot has stopped. */
  readonly stopped: Promise<{ readonly code: number; readonly reason: string }>;
  /** Drains: takes nothing new, ends what is in hand (at most `bot.drainMs`), writes a checkpoint. */
  drain(signal: string): void;
  /**
   * An operator's hand on a breaker or a feature, journaled like everything else. Throws RangeError for a feature or a
   * breaker that there is not, and for a time that is no number of ms > 0.
   */
  operate(fact: OperatorFact): void;
  /** Where the bot's own `/` leads: the inspector that its process runs beside it. */
  leadTo(inspector: string): void;
  /** Every durable record from now on. */
  subscribe(listener: (record: Record, state: SystemState) => void): () => void;
}

/** What an author may bring of his own. */
export interface BotParts {
  /**
   * Any implementation of the port, open; no other bot may have it. It is the bot's from here on: closed when the bot
   * has stopped, and when it cannot start. Left out: the one that `config.journalPath` names is opened, or made. The
   * operator's token is beside that path in any case.
   */
  readonly journal?: Journal;
}

/**
 * The composition root: journal, actors, QQ, handlers, HTTP and log, wired and started.
 * `config.credentials` must be set. Fails with JournalError, HttpListenError, ModuleError, TypeError (a bad address).
 */
export async function createBot(config: Config, module: BotModule = {}, parts: BotParts = {}): Promise<Bot> {
  if (!config.credentials) {
    await parts.journal?.close();
    throw new TypeError('createBot: config.credentials is missing; set QQ_BOT_APP_ID and QQ_BOT_SECRET');
  }
  const logger = createLogger({ ...config.log, secrets: [config.credentials.secret] });
  const clock = createSystemClock();
  const strays = netUnder(config, clock, logger);
  try {
    const reached = createCrash(config.crashAt);
    const { durability, journalPath } = config;
    const journal = parts.journal ?? (await storeOf(journalPath).openWriter({ durability, reached }));
    try {
      const checked = checkModule(module, config.botModule ?? 'bot module');
      return await assemble(config, checked, { journal, logger, clock, strays, reached });
    } catch (error) {
      await journal.close();
      throw error;
    }
  } catch (error) {
    strays.close();
    throw error;
  }
}

interface Base {
  readonly journal: Journal;
  readonly logger: Logger;
  readonly clock: ProcessClock;
  readonly strays: StrayNet;
  readonly reached: Reached | undefined;
}

const defer = (run: () => void): void => void setImmediate(run);

async function assemble(
  config: Config,
  module: BotModule,
  { journal, logger, clock, strays, reached }: Base,
): Promise<Bot> {
  const exit = createExit();
  // After a RESUME the platform does not tell the bot's id again; the gateway's state remembers it.
  const botId = (): string | null => contextOf(system.state.actors.get('gateway'), 'gateway')?.user ?? null;
  const qq = await connectQQ(
    { ...config, credentials: config.credentials!, timeoutMs: config.options.calls.timeoutMs },
    {
      clock,
      log: logger.part('qq'),
      post: (fact) => system.post(withWork(fact, workOf)),
      postDurably: (fact) => postDurably(withWork(fact, workOf)),
      botId,
    },
  );
  const sampler = createProcessSampler({ appends: () => system.takeAppends() });
  const { handlers, workOf } = createHandlers(config, module, clock, logger, qq.recall, () => system);
  const performers: AllPerformers = {
    ...qq.performers,
    ...handlers,
    ...recoveryPerformers(qq.checks, sampler, { resetConnections: qq.resetConnections, clearCaches: qq.clearUploads }),
    'process.exit': (wish) => void exit.begin(wish.code, wish.reason),
  };
  const system = new ActorSystem({
    journal,
    clock,
    topology,
    options: optionsFor(config, module),
    performers,
    newId: nanoid,
    log: logger.part('journal'),
    defer,
    hasRoom: () => oldSpaceShare() < HALF_FULL,
    reached,
  });
  const postDurably = durablePosts(system);
  system.addSource(qq.source);
  const metrics = createMetrics(sourcesOf(system));
  observe(system, metrics, module, logger);
  watchMemory(system, config, clock);
  const rivals = createRivals(logger.part('qq'));
  system.subscribe(rivals.observe);
  const act = createOperatorActions({ system, journal, clock, postDurably });
  const operator = config.http ? operatorEntry(config.journalPath, clock, logger, act) : undefined;
  const http = config.http
    ? await serve(config, config.http, { system, journal, metrics, rivals }, clock, logger, operator)
    : null;
  const recovered = await system.start();
  strays.begin((fact) => void system.post(fact));
  clock.watch(timeFacts(system));
  const watch = watchJournal(journal, system, clock, logger.part('journal'), textsFor(config.locale));
  const parts = { strays, qq, system, http, metrics, sampler, watch, journal, clock };
  const stopped = exit.wanted.then((wish) => end(parts, wish, config, logger, reached));
  return {
    recovered,
    url: http?.url ?? null,
    webhookUrl: qq.webhookUrl,
    stopped,
    drain: (signal) => requestStop(signal, system, clock, exit, config.options.bot.drainMs),
    operate: (fact) => system.post(checkOperation(fact, (id) => system.state.actors.get(id) !== undefined)),
    leadTo: (inspector) => http?.leadTo(inspector),
    subscribe: (listener) => system.subscribe(listener),
  };
}

function createHandlers(
  config: Config,
  module: BotModule,
  clock: ProcessClock,
  logger: Logger,
  recall: Recall,
  system: () => ActorSystem,
) {
  const externals = new ExternalCalls(clock, config.options.externalCalls.timeoutMs);
  const startedAt = clock.now();
  const operations = createOperations(system, clock, externals, startedAt);
  const builtIns = builtInCommands(operations, commandTextsFor(config.locale));
  const workOf = createWorkOf(module, builtIns);
  const handlers = createHandlerRunner({
    module,
    builtIns,
    externals,
    feature: (name) => isFeatureOn(system().state, name),
    texts: textsFor(config.locale),
    admins: new Set(config.admins),
    log: logger.part('module'),
    defer,
    locale: config.locale,
    recall,
  });
  return { handlers, workOf };
}

/** What happens to the time of this process is journaled as any other fact. */
function timeFacts(system: ActorSystem): ClockWatcher {
  return {
    stalled: (stall) => void system.post({ type: 'time.lost', ...stall }),
    stepped: (step) => void system.post({ type: 'clock.stepped', ...step }),
  };
}

/** Looked at while there is work; what comes of it is a fact. */
function watchMemory(system: ActorSystem, { options }: Config, clock: Clock): void {
  const { heapMax } = options.intake;
  const memory = createMemoryWatch({ heapMax, now: () => clock.now(), post: (fact) => void system.post(fact) });
  system.subscribe(() => memory.look());
}

/** Who is told of every record: metrics, log, the author's module. */
function observe(system: ActorSystem, metrics: Metrics, module: BotModule, logger: Logger): void {
  system.subscribe(metrics.observe);
  system.subscribe(createRecordLog(logger.part('machines')));
  const moduleEvents = createModuleEvents(module, logger.part('module'));
  if (moduleEvents) system.subscribe(moduleEvents);
}

/** Checks and actions of the recovery loop. The gateway's address is an actor's own, and is cleared with the signal. */
function recoveryPerformers(
  checks: HostChecks,
  sampler: ProcessSampler,
  actions: { readonly resetConnections: () => void; readonly clearCaches: () => void },
): Performers<'check.run' | 'action.run'> {
  return {
    'check.run': (effect, post) =>
      effect.check === 'memory' ? sampler.sample(effect, post) : checks[effect.check](effect, post),
    'action.run': ({ id, action }, post) => {
      actions[action]();
      post({ type: 'action.completed', effectId: id, action });
    },
  };
}

/** The intents are those of the configuration, or the default ones and what the author's handlers need. */
function optionsFor({ options, intentsAreSet }: Config, module: BotModule): Config['options'] {
  if (intentsAreSet) return options;
  return { ...options, gateway: { ...options.gateway, intents: options.gateway.intents | intentsOfModule(module) } };
}

function withWork(fact: Fact, workOf: (content: string) => WorkStamp): Fact {
  if (fact.type !== 'message.received') return fact;
  return { ...fact, message: { ...fact.message, ...workOf(fact.message.content) } };
}

function sourcesOf(system: ActorSystem) {
  return {
    inboxLength: () => system.inboxLength,
    inHand: () => contextOf(system.state.actors.get('intake'), 'intake')?.inHand ?? 0,
    actors: () => system.state.actors.size,
    deadlines: () => system.deadlineCount,
  };
}
