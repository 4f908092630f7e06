import type { Clock, Journal } from '../actors/ports.js';
import type { ActorSystem } from '../actors/system/actorSystem.js';
import { createHttpServer, type HttpServer } from '../adapters/operator/http/createHttpServer.js';
import type { OperatorEntry } from '../adapters/operator/http/operatorEntry.js';
import { keepOperatorToken, operatorTokenFile } from '../adapters/operator/http/operatorToken.js';
import { createSystemView } from '../adapters/operator/http/systemView.js';
import type { Metrics } from '../adapters/operator/metrics.js';
import type { Rivals } from '../adapters/operator/rivals.js';
import type { Logger } from '../adapters/process/logger.js';
import { version } from '../base/version.js';
import type { Config } from '../config/config.js';

/** The bot's own HTTP. */
export function serve(
  config: Config,
  address: { host: string; port: number },
  parts: { system: ActorSystem; journal: Journal; metrics: Metrics; rivals: Rivals },
  clock: Clock,
  logger: Logger,
  operator: OperatorEntry | undefined,
): Promise<HttpServer> {
  const about = { version, world: config.world, sandbox: config.sandbox };
  const view = createSystemView({ ...parts, about, startedAt: clock.now(), now: () => clock.now() });
  return createHttpServer(view, address, logger.part('http'), operator);
}

/** Without a place for its token there are no operator actions over HTTP; the bot runs all the same. */
export function operatorEntry(
  journalPath: string,
  clock: Clock,
  logger: Logger,
  act: OperatorEntry['act'],
): OperatorEntry | undefined {
  const log = logger.part('http');
  const file = operatorTokenFile(journalPath);
  try {
    const token = keepOperatorToken(journalPath);
    log.info({ file }, 'Operator actions: POST /operator with the token in this file');
    return { token, clock, act };
  } catch (error) {
    log.warn({ file, error: String(error) }, 'No operator actions over HTTP: the file of the token cannot be written');
    return undefined;
  }
}
