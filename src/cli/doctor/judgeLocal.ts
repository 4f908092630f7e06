import type { JournalFound } from '../../actors/journalStore.js';
import { schemeOf } from '../../base/journalAddress.js';
import type { Config } from '../../config/config.js';
import { type Finding, failed, ok, skipped, warning } from './check.js';
import type { PortFound } from './portProbe.js';
import type { DoctorTexts } from './texts.js';

const CREDENTIALS = ['QQ_BOT_APP_ID', 'QQ_BOT_SECRET'] as const;
const REQUIRED = ' environment variable required';

/** The problems of a ConfigError as two checks: half a pair of credentials is a matter of its own. */
export function judgeProblems(
  problems: readonly string[],
  texts: DoctorTexts,
): { readonly configuration: Finding; readonly credentials: Finding } {
  const missing = CREDENTIALS.filter((name) => problems.some((problem) => problem.startsWith(name + REQUIRED)));
  const others = problems.filter((problem) => !missing.some((name) => problem.startsWith(name + REQUIRED)));
  return {
    configuration:
      others.length === 0
        ? ok(texts.configurationElse)
        : failed('configuration', others.join('\n'), texts.configurationFix),
    credentials:
      missing.length === 0
        ? skipped(texts.needsConfiguration)
        : failed('configuration', texts.credentialsMissing(missing), texts.credentialsFix),
  };
}

/** A bot of this configuration answers at its port and holds its journal. */
export function isRunning(port: PortFound, journal: JournalFound, config: Config): boolean {
  return journal.held && port.health?.world === config.world;
}

export function judgeJournal(journal: JournalFound, port: PortFound, config: Config, texts: DoctorTexts): Finding {
  const { journalPath: path } = config;
  const size = sizeText(journal.bytes);
  const { kind, code } = journal;
  if (kind === 'unknown')
    return failed('configuration', texts.journalUnknown(schemeOf(path) ?? code), texts.journalUnknownFix);
  if (kind === 'unwritable')
    return failed('configuration', texts.journalUnwritable(path, code), texts.journalUnwritableFix);
  if (kind === 'notOurs') return failed('configuration', texts.journalNotOurs(path), texts.journalNotOursFix);
  if (kind === 'newer') return failed('configuration', texts.journalNewer(path), texts.journalNewerFix);
  if (kind === 'unreadable')
    return failed('configuration', texts.journalUnreadable(path, code), texts.journalUnreadableFix);
  if (kind === 'absent') return ok(texts.journalNew(path));
  if (!journal.held) return ok(texts.journalOk(path, size));
  if (isRunning(port, journal, config)) return ok(texts.journalRunning(path, size));
  if (port.kind === 'off') return warning(texts.journalHeldUnknown(path, size), texts.journalHeldUnknownFix);
  return failed('unavailable', texts.journalHeld(path), texts.journalHeldFix);
}

function judgePort(port: PortFound, journal: JournalFound, config: Config, texts: DoctorTexts): Finding {
  const { kind, address, code, health } = port;
  if (kind === 'off') return skipped(texts.portsOff);
  if (kind === 'free') return ok(texts.portsFree(address));
  if (kind === 'unusable') return failed('configuration', texts.portsUnusable(address, code), texts.portsFix);
  if (!health) return failed('unavailable', texts.portsTaken(address), texts.portsFix);
  if (!isRunning(port, journal, config))
    return failed('unavailable', texts.portsOther(address, health.world), texts.portsFix);
  return ok(texts.portsRunning(address, health.version, Math.round(health.uptimeMs / 1_000)));
}

/** The bot's port, and the inspector's, without which the bot runs all the same. */
export function judgePorts(
  ports: { readonly http: PortFound; readonly inspector: PortFound },
  journal: JournalFound,
  config: Config,
  texts: DoctorTexts,
): Finding {
  const found = judgePort(ports.http, journal, config, texts);
  const { kind, address, code } = ports.inspector;
  if (kind === 'off' || found.state === 'failed') return found;
  const isSame = address === ports.http.address && config.inspector?.port !== 0;
  if (kind === 'free' && !isSame)
    return { ...found, state: 'ok', detail: `${found.detail}; ${texts.inspectorFree(address)}` };
  if (kind === 'taken' && !isSame && isRunning(ports.http, journal, config)) return found;
  const why = kind === 'unusable' ? texts.portsUnusable(address, code) : texts.portsTaken(address);
  return warning(`${found.detail}; ${texts.inspectorNone(isSame ? texts.inspectorSame : why)}`, texts.inspectorFix);
}

function sizeText(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1_000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1_000 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${units[power]}`;
}
