import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { CRASH_POINTS } from '../../src/actors/step/crashPoints.js';
import { intentsOf } from '../../src/adapters/qq/wire/intents.js';
import { type Config, ConfigError, type ConfigSources, readConfig, redacted } from '../../src/config/config.js';
import { OptionSettings, optionDefaults } from '../../src/config/optionValues.js';
import { defaultOptions } from '../../src/machines/vocabulary/options/options.js';

const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => void rmSync(folder, { recursive: true, force: true })));

function read(
  env: { [name: string]: string },
  more: Partial<ConfigSources> & { files?: { [name: string]: string | Buffer } } = {},
): Config {
  const cwd = mkdtempSync(join(tmpdir(), 'kintsugi-config-'));
  folders.push(cwd);
  for (const [name, text] of Object.entries(more.files ?? {})) writeFileSync(join(cwd, name), text);
  return readConfig({ env, cwd, sets: [], isTTY: false, parseIntents: intentsOf, ...more });
}
function problemsOf(run: () => unknown): readonly string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}
const credentials = { QQ_BOT_APP_ID: 'app', QQ_BOT_SECRET: 'very-secret' };

describe('credentials', () => {
  test('none: the demo world', () => {
    expect(read({})).toMatchObject({
      world: 'demo',
      credentials: null,
      journalPath: expect.stringMatching(/^\/.*\/\.kintsugi\/demo\.db$/),
    });
  });
  test('[case J3] the journal is told by its whole path: the author’s code may go to another folder', () => {
    const journalAt = (env: { [name: string]: string }): string => read(env, { cwd: '/srv/bot' }).journalPath;
    expect(journalAt({})).toBe('/srv/bot/.kintsugi/demo.db');
    expect(journalAt({ KINTSUGI_JOURNAL: 'a/b.db' })).toBe('/srv/bot/a/b.db');
    expect(journalAt({ KINTSUGI_JOURNAL: '/var/b.db' })).toBe('/var/b.db');
    expect(journalAt({ KINTSUGI_JOURNAL: 'postgres://db/one' })).toBe('postgres://db/one');
  });
  test('both: QQ, by its own addresses', () => {
    expect(read(credentials)).toMatchObject({
      world: 'qq',
      credentials: { appId: 'app', secret: 'very-secret' },
      apiUrl: 'https://api.sgroup.qq.com',
      tokenUrl: 'https://bots.qq.com/app/getAppAccessToken',
      journalPath: expect.stringMatching(/^\/.*\/\.kintsugi\/bot\.db$/),
      http: { host: '127.0.0.1', port: 7070 },
      inspector: { host: '127.0.0.1', port: 7071 },
    });
  });
  test.each([
    [{ QQ_BOT_APP_ID: 'app' }, 'QQ_BOT_SECRET environment variable required'],
    [{ QQ_BOT_SECRET: 'x' }, 'QQ_BOT_APP_ID environment variable required'],
    [{ NODE_ENV: 'production' }, 'QQ_BOT_SECRET environment variable required'],
  ])('half of them, or none in production, is a problem: %j', (env, message) => {
    expect(problemsOf(() => read(env as { [name: string]: string }))[0]).toContain(message);
  });
  test('the sandbox has its own host', () => {
    expect(read({ ...credentials, QQ_BOT_SANDBOX: '1' })).toMatchObject({
      sandbox: true,
      apiUrl: 'https://sandbox.api.sgroup.qq.com',
    });
  });
  test('the secret is masked for printing', () => {
    expect(JSON.stringify(redacted(read(credentials)))).not.toContain('very-secret');
  });
});

describe('precedence', () => {
  test('--set over the environment over .env and file over defaults', () => {
    const files = {
      '.env': 'QQ_BOT_APP_ID=from-dotenv\nQQ_BOT_SECRET=s3cret\nKINTSUGI_LOCALE=zh',
      'kintsugi.config.json': '{"circuitBreaker":{"openMs":7,"failureThreshold":9},"locale":"en"}',
    };
    const config = read({ QQ_BOT_APP_ID: 'real' }, { files, sets: ['circuitBreaker.openMs=60000'] });
    expect(config.credentials?.appId).toBe('real');
    expect(config.locale).toBe('zh');
    expect(config.options.circuitBreaker).toMatchObject({
      openMs: 60_000,
      failureThreshold: 9,
      leaseMs: defaultOptions.circuitBreaker.leaseMs,
    });
  });
  test('without settings the options are the defaults, all of them', () => {
    expect(read({}).options).toEqual(defaultOptions);
    expect(optionDefaults.size).toBeGreaterThan(40);
  });
  test('the result is frozen to its leaves', () => {
    expect(Object.isFrozen(read({}).options.circuitBreaker.rampShares)).toBe(true);
  });
});

describe('values', () => {
  test('intents by number or by name', () => {
    expect(read({ QQ_BOT_INTENTS: '1107296257' }).options.gateway.intents).toBe(1107296257);
    expect(read({ QQ_BOT_INTENTS: 'GUILDS, DIRECT_MESSAGE' }).options.gateway.intents).toBe(4097);
  });
  test('HTTP: host and port, port alone, IPv6, off', () => {
    expect(read({ KINTSUGI_HTTP: '0.0.0.0:80' }).http).toEqual({ host: '0.0.0.0', port: 80 });
    expect(read({ KINTSUGI_HTTP: '0' }).http).toEqual({ host: '127.0.0.1', port: 0 });
    expect(read({ KINTSUGI_HTTP: '[::1]:80' }).http).toEqual({ host: '::1', port: 80 });
    expect(read({ KINTSUGI_HTTP: 'off' }).http).toBeNull();
    expect(read({ QQ_BOT_WEBHOOK: '0.0.0.0:8080/qq/push' })).toMatchObject({
      webhook: { host: '0.0.0.0', port: 8080, path: '/qq/push' },
      options: { gateway: { source: 'webhook' } },
    });
    expect(read({ QQ_BOT_WEBHOOK: '8080' }).webhook).toEqual({ host: '127.0.0.1', port: 8080, path: '/' });
    expect(read({}).webhook).toBeNull();
    expect([read({}).intentsAreSet, read({ QQ_BOT_INTENTS: '1' }).intentsAreSet]).toEqual([false, true]);
  });
  test('log levels: a default and parts', () => {
    expect(read({ LOG_LEVEL: 'warn,qq=debug' }).log).toEqual({ level: 'warn', parts: { qq: 'debug' }, format: 'json' });
  });
  test.each([
    [{ QQ_BOT_API_URL: 'not a url' }, 'QQ_BOT_API_URL is "not a url"'],
    [{ QQ_BOT_GATEWAY_URL: 'http://x' }, 'QQ_BOT_GATEWAY_URL is "http://x"'],
    [{ QQ_BOT_INTENTS: 'GILDS' }, 'intent "GILDS" is unknown'],
    [{ QQ_BOT_SECRT: 'x' }, 'QQ_BOT_SECRT: there is no such variable; did you mean QQ_BOT_SECRET?'],
    [
      { QQ_BOT_WEBHOOK: 'localhost' },
      'QQ_BOT_WEBHOOK is "localhost"; it must be host:port/path, such as 127.0.0.1:8080/qq',
    ],
    [{ QQ_BOT_WEBHOOK: '1:99999/x' }, 'QQ_BOT_WEBHOOK is "1:99999/x"'],
    [{ KINTSUGI_HTTP: 'localhost' }, 'KINTSUGI_HTTP is "localhost"'],
    [{ KINTSUGI_HTTP: '1:99999' }, 'KINTSUGI_HTTP is "1:99999"'],
    [{ KINTSUGI_LOCALE: 'fr' }, 'locale is "fr"; it must be one of en, zh'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL has "loud"'],
    [{ LOG_FORMAT: 'xml' }, 'LOG_FORMAT is "xml"'],
  ])('%j is told with name, value and fix', (env, message) => {
    expect(problemsOf(() => read(env as unknown as { [name: string]: string })).join('\n')).toContain(message);
  });
  test.each([
    ['circuitBreaker.opnMs=1', 'there is no option "circuitBreaker.opnMs"; did you mean "circuitBreaker.openMs"?'],
    ['circuitBreaker.openMs=-1', 'circuitBreaker.openMs is -1; it must be milliseconds'],
    ['circuitBreaker.openMs=soon', 'circuitBreaker.openMs is "soon"'],
    ['circuitBreaker.failureRate=2', 'it must be a share from 0 to 1'],
    ['circuitBreaker.failureThreshold=0', 'it must be a whole number from 1'],
    ['retry.jitter=some', 'it must be one of full, none'],
    ['gateway.url=http://x', 'gateway.url is "http://x"'],
    ['nonsense', 'write it as name=value'],
  ])('--set %s is told with the fix', (text, message) => {
    expect(problemsOf(() => read({}, { sets: [text] })).join('\n')).toContain(message);
  });
  test('all problems come at once', () => {
    expect(problemsOf(() => read({ QQ_BOT_APP_ID: 'a', LOG_LEVEL: 'loud' }, { sets: ['x=1'] }))).toHaveLength(3);
  });
  test('a config file that is no JSON object is told', () => {
    expect(problemsOf(() => read({}, { files: { 'kintsugi.config.json': '[1]' } }))[0]).toContain(
      'kintsugi.config.json: it must hold one object',
    );
    expect(problemsOf(() => read({}, { files: { 'kintsugi.config.json': '{' } }))[0]).toContain('kintsugi.config.json');
  });
});

describe('KINTSUGI_CRASH_AT', () => {
  test.each(['docs/CRASH.md', 'docs/CRASH.zh-CN.md'])('%s lists every point', (file) => {
    const listed = [...readFileSync(file, 'utf8').matchAll(/^\| `([\w.]+)` \|/gm)].map(([, name]) => name);
    expect(listed.filter((name) => name?.includes('.'))).toEqual(Object.keys(CRASH_POINTS));
  });
  test('a point, and the how-manieth time', () => {
    expect(read({}).crashAt).toBeNull();
    expect(read({ KINTSUGI_CRASH_AT: 'append.after' }).crashAt).toEqual({ point: 'append.after', time: 1 });
    expect(read({ KINTSUGI_CRASH_AT: 'act.before:17' }).crashAt).toEqual({ point: 'act.before', time: 17 });
  });
  test.each([
    [{ KINTSUGI_CRASH_AT: 'append.aftr' }, 'did you mean append.after?'],
    [{ KINTSUGI_CRASH_AT: 'append.after:0' }, 'how many times, from 1'],
    [{ KINTSUGI_CRASH_AT: 'append.after:x' }, 'how many times, from 1'],
    [{ KINTSUGI_CRASH_AT: 'append.after', NODE_ENV: 'production', ...credentials }, 'unset it in production'],
  ])('anything else, and anything in production, is a problem: %j', (env, message) => {
    const problems = problemsOf(() => read(env as { [name: string]: string }));
    expect(problems).toEqual([expect.stringContaining(message)]);
    expect(problems[0]).toContain(`KINTSUGI_CRASH_AT is "${env.KINTSUGI_CRASH_AT}"`);
  });
});

describe('KINTSUGI_LOCALE=zh', () => {
  const zh = { KINTSUGI_LOCALE: 'zh' };
  const WRONG: readonly { [name: string]: string }[] = [
    { QQ_BOT_APP_ID: 'app' },
    { QQ_BOT_SECRET: 'x' },
    { QQ_BOT_API_URL: 'not a url' },
    { QQ_BOT_INTENTS: 'GILDS' },
    { QQ_BOT_INTENTS: 'not,one' },
    { QQ_BOT_SECRT: 'x' },
    { QQ_BOT_NOTHING_LIKE_IT: 'x' },
    { QQ_BOT_WEBHOOK: 'localhost' },
    { KINTSUGI_HTTP: 'localhost' },
    { LOG_LEVEL: 'loud' },
    { LOG_FORMAT: 'xml' },
    { KINTSUGI_CRASH_AT: 'append.aftr' },
    { KINTSUGI_CRASH_AT: 'append.after:0' },
    { KINTSUGI_CRASH_AT: 'append.after', NODE_ENV: 'production', ...credentials },
  ];
  const files = { 'kintsugi.config.json': '[1]' };

  test.each(WRONG)('%j is told in Chinese, with the same name and value', (env) => {
    const english = problemsOf(() => read(env));
    const chinese = problemsOf(() => read({ ...env, ...zh }));
    expect(chinese).toHaveLength(english.length);
    for (const [i, problem] of chinese.entries()) {
      expect(problem).toMatch(/\p{Script=Han}/u);
      expect(english[i]).not.toMatch(/\p{Script=Han}/u);
      for (const value of Object.values(env).filter((value) => english[i]!.includes(`"${value}"`)))
        expect(problem).toContain(value);
      expect(problem).toContain(/^[A-Z_]+/.exec(english[i]!)![0]);
    }
  });
  test.each([...optionDefaults])('the default of %s may be set, and a value of another kind may not', (name, value) => {
    const problemsWith = (set: unknown): number => {
      const problems: unknown[] = [];
      new OptionSettings(problems as []).set(name, set, 'here');
      return problems.length;
    };
    const others = typeof value === 'boolean' ? [1, 'true'] : [true, {}];
    expect([value, ...(typeof value === 'boolean' ? [!value] : [])].map(problemsWith)).not.toContain(1);
    expect(others.map(problemsWith)).toEqual([1, 1]);
  });

  test.each([...optionDefaults.keys()])('a wrong %s is told in Chinese', (name) => {
    const set = { sets: [`${name}={}`, ...(name === 'locale' ? [] : ['locale=zh'])] };
    const [problem] = problemsOf(() => read(zh, set));
    expect(problem).toMatch(new RegExp(`--set：${name} 现在是 \\{\\}，必须是.*(\\p{Script=Han}|之一)`, 'u'));
  });
  test('however the language was set', () => {
    const wrong = ['nonsense'];
    for (const problems of [
      problemsOf(() => read({}, { sets: [...wrong, 'locale=zh'] })),
      problemsOf(() => read({}, { sets: wrong, files: { '.env': 'KINTSUGI_LOCALE=zh' } })),
      problemsOf(() => read({}, { sets: wrong, files: { 'kintsugi.config.json': '{"locale":"zh"}' } })),
    ])
      expect(problems).toEqual(['--set nonsense：请写成 名称=值，例如 --set circuitBreaker.openMs=60000']);
    expect(problemsOf(() => read(zh, { files }))).toEqual(['kintsugi.config.json：内容必须是一个 JSON 对象']);
    expect(problemsOf(() => read(zh, { sets: ['preset=exmple', 'circuitBreaker.opnMs=1'] }))).toEqual([
      '--set：preset 现在是 "exmple"，必须是 default 或 example',
      '--set：没有名为 "circuitBreaker.opnMs" 的选项；是否想写 "circuitBreaker.openMs"？',
    ]);
  });
});

describe('files as people save them', () => {
  const saved: [string, (text: string) => Buffer][] = [
    ['plain', (text) => Buffer.from(text)],
    ['a byte order mark', (text) => Buffer.from(`\ufeff${text}`)],
    ['a byte order mark and CRLF', (text) => Buffer.from(`\ufeff${text.replaceAll('\n', '\r\n')}`)],
    ['UTF-16', (text) => Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16, big end first', (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
  ];
  test.each(saved)('[case E1] .env and kintsugi.config.json with %s', (_name, save) => {
    const env = 'QQ_BOT_APP_ID=app\nexport QQ_BOT_SECRET="very-secret"\nKINTSUGI_JOURNAL=\'my bot.db\'\n';
    const config = read(
      {},
      { files: { '.env': save(env), 'kintsugi.config.json': save('{\n"circuitBreaker": {"openMs": 61000}\n}') } },
    );
    expect(config).toMatchObject({ credentials: { appId: 'app', secret: 'very-secret' } });
    expect(config.journalPath).toMatch(/\/my bot\.db$/);
    expect(config.options.circuitBreaker.openMs).toBe(61_000);
  });
});
