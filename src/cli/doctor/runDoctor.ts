import type { JournalFound } from '../../actors/journalStore.js';
import { JournalError } from '../../actors/ports.js';
import { storeOf } from '../../adapters/journal/storeOf.js';
import { namesOfIntents } from '../../adapters/qq/wire/intents.js';
import { type Config, ConfigError, type ConfigSources, readConfig } from '../../config/config.js';
import type { FactOf } from '../../machines/vocabulary/facts/facts.js';
import { type Check, type CheckName, exitCodeOf, type Finding, maskOf, ok, skipped } from './check.js';
import { trySession } from './gatewaySession.js';
import { judgeJournal, judgePorts, judgeProblems } from './judgeLocal.js';
import {
  type Judgement,
  judgeApi,
  judgeClock,
  judgeGateway,
  judgeIntents,
  judgeToken,
  judgeWhitelist,
  SESSIONS_LOW,
} from './judgeQQ.js';
import { probePort } from './portProbe.js';
import { createQQCalls, type GatewayAnswer, type QQCalls } from './qqCalls.js';
import { type DoctorTexts, doctorTextsFor } from './texts.js';

export interface DoctorOptions {
  readonly sources: ConfigSources;
  /** Takes each line as soon as it is known. */
  readonly print: (line: string) => void;
  /** Time for each wait on the network; default 10,000 ms. */
  readonly deadlineMs?: number;
  /** Wall time, ms. */
  readonly now?: () => number;
}
export interface DoctorReport {
  /** Exit code of the program. */
  readonly code: number;
  /** Nothing failed; there may be warnings. */
  readonly ok: boolean;
  readonly checks: readonly Omit<Check, 'blame'>[];
}
/** Tells a check and remembers it. */
type Tell = (name: CheckName, finding: Finding) => void;

const DEADLINE_MS = 10_000;

/** Looks at everything that a bot needs and says what is wrong. Changes nothing; never rejects for what it finds. */
export async function runDoctor(options: DoctorOptions): Promise<DoctorReport> {
  const { sources, deadlineMs = DEADLINE_MS, now = Date.now } = options;
  const read = readOrProblems(sources);
  const locale = 'config' in read ? read.config.locale : read.locale;
  const texts = doctorTextsFor(locale);
  const secrets = ['config' in read ? read.config.credentials?.secret : null, sources.env.QQ_BOT_SECRET?.trim()];
  const mask = maskOf(secrets);
  const checks: Check[] = [];
  const tell: Tell = (name, { state, detail, fix, blame }) => {
    const check = { name, state, detail: mask(detail), fix: fix === null ? null : mask(fix), blame };
    checks.push(check);
    options.print(lineOf(check, texts));
  };

  if ('config' in read) await examine(read.config, texts, tell, { deadlineMs, now });
  else {
    const { configuration, credentials } = judgeProblems(read.problems, texts);
    tell('configuration', configuration);
    tell('credentials', credentials);
    for (const name of [...QQ_CHECKS, 'journal', 'ports'] as const) tell(name, skipped(texts.needsConfiguration));
  }
  const code = exitCodeOf(checks);
  const count = (state: Check['state']): number => checks.filter((check) => check.state === state).length;
  options.print(texts.summary(count('failed'), count('warning'), code));
  return { code, ok: count('failed') === 0, checks: checks.map(({ blame, ...check }) => check) };
}

interface Waits {
  readonly deadlineMs: number;
  readonly now: () => number;
}
const QQ_CHECKS = ['clock', 'token', 'whitelist', 'api', 'gateway', 'intents'] as const;

async function examine(config: Config, texts: DoctorTexts, tell: Tell, waits: Waits): Promise<void> {
  tell('configuration', ok(texts.configurationOk(config.world, config.sandbox)));
  const [journal, http, inspector] = await Promise.all([
    probeJournal(config.journalPath),
    probePort(config.http, waits.deadlineMs),
    probePort(config.inspector, waits.deadlineMs, false),
  ]);
  if (config.credentials) {
    tell('credentials', ok(texts.credentialsSet(config.credentials.appId)));
    await examineQQ(config, journal, { texts, locale: config.locale }, tell, waits);
  } else {
    tell('credentials', skipped(texts.demo));
    for (const name of QQ_CHECKS) tell(name, skipped(texts.needsCredentials));
  }
  tell('journal', judgeJournal(journal, http, config, texts));
  tell('ports', judgePorts({ http, inspector }, journal, config, texts));
}

/** What stands at an address, also of a kind that there is not. */
async function probeJournal(address: string): Promise<JournalFound> {
  try {
    return await storeOf(address).probe();
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    return { kind: 'unknown', code: error.code, held: false, bytes: 0 };
  }
}

async function examineQQ(
  config: Config,
  journal: JournalFound,
  judgement: Judgement,
  tell: Tell,
  waits: Waits,
): Promise<void> {
  const { texts } = judgement;
  const calls = createQQCalls({ config, ...waits });
  try {
    const token = await calls.fetchToken();
    tell('clock', judgeClock(calls.skewMs(), judgement));
    tell('token', judgeToken(token, waits.now(), config.tokenUrl, judgement));
    if (token.type === 'token.fetchFailed') {
      tell('whitelist', judgeWhitelist([token, null], judgement));
      for (const name of ['api', 'gateway', 'intents'] as const) tell(name, skipped(texts.needsToken));
      return;
    }
    const me = await calls.me();
    const api = judgeApi(me, config.apiUrl, judgement);
    tell('whitelist', judgeWhitelist([me], judgement));
    tell('api', api);
    if (api.state === 'failed') {
      for (const name of ['gateway', 'intents'] as const) tell(name, skipped(texts.needsApi));
      return;
    }
    const found = await calls.discover();
    tell('gateway', judgeGateway(found, config.options.gateway.url, config.apiUrl, judgement));
    tell('intents', await examineIntents(config, { calls, token, found, journal }, judgement, waits));
  } finally {
    await calls.close();
  }
}

interface Known {
  readonly calls: QQCalls;
  readonly token: FactOf<'token.fetched'>;
  readonly found: GatewayAnswer;
  readonly journal: JournalFound;
}

async function examineIntents(config: Config, known: Known, judgement: Judgement, waits: Waits): Promise<Finding> {
  const { texts } = judgement;
  const { calls, token, found, journal } = known;
  const { deadlineMs } = waits;
  const { gateway } = config.options;
  const names = namesOfIntents(gateway.intents);
  const discovered = found.type === 'gateway.discovered' ? found : null;
  const url = gateway.url ?? discovered?.url ?? null;
  const sessions = discovered?.sessionsRemaining ?? null;
  if (url === null) return skipped(texts.needsGateway);
  if (journal.held) return skipped(texts.intentsInUse(names));
  if (sessions !== null && sessions < SESSIONS_LOW) return skipped(texts.intentsSaved(names));
  const request = { url, intents: gateway.intents, tokens: calls.tokens, tokenRef: token.ref, deadlineMs };
  return judgeIntents(await trySession(request), url, gateway, deadlineMs, judgement);
}

function readOrProblems(
  sources: ConfigSources,
): { config: Config } | { problems: readonly string[]; locale: Config['locale'] } {
  try {
    return { config: readConfig(sources) };
  } catch (error) {
    if (error instanceof ConfigError) return { problems: error.problems, locale: error.locale };
    throw error;
  }
}

/** One line; a list of several problems has one line for each. */
function lineOf({ name, state, detail, fix }: Check, texts: DoctorTexts): string {
  const head = `${texts.states[state].padEnd(8)}${name.padEnd(14)}`;
  const [first = '', ...more] = detail.split('\n');
  const lines = [head + first, ...more.map((line) => `${' '.repeat(22)}${line}`)];
  return `${lines.join('\n')}${fix === null ? '' : ` → ${fix}`}`;
}
