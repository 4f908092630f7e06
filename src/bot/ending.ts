import { type Clock, isGone } from '../actors/ports.js';
import type { Reached } from '../actors/step/crashPoints.js';
import type { ActorSystem } from '../actors/system/actorSystem.js';
import { APPEND_RETRY_MS } from '../actors/system/loop.js';
import type { Logger } from '../adapters/process/logger.js';
import { refusalOf } from '../adapters/qq/http/refusals.js';
import { namesOfIntents } from '../adapters/qq/wire/intents.js';
import { exitCodes } from '../base/exitCodes.js';
import type { Config } from '../config/config.js';

export interface ExitWish {
  readonly code: number;
  readonly reason: string;
}
/** What a bot consists of, as far as it has to be closed. */
export interface ClosableParts {
  readonly qq: { close(): Promise<void> };
  readonly system: { stop(): Promise<void> };
  readonly http: { close(): Promise<void> } | null;
  readonly metrics: { close(): void };
  readonly strays: { close(): void };
  readonly sampler: { close(): void };
  readonly watch: { close(): void };
  readonly journal: { close(): Promise<void> };
  readonly clock: { close(): void };
}

/** The first wish to exit counts. */
export function createExit() {
  let begin: (code: number, reason: string) => void = () => undefined;
  const wanted = new Promise<ExitWish>((resolve) => {
    begin = (code, reason) => resolve({ code, reason });
  });
  return { wanted, begin: (code: number, reason: string) => begin(code, reason) };
}

/**
 * Begins the drain. While the journal takes nothing, neither a stop nor the deadline of its drain can be recorded: then
 * the process ends without. What it held in memory was never acknowledged, and comes again.
 */
export function requestStop(
  signal: string,
  system: Pick<ActorSystem, 'post' | 'journalFailure'>,
  clock: Clock,
  exit: ReturnType<typeof createExit>,
  drainMs: number,
): void {
  if (isGone(system.journalFailure)) return exit.begin(exitCodes.held, system.journalFailure.message);
  system.post({ type: 'stop.requested', signal });
  const cancel = clock.schedule(clock.now() + drainMs + APPEND_RETRY_MS, () => {
    if (system.journalFailure)
      exit.begin(exitCodes.stuck, `told to stop while the journal refuses appends: ${String(system.journalFailure)}`);
  });
  void exit.wanted.then(cancel);
}

/** Closes everything, from the outside inwards, and says why. Resolves with the wish once the journal is closed. */
export async function end(
  parts: ClosableParts,
  wish: ExitWish,
  config: Config,
  logger: Logger,
  reached: Reached = () => undefined,
): Promise<ExitWish> {
  const { qq, system, http, metrics, sampler, journal, clock } = parts;
  await qq.close();
  reached('stop.begun');
  await system.stop();
  reached('stop.recorded');
  await http?.close();
  metrics.close();
  sampler.close();
  clock.close();
  parts.watch.close();
  await journal.close();
  reached('stop.closed');
  tellWhy(wish, config, logger);
  logger.flush();
  parts.strays.close();
  return wish;
}

/** One sentence for the person who has to act. */
function tellWhy({ code, reason }: ExitWish, config: Config, logger: Logger): void {
  const log = logger.part('bot');
  if (code === exitCodes.drained) {
    log.info({ reason }, 'Stopped');
    return;
  }
  const [number = ''] = /\b\d{4,6}\b/.exec(reason) ?? [];
  const refusal = refusalOf(number);
  const { intents, baseIntents } = config.options.gateway;
  const asked = number === '4014' ? { intents: namesOfIntents(intents & ~baseIntents) } : {};
  log.error({ code, reason, ...asked }, refusal?.[config.locale] ?? `Stopped: ${reason}`);
}
