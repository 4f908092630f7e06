import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import Database from 'libsql';
import { APPLICATION_ID, FORMAT_VERSION } from '../../src/adapters/journal/sqlite/sqliteFile.js';
import { openSqliteJournal } from '../../src/adapters/journal/sqlite/sqliteJournal.js';
import { intentsOf } from '../../src/adapters/qq/wire/intents.js';
import { type CheckName, exitCodeOf, failed, maskOf, ok } from '../../src/cli/doctor/check.js';
import { type DoctorReport, runDoctor } from '../../src/cli/doctor/runDoctor.js';
import { doctorTextsFor } from '../../src/cli/doctor/texts.js';
import { BASE_INTENTS } from '../../src/machines/vocabulary/options/rows.js';
import { createSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/createSimulator.js';
import { closeRigs, startRig } from '../e2e/rig.js';

const SECRET = 'a-secret-0123456789';
const credentials = { appId: 'app', secret: SECRET };
const open: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
  await closeRigs();
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'kintsugi-doctor-'));
  open.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
async function simulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const started = await createSimulator({ credentials, ...options });
  open.push(() => started.close());
  return started;
}
async function listen(listener: RequestListener): Promise<{ server: Server; port: number; url: string }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as { port: number };
  return { server, port, url: `http://127.0.0.1:${port}` };
}
/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const { server, port } = await listen(() => undefined);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
function envOf(url: string, more: Record<string, string> = {}): Record<string, string> {
  return {
    QQ_BOT_APP_ID: 'app',
    QQ_BOT_SECRET: SECRET,
    QQ_BOT_API_URL: url,
    QQ_BOT_TOKEN_URL: `${url}/app/getAppAccessToken`,
    KINTSUGI_HTTP: 'off',
    ...more,
  };
}

type Told = DoctorReport & {
  readonly lines: readonly string[];
  check(name: CheckName): DoctorReport['checks'][number];
  /** Names of the checks in this state. */
  names(state: string): string[];
};
/** Runs the doctor in a folder of its own; whatever it finds, no secret may be in what it says. */
async function doctor(
  env: Record<string, string>,
  more: { cwd?: string; sets?: readonly string[]; deadlineMs?: number } = {},
): Promise<Told> {
  const { cwd = folder(), sets = [], ...rest } = more;
  const lines: string[] = [];
  const journal = join(cwd, 'bot.db');
  const sources = { env: { KINTSUGI_JOURNAL: journal, ...env }, cwd, sets, isTTY: false, parseIntents: intentsOf };
  const report = await runDoctor({ sources, print: (line) => lines.push(line), ...rest });
  const said = lines.join('\n') + JSON.stringify(report);
  expect(said).not.toContain(SECRET);
  expect(said).not.toMatch(/[0-9a-f]{64}|QQBot /); // the simulator's access tokens
  return {
    ...report,
    lines,
    check: (name) => report.checks.find((check) => check.name === name)!,
    names: (state) => report.checks.filter((check) => check.state === state).map((check) => check.name),
  };
}

describe('all is well', () => {
  test('every check is ok, the exit code is 0, one session was opened and closed, no file was made', async () => {
    const qq = await simulator();
    const cwd = folder();
    const told = await doctor(envOf(qq.url, { KINTSUGI_HTTP: '127.0.0.1:0' }), { cwd });
    expect([told.code, told.ok, told.names('ok').length]).toEqual([0, true, 10]);
    expect(told.lines).toHaveLength(11);
    expect(told.check('api').detail).toContain('"kintsugi"');
    expect(told.check('gateway').detail).toContain('100000 sessions remaining');
    expect(told.check('intents').detail).toContain('GUILDS, DIRECT_MESSAGE, PUBLIC_GUILD_MESSAGES');
    expect([qq.state().identifies, readdirSync(cwd)]).toEqual([1, []]);
  });

  test('without credentials: the demo world is announced, QQ is skipped', async () => {
    const told = await doctor({ KINTSUGI_HTTP: 'off' });
    expect([told.code, told.ok]).toEqual([0, true]);
    expect(told.check('credentials').detail).toContain('npm start would run the demo world');
    expect(told.names('ok')).toEqual(['configuration', 'journal']);
  });

  test('a running bot: its port and its journal are in use by it, and no second session is opened', async () => {
    const rig = await startRig();
    const env = envOf(rig.simulator.url, {
      QQ_BOT_APP_ID: 'test-app',
      KINTSUGI_JOURNAL: rig.journalPath,
      KINTSUGI_HTTP: new URL(rig.bot.url!).host,
    });
    const told = await doctor(env);
    expect([told.code, told.check('journal').state, told.check('intents').state]).toEqual([0, 'ok', 'skipped']);
    expect(told.check('ports').detail).toMatch(/the bot is running at 127\.0\.0\.1:\d+: version/);
    expect(told.check('journal').detail).toMatch(/\d+\.\d kB; in use by the running bot/);
    expect(rig.simulator.state().identifies).toBe(1);

    const elsewhere = await doctor({ ...env, KINTSUGI_JOURNAL: join(folder(), 'bot.db') });
    expect([elsewhere.code, elsewhere.check('ports').state]).toEqual([75, 'failed']);
    expect(elsewhere.check('ports').detail).toContain('another Kintsugi bot');
    const unknown = await doctor({ ...env, KINTSUGI_HTTP: 'off' });
    expect([unknown.code, unknown.check('journal').state]).toEqual([0, 'warning']);
  });
});

describe('configuration', () => {
  test('every problem has a line; half the credentials are told as credentials; 78', async () => {
    const told = await doctor({ QQ_BOT_SECRET: SECRET, LOG_FORMAT: 'loud' }, { sets: ['circuitBreaker.opnMs=1', 'x'] });
    expect([told.code, told.names('failed')]).toEqual([78, ['configuration', 'credentials']]);
    expect(told.check('configuration').detail.split('\n')).toHaveLength(3);
    expect(told.check('credentials').detail).toBe('missing: QQ_BOT_APP_ID');
    expect((await doctor({ QQ_BOT_APP_ID: 'app' })).check('configuration').state).toBe('ok');
  });

  test('the configuration wins over QQ, QQ over what is in use', () => {
    const [configuration, refused, unavailable] = (['configuration', 'refused', 'unavailable'] as const).map((blame) =>
      failed(blame, '', ''),
    );
    expect(exitCodeOf([ok('')])).toBe(0);
    expect(exitCodeOf([unavailable!])).toBe(75);
    expect(exitCodeOf([unavailable!, refused!])).toBe(77);
    expect(exitCodeOf([unavailable!, refused!, configuration!])).toBe(78);
  });

  test('a secret is masked wherever it stands, a short word is not', () => {
    expect(maskOf([SECRET, null, 'bot'])(`bot ${SECRET}, ${SECRET}`)).toBe('bot ***, ***');
  });
});

describe('QQ refuses: 77', () => {
  test.each([
    ['a wrong secret', { QQ_BOT_SECRET: 'another-secret' }, '100016', 'QQ_BOT_SECRET'],
    ['an unknown app id', { QQ_BOT_APP_ID: 'nobody' }, '100007', 'QQ_BOT_APP_ID'],
  ])('%s', async (_what, wrong, code, variable) => {
    const qq = await simulator();
    const told = await doctor(envOf(qq.url, wrong as unknown as Record<string, string>));
    expect([told.code, told.ok, told.names('failed')]).toEqual([77, false, ['token']]);
    expect(told.check('token').detail).toContain(code);
    expect(told.check('token').fix).toContain(variable);
    expect(told.names('skipped')).toEqual(['whitelist', 'api', 'gateway', 'intents', 'ports']);
    expect(JSON.stringify(told)).not.toContain('another-secret');
  });

  test.each([
    ['the token endpoint', 'getAppAccessToken', 'token'],
    ['the API', '/users/@me', 'api'],
  ] as const)('%s does not know our address: 11298', async (_what, route, name) => {
    const qq = await simulator();
    qq.addFault({ kind: 'errors', route, status: 401, code: 11298 });
    const told = await doctor(envOf(qq.url));
    expect(told.code).toBe(77);
    expect(new Set(told.names('failed'))).toEqual(new Set([name, 'whitelist']));
    expect([told.check(name).fix, told.check('whitelist').fix]).toEqual([
      'see whitelist',
      expect.stringContaining('IP whitelist'),
    ]);
  });

  test('an intent: 4014 names what to apply for, and what stays', async () => {
    const qq = await simulator({ permittedIntents: BASE_INTENTS });
    const told = await doctor(envOf(qq.url, { QQ_BOT_INTENTS: 'GUILDS,GUILD_MESSAGES,FORUMS_EVENT' }));
    expect([told.code, told.names('failed')]).toEqual([77, ['intents']]);
    expect(told.check('intents').fix).toMatch(
      /^Apply for: GUILD_MESSAGES, FORUMS_EVENT; until then .*PUBLIC_GUILD_MESSAGES only/,
    );
  });

  test('in Chinese', async () => {
    const qq = await simulator();
    const told = await doctor(envOf(qq.url, { QQ_BOT_SECRET: 'another-secret', KINTSUGI_LOCALE: 'zh' }));
    expect(told.lines.find((line) => line.includes('token'))).toMatch(/时间/);
    expect(told.check('token').fix).toContain('AppID 与 AppSecret 不匹配');
    expect(told.lines.at(-1)).toBe('1 项失败，0 项警告；退出码 77。');
    const unread = await doctor({ KINTSUGI_LOCALE: 'zh', QQ_BOT_APP_ID: 'app' });
    expect(unread.check('credentials').detail).toBe('缺少：QQ_BOT_SECRET');
  });
});

describe('not reachable, or in use: 75', () => {
  test('a closed port: of the API, of everything, of the gateway', async () => {
    const qq = await simulator();
    const closed = `http://127.0.0.1:${await closedPort()}`;
    const api = await doctor(envOf(qq.url, { QQ_BOT_API_URL: closed }));
    expect([api.code, api.names('failed')]).toEqual([75, ['api']]);
    expect(api.check('api').detail).toContain('ECONNREFUSED');
    expect(api.check('whitelist').state).toBe('skipped');
    const all = await doctor(envOf(closed));
    expect([all.code, all.names('failed'), all.check('clock').state]).toEqual([75, ['token'], 'skipped']);
    const gateway = await doctor(envOf(qq.url, { QQ_BOT_GATEWAY_URL: closed.replace('http', 'ws') }));
    expect([gateway.code, gateway.names('failed')]).toEqual([75, ['intents']]);
    expect(gateway.check('gateway').detail).toContain('set by QQ_BOT_GATEWAY_URL');
  });

  test('no answer in time: of the API, and of the gateway', async () => {
    const qq = await simulator();
    const fault = qq.addFault({ kind: 'hang', route: '/users/@me' });
    const api = await doctor(envOf(qq.url), { deadlineMs: 100 });
    expect([api.code, api.names('failed'), fault.struck]).toEqual([75, ['api'], 1]);
    qq.clearFaults();
    const mute = await listen(() => undefined);
    const gateway = await doctor(envOf(qq.url, { QQ_BOT_GATEWAY_URL: mute.url.replace('http', 'ws') }), {
      deadlineMs: 100,
    });
    expect([gateway.code, gateway.names('failed')]).toEqual([75, ['intents']]);
  });

  test('something that is not QQ answers', async () => {
    const qq = await simulator();
    const page = await listen((_request, response) => void response.end('<html>hello</html>'));
    const told = await doctor(envOf(qq.url, { QQ_BOT_API_URL: page.url }));
    expect([told.code, told.check('api').detail]).toEqual([75, expect.stringContaining('NOT_JSON')]);
  });

  test('a journal that another process holds: no session is opened', async () => {
    const qq = await simulator();
    const cwd = folder();
    const journal = await openSqliteJournal({ path: join(cwd, 'bot.db') });
    open.push(() => journal.close());
    const told = await doctor(envOf(qq.url, { KINTSUGI_HTTP: '127.0.0.1:0' }), { cwd });
    expect([told.code, told.names('failed'), told.check('intents').state]).toEqual([75, ['journal'], 'skipped']);
    expect(told.check('journal').detail).toContain('is held by another process');
    expect(qq.state().identifies).toBe(0);
  });

  test("the inspector's port: taken, unusable, or the bot's own is a warning; with the inspector off nobody asks", async () => {
    const qq = await simulator();
    const taken = await listen(() => undefined);
    const free = await closedPort();
    const said = async (inspector: string, http = 'off') => {
      const told = await doctor(envOf(qq.url, { KINTSUGI_HTTP: http, KINTSUGI_INSPECTOR: inspector }));
      const { state, detail, fix } = told.check('ports');
      return [told.code, state, detail, fix];
    };
    const fix = 'set KINTSUGI_INSPECTOR to another host:port, or to off';
    expect(await said(`127.0.0.1:${taken.port}`)).toEqual([
      0,
      'warning',
      `KINTSUGI_HTTP is off; there would be no inspector: 127.0.0.1:${taken.port} is in use by another program`,
      fix,
    ]);
    expect(await said('192.0.2.1:80')).toEqual([0, 'warning', expect.stringContaining('cannot be listened on'), fix]);
    expect(await said(`127.0.0.1:${free}`, `127.0.0.1:${free}`)).toEqual([
      0,
      'warning',
      `127.0.0.1:${free} is free; there would be no inspector: its address is the bot's own`,
      fix,
    ]);
    const [code, state, detail] = await said('127.0.0.1:0', '127.0.0.1:0');
    expect([code, state, detail]).toEqual([0, 'ok', "127.0.0.1:0 is free; the inspector's 127.0.0.1:0 is free"]);
    expect(await said('off')).toEqual([0, 'skipped', 'KINTSUGI_HTTP is off', null]);
  });
  test('a port in use by another program', async () => {
    const qq = await simulator();
    const taken = await listen((_request, response) => void response.writeHead(404).end());
    const told = await doctor(envOf(qq.url, { KINTSUGI_HTTP: `127.0.0.1:${taken.port}` }));
    expect([told.code, told.names('failed')]).toEqual([75, ['ports']]);
    expect(told.check('ports').detail).toContain('another program');
  });
});

describe('warnings: 0', () => {
  test('a clock two minutes off, few sessions: told, and none of them is spent', async () => {
    const date = new Date(Date.now() - 120_000).toUTCString();
    const qq = await listen((request, response) => {
      response.setHeader('date', date);
      const bodies: { [path: string]: object } = {
        '/app/getAppAccessToken': { access_token: 'token', expires_in: '7200' },
        '/users/@me': { id: '1', username: 'late' },
        '/gateway/bot': { url: 'ws://127.0.0.1:1/', shards: 1, session_start_limit: { remaining: 3 } },
      };
      response.end(JSON.stringify(bodies[request.url ?? ''] ?? {}));
    });
    const told = await doctor(envOf(qq.url));
    expect([told.code, told.ok, told.names('warning')]).toEqual([0, true, ['clock', 'gateway']]);
    expect(told.check('clock').detail).toMatch(/^1(19|20|21) s ahead of the token endpoint$/);
    expect(told.check('intents').state).toBe('skipped');
  });

  test('a token that is over when it comes', async () => {
    const qq = await simulator({ tokenLifeMs: 500 });
    expect((await doctor(envOf(qq.url))).check('token').state).toBe('warning');
  });
});

describe('the journal', () => {
  test.each([
    ['en', 'there is no journal of the kind postgres://', 'set KINTSUGI_JOURNAL to the path of a file'],
    ['zh', '没有 postgres:// 这种日志', '请把 KINTSUGI_JOURNAL 设为文件的路径'],
  ])('of a kind that there is not, told in %s, its address untold', async (locale, detail, fix) => {
    const address = 'postgres://bot:hidden@db/one';
    const env = { KINTSUGI_HTTP: 'off', KINTSUGI_JOURNAL: address, KINTSUGI_LOCALE: locale };
    const told = await doctor(env);
    expect([told.code, told.check('journal')]).toMatchObject([78, { state: 'failed', detail, fix }]);
    expect(told.lines.join('\n')).not.toContain('hidden');
  });

  const look = async (cwd: string, path = join(cwd, 'bot.db')) => {
    const told = await doctor({ KINTSUGI_HTTP: 'off', KINTSUGI_JOURNAL: path }, { cwd });
    return [told.code, told.check('journal').state, told.check('journal').detail.replaceAll(cwd, '.')];
  };
  test('ours, as a kill leaves it: its first page is in the write-ahead log alone', async () => {
    const [cwd, copy] = [folder(), folder()];
    const journal = await openSqliteJournal({ path: join(cwd, 'bot.db') });
    for (const name of readdirSync(cwd)) copyFileSync(join(cwd, name), join(copy, name));
    await journal.close();
    expect(readFileSync(join(copy, 'bot.db')).readUInt32BE(68)).toBe(0);
    expect(await look(copy)).toEqual([0, 'ok', expect.stringMatching(/kB$/)]);
  });
  test('ours, closed; looking changes no file', async () => {
    const cwd = folder();
    await (await openSqliteJournal({ path: join(cwd, 'bot.db') })).close();
    const before = readdirSync(cwd);
    expect(await look(cwd)).toEqual([0, 'ok', expect.stringMatching(/kB$/)]);
    expect(readdirSync(cwd)).toEqual(before);
  });
  test('a new one: its folder is not made', async () => {
    const cwd = folder();
    expect((await look(cwd, join(cwd, 'a', 'b', 'bot.db')))[1]).toBe('ok');
    expect(readdirSync(cwd)).toEqual([]);
  });
  test.each<[string, (path: string) => void, string]>([
    ['a text', (path) => writeFileSync(path, 'no journal '.repeat(20)), './bot.db is not a Kintsugi journal'],
    ['a short text', (path) => writeFileSync(path, 'no'), './bot.db is not a Kintsugi journal'],
    ['another database', (path) => sql(path, 'CREATE TABLE t (a)'), './bot.db is not a Kintsugi journal'],
    ['of another program', (path) => sql(path, 'PRAGMA application_id = 7'), './bot.db is not a Kintsugi journal'],
    [
      'a newer one',
      (path) => sql(path, `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${FORMAT_VERSION + 1}`),
      './bot.db was written by a newer version',
    ],
    ['a folder', (path) => mkdirSync(path), './bot.db cannot be written by this user (EISDIR)'],
  ])('%s: 78', async (_what, make, detail) => {
    const cwd = folder();
    make(join(cwd, 'bot.db'));
    expect(await look(cwd)).toEqual([78, 'failed', detail]);
  });
  test('a file where its folder should be: 78', async () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'a'), '');
    expect(await look(cwd, join(cwd, 'a', 'bot.db'))).toEqual([78, 'failed', expect.stringContaining('ENOTDIR')]);
  });
});

function sql(path: string, text: string): void {
  const db = new Database(path);
  db.exec(text);
  db.close();
}

test('both languages say something everywhere', () => {
  const [en, zh] = [doctorTextsFor('en'), doctorTextsFor('zh')] as unknown as { [name: string]: unknown }[];
  expect(Object.keys(zh!)).toEqual(Object.keys(en!));
  const same = Object.keys(en!).filter((name) => en![name] === zh![name] || en![name] === '');
  expect(same).toEqual([]);
});

describe('the program', () => {
  const run = (
    args: readonly string[],
    env: Record<string, string>,
    hasReader = true,
  ): Promise<{ code: number | null; out: string }> => {
    const script = join(process.cwd(), 'src', 'cli', 'doctor.ts');
    const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), script, ...args], {
      cwd: folder(),
      env: { PATH: process.env.PATH ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data) => {
        out += String(data);
      });
    }
    if (!hasReader) child.stdout.destroy();
    return new Promise((resolve) => child.on('close', (code) => resolve({ code, out })));
  };
  test('a reader that goes away (head) changes nothing of the exit code, and is no error', async () => {
    const qq = await simulator();
    expect(await run([], envOf(qq.url), false)).toEqual({ code: 0, out: '' });
    expect(await run([], { ...envOf(qq.url), QQ_BOT_SECRET: 'wrong' }, false)).toEqual({ code: 77, out: '' });
  });
  test('--json ends with one object; the exit codes are those of the report', async () => {
    const qq = await simulator();
    const well = await run(['--json'], envOf(qq.url));
    const report = JSON.parse(well.out.trim().split('\n').at(-1) as string) as DoctorReport;
    expect([well.code, Object.keys(report), report.ok, report.checks.length]).toEqual([0, ['ok', 'checks'], true, 10]);
    expect(Object.keys(report.checks[0]!)).toEqual(['name', 'state', 'detail', 'fix']);
    expect(well.out).not.toContain(SECRET);
    expect((await run(['--set', 'nonsense'], envOf(qq.url))).code).toBe(78);
    expect((await run(['--nonsense'], {})).code).toBe(64);
  });
});
