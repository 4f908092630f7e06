import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';
import type { AnyStateMachine } from 'xstate';
import { chartTable } from '../src/actors/charts/chartTable.js';
import { folderOf } from '../src/actors/charts/inertScope.js';
import { renderOptions } from '../src/cli/pages/options.js';
import { renderSpec } from '../src/cli/pages/spec.js';
import { CARDS } from '../src/machines/cards.js';

/** House rules that matter are executable. */
const ROOT = process.cwd();
function files(folder: string, ending = '.ts'): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
}
function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}
/** Code without comments and strings' contents are not parsed: comments alone are taken out. */
function code(file: string): string {
  return read(file)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '');
}
function importsOf(file: string): string[] {
  return [...code(file).matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^'\n]+)'/g)].map((match) => match[1]!);
}
function target(file: string, specifier: string): string {
  return specifier.startsWith('.') ? join(file, '..', specifier).replaceAll('\\', '/') : specifier;
}

describe('who may import whom', () => {
  const allowed: { [folder: string]: RegExp } = {
    'src/machines': /^(xstate|immer|src\/machines\/|src\/base\/limit\.js)/,
    'src/actors': /^(xstate|src\/(machines|actors)\/|src\/base\/(thrown|forgetting)\.js)/,
    'src/adapters':
      /^(?!src\/(bot|index|config|cli|simulator)\b)(?!src\/machines\/\w+\/chart\.js)(?!src\/actors\/(?!ports|journalStore|step\/state|step\/reading|system\/actorSystem|step\/crashPoints|wiring\/rows))/,
    'src/simulator': /^(?!src\/(?!simulator\/|base\/))/,
    'src/testing': /^(?!src\/(?!testing|actors|machines|adapters\/(?:journal|process))\w)/,
  };
  for (const [folder, pattern] of Object.entries(allowed)) {
    test(`${folder} imports only what it may`, () => {
      const wrong = files(folder).flatMap((file) =>
        importsOf(file)
          .map((specifier) => target(file, specifier))
          .filter((to) => !pattern.test(to))
          .map((to) => `${file} imports ${to}`),
      );
      expect(wrong).toEqual([]);
    });
  }
});

/** Each imports only what stands before it; docs/ARCHITECTURE.md has the same order. */
const FLOORS = ['base', 'machines', 'actors', 'adapters', 'config', 'bot', 'simulator', 'testing', 'cli'];

describe('imports go one way', () => {
  test('from floor to floor downwards, as ARCHITECTURE says', () => {
    const floorOf = (file: string): number => FLOORS.indexOf(file.split('/')[1]!);
    const wrong = FLOORS.flatMap((folder) => files(`src/${folder}`)).flatMap((file) =>
      importsOf(file)
        .map((specifier) => target(file, specifier))
        .filter((to) => to.startsWith('src/') && floorOf(to) > floorOf(file))
        .map((to) => `${file} imports ${to}`),
    );
    expect(wrong).toEqual([]);
    const told = [...read('docs/ARCHITECTURE.md').matchAll(/^\| `src\/(\w+)` \|/gm)].map(([, folder]) => folder);
    expect(told).toEqual(FLOORS);
  });
  const all = ['src', 'visualizations/src', 'conformance/src'].flatMap((folder) => files(folder));
  const known = new Set(all);
  const uses = new Map(
    all.map((file) => {
      const to = importsOf(file).map((specifier) => target(file, specifier).replace(/\.js$/, '.ts'));
      return [file, to.filter((name) => known.has(name))] as const;
    }),
  );
  test('there is no circle, types included', () => {
    expect(circles(uses)).toEqual([]);
  });
  test('only commands import what tests are made with', () => {
    const wrong = files('src').filter(
      (file) =>
        !/^src\/(testing|cli)\//.test(file) &&
        importsOf(file).some((to) => target(file, to).startsWith('src/testing/')),
    );
    expect(wrong).toEqual([]);
  });
  test('nothing in src imports visualizations', () => {
    const wrong = [...uses].filter(
      ([file, to]) => file.startsWith('src/') && to.some((name) => !name.startsWith('src/')),
    );
    expect(wrong).toEqual([]);
  });
  test("a machine's folder imports no other machine's", () => {
    const room = (file: string): string => file.split('/')[2]!;
    const shared = new Set(['vocabulary', 'kit']);
    const wrong = [...uses].flatMap(([file, to]) =>
      /^src\/machines\/\w+\//.test(file)
        ? to
            .filter((name) => name.startsWith('src/machines/') && room(name) !== room(file) && !shared.has(room(name)))
            .map((name) => `${file} imports ${name}`)
        : [],
    );
    expect(wrong).toEqual([]);
  });
});

/** Each circle once: the files on it, from the one that was met first. */
function circles(uses: ReadonlyMap<string, readonly string[]>): string[] {
  const state = new Map<string, 'open' | 'done'>();
  const found: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      found.push([...path.slice(path.indexOf(file)), file].join(' > '));
      return;
    }
    state.set(file, 'open');
    for (const next of uses.get(file) ?? []) visit(next, [...path, file]);
    state.set(file, 'done');
  };
  for (const file of uses.keys()) visit(file, []);
  return found;
}

const JOURNALS = /^src\/adapters\/journal\//;

describe('what may not be called', () => {
  const PURE =
    /\b(Date\.now|new Date\(|Math\.random|performance\.|process\.(?!exit'|sampled')|setTimeout|setInterval|setImmediate|queueMicrotask|crypto\.|nanoid|fetch\(|console\.|structuredClone)/;
  const POLICY = /\b(setTimeout|setInterval)\b/;
  test('machines and actors read no clock, no randomness and no environment', () => {
    const wrong = [...files('src/machines'), ...files('src/actors')].filter((file) => PURE.test(code(file)));
    expect(wrong).toEqual([]);
  });
  test('[case A4] machines keep what others have named by `ByKey`, never in an object that is read by `[key]`', () => {
    const wrong = files('src/machines').filter(
      (file) =>
        !/^src\/machines\/(vocabulary\/|kit\/byKey\.ts|cards\.ts)|card\.ts/.test(file) &&
        /Record<string,|\[\w+: string\]:/.test(code(file)),
    );
    expect(wrong).toEqual([]);
  });
  test('machines read their events by `heard`, `bearing` and `said`, never by a cast', () => {
    const wrong = files('src/machines').filter((file) => /\bevent as\b/.test(code(file)));
    expect(wrong).toEqual([]);
  });
  test('contexts of actors are read by `contextOf`, by machine, never by a cast', () => {
    const CAST = /\bcontext( \?\? \{[^}]*\}\))? as (?!const|never|Tree\b)|\bas \w+Context\b/;
    const wrong = files('src').filter(
      (file) => !/^src\/(machines|actors\/charts)\//.test(file) && CAST.test(code(file)),
    );
    expect(wrong).toEqual([
      'src/actors/fold/checkpoint.ts', // as it is stored, before it is checked
      'src/actors/step/reading.ts', // `contextOf`
    ]);
  });
  test('timers are in the clock adapter only', () => {
    const wrong = files('src/adapters').filter((file) => !file.endsWith('/systemClock.ts') && POLICY.test(code(file)));
    expect(wrong).toEqual([]);
  });
  test('adapters decide nothing: no close-code policy, no retry', () => {
    const wrong = files('src/adapters').filter((file) => /closePolicyOf|backOff|\bretry\(|new Retry/.test(code(file)));
    expect(wrong).toEqual([]);
  });
  test('the environment is read in src/config only', () => {
    const wrong = files('src').filter((file) => !/^src\/(config|cli\/)/.test(file) && /process\.env/.test(code(file)));
    expect(wrong).toEqual([]);
  });
  test('[case J1] the files of a journal are opened in its adapter only', () => {
    // Whoever closes such a file drops every lock that its process has on it.
    const outside = files('src').filter((file) => !file.startsWith('src/adapters/journal/'));
    const looking = [...outside, ...files('visualizations/src')];
    expect(looking.filter((file) => importsOf(file).includes('libsql'))).toEqual([]);
    const OPENS =
      /import \{[^}]*\b(openSync|open|createReadStream|createWriteStream|readFileSync|readFile|copyFileSync|copyFile)\b[^}]*\} from 'node:fs/;
    const opening = outside.filter(
      (file) => OPENS.test(code(file)) || /import (\* as )?\w+ from 'node:fs/.test(code(file)),
    );
    const own = [
      'src/adapters/operator/http/operatorToken.ts', // the operator's token
      'src/adapters/process/logOutput.ts', // the standard output, where the log goes
      'src/adapters/qq/calls/pictures.ts', // the author's pictures
      'src/base/version.ts', // package.json
      'src/base/readText.ts', // .env and the file of the configuration
    ];
    const commands = [
      'src/cli/pages/behaviour.ts',
      'src/cli/journal/transfer.ts', // exports
      'src/cli/pages/simulatorPage.ts',
      'src/cli/pages/spec.ts',
    ];
    expect([...opening].sort()).toEqual([...own, ...commands].sort());
  });
  test("what is SQLite's own is known in src/adapters/journal only: others know the two ports, and these doors", () => {
    const DOORS = /\/(storeOf|exportedStore|exportJournal|memoryJournal|recordShape|journalLimits)\.js$/;
    const outside = ['src', 'visualizations/src']
      .flatMap((folder) => files(folder))
      .filter((file) => !JOURNALS.test(file));
    const wrong = outside.flatMap((file) =>
      importsOf(file)
        .map((specifier) => target(file, specifier))
        .filter((to) => JOURNALS.test(to) && !DOORS.test(to))
        .map((to) => `${file} imports ${to}`),
    );
    expect(wrong).toEqual([]);
    const knowing = outside.filter((file) => /sqlite/i.test(code(file)));
    expect(knowing).toEqual([]);
  });
  test('[case W4] one module unpacks, each time up to a maximum; no WebSocket does', () => {
    const all = ['src', 'visualizations/src', 'examples'].flatMap((folder) => files(folder));
    const page = files('visualizations/page/src').concat(files('visualizations/page/src', '.tsx'));
    const UNPACKS =
      /\b(gunzip|unzip|inflate|inflateRaw|brotliDecompress|zstdDecompress|create(Gunzip|Unzip|Inflate|Brotli|Zstd)\w*)(Sync)?\b/;
    const ANSWERS = /\.(text|json|arrayBuffer|blob|bytes|formData)\(\)/;
    const elsewhere = all.filter((file) => file !== 'src/base/unpack.ts');
    expect(elsewhere.filter((file) => UNPACKS.test(code(file)) || ANSWERS.test(code(file)))).toEqual([]);
    expect(code('src/base/unpack.ts').match(/maxOutputLength/g)).toHaveLength(2);
    const streams = /DecompressionStream|permessage-deflate|interceptors\.decompress/;
    expect([...all, ...page].filter((file) => streams.test(code(file)))).toEqual([]);
    const OPENS = /new WebSocket(?:Server)?\(|register\(websocket\b/g;
    const DOES_NOT = /perMessageDeflate: false|\.\.\.WEB_SOCKETS\b/g;
    const open = all.filter((file) => OPENS.test(code(file)) && file !== 'visualizations/src/bridges/attachPage.ts'); // a browser's
    expect(open.length).toBeGreaterThanOrEqual(5);
    for (const file of open)
      expect([file, code(file).match(DOES_NOT)?.length]).toEqual([file, code(file).match(OPENS)?.length]);
  });
  test('[case W1] [case W2] every server is the guarded one, every WebSocket that it takes in is looked after', () => {
    const all = ['src', 'visualizations/src'].flatMap((folder) => files(folder));
    const SERVERS = /\b(createServer|createSecureServer|new (http\.|net\.|https\.)?Server)\(/;
    expect(all.filter((file) => SERVERS.test(code(file)))).toEqual([
      'src/cli/crash/company.ts', // the foreign API of the crash test, which keeps its callers waiting
      'src/cli/doctor/portProbe.ts', // looks whether a port is free, and accepts nobody
      'visualizations/src/server/createInspectionServer.ts', // never listens
    ]);
    const bare = all.filter((file) => /\bfastify\(/.test(code(file)) && !/\bserverFactory:/.test(code(file)));
    expect(bare).toEqual([]);
    const taking = all.filter((file) => /handleUpgrade\(|websocket: true/.test(code(file)));
    expect(taking.filter((file) => !/superviseWebSocket\(/.test(code(file)))).toEqual([
      'src/simulator/gateway/gatewayServer.ts', // speaks QQ's protocol, heartbeats and all
    ]);
  });
  test('[case W6] what is printed goes through one place, where nothing of it steers a terminal', () => {
    const all = ['src', 'visualizations/src'].flatMap((folder) => files(folder));
    const PRINTS = /\bprocess\.std(out|err)\.write\(|\bconsole\.\w+\(/;
    expect(all.filter((file) => PRINTS.test(code(file))).sort()).toEqual([
      'src/base/terminal.ts',
      'src/cli/journal/transfer.ts', // the export itself, as JSON
      'src/cli/words/progressBar.ts', // draws in its line
    ]);
  });
  test("XState's insides are known in src/actors/charts only, and its version is pinned", () => {
    const INSIDES =
      /\b_nodes\b|\b_transitions\b|_sendInspectionEvent|actionExecutor|\.resolveState\(|\.getInitialSnapshot\(|'xstate\.(?!ts)|\.implementations\b/;
    const wrong = files('src').filter((file) => !file.startsWith('src/actors/charts/') && INSIDES.test(code(file)));
    expect(wrong).toEqual([]);
    expect(JSON.parse(read('package.json')).dependencies.xstate).toMatch(/^\d/);
  });
  test('machines and actors invoke and spawn nothing', () => {
    const wrong = files('src/machines').filter((file) =>
      /\b(invoke|spawnChild|fromPromise|fromCallback|sendTo|sendParent)\b/.test(code(file)),
    );
    expect(wrong).toEqual([]);
  });
});

test('[core 11] immer changes what nests, off the path of a message that goes well', () => {
  const users = files('src').filter((file) => importsOf(file).includes('immer'));
  expect(users).toEqual(['src/machines/intake/deadLetters.ts']);
  expect(code('src/machines/intake/deadLetters.ts').match(/\bproduce\(/g)).toHaveLength(1); // an operator's hand on the dead letters
});

test('[core 38] what keeps the newest thousands gives the oldest up many at a time', () => {
  const FIRST = /\.delete\(\s*[\w.]+\.(keys|values)\(\)\.next\(\)/;
  // At most some hundreds are kept there.
  expect([...files('src/actors'), ...files('src/adapters')].filter((file) => FIRST.test(code(file)))).toEqual([
    'src/adapters/author/strayErrors.ts',
    'src/adapters/qq/calls/pictures.ts',
  ]);
});

test('[core 38] no list that may grow long is copied, searched or shifted on the path of a message', () => {
  // A list in a context is copied whole by each of these, a map by its keys too; long ones stand in chunks (src/machines/kit). Why the others may:
  const SHORT: { readonly [list: string]: string } = {
    'audits.waiting': 'at most AUDITS_MAX, and only messages under audit',
    'audits.early': 'at most AUDITS_MAX, and only outcomes that came early',
    'delivery.rungs': 'the forms of one reply',
    'delivery.without': 'two things can be left out of a text',
    'feature.throttles': 'at most THROTTLES_MAX, after a throttled answer',
    'feature.refusals': 'at most REFUSALS_MAX, after a refused form',
    'intake.told': 'at most TOLD_MAX, when a message is refused',
    'intake.held': 'low work while load is reduced',
    'intake.ended': 'one number for each verdict',
    'lane.behind': 'of one channel, which moves five times a second',
    'lane.ready': 'of one channel, which moves five times a second',
    'lane.sentAt': 'the sends of one second in one channel',
    'lane.holders': 'at most lane.paceMax',
    'message.ordinals': 'at most REPLIES_MAX replies to one message',
    'recovery.tried': 'three actions',
    'recovery.past': 'three actions',
  };
  const COPIES =
    /(?:\[|\{) ?\.\.\.context\.(\w+)|with(?:out)?Key\(\s*context\.(\w+)|context\.(\w+)\.(?:filter|slice|map|concat|some|find|includes|reduce|indexOf)\(/g;
  const machines = files('src/machines').filter((file) => !/machines\/(kit|vocabulary)\//.test(file));
  const found = new Set(
    machines.flatMap((file) =>
      [...code(file).matchAll(COPIES)].map((match) => `${file.split('/')[2]}.${match.slice(1).find(Boolean)}`),
    ),
  );
  expect([...found].filter((list) => !(list in SHORT))).toEqual([]);
  expect(Object.keys(SHORT).filter((list) => !found.has(list))).toEqual([]);
  const SHIFTS = /\.(?:un)?shift\(|\.splice\(/;
  expect([...machines, ...files('src/machines/kit')].filter((file) => SHIFTS.test(code(file)))).toEqual([
    'src/machines/intake/deadLetters.ts', // an operator's hand
  ]);
});

describe('files', () => {
  test('stand in folders of at most 12, each with a name for what they have in common', () => {
    const folders = ['src', 'visualizations/src', 'visualizations/page/src', 'conformance/src'];
    const counts = new Map<string, number>();
    for (const file of folders.flatMap((folder) => [...files(folder), ...files(folder, '.tsx')])) {
      const folder = file.slice(0, file.lastIndexOf('/'));
      counts.set(folder, (counts.get(folder) ?? 0) + 1);
    }
    // Until the day named here; then the rule holds for it too.
    const exceptions: { readonly [folder: string]: string } = {};
    const excused = (folder: string): boolean => new Date().toISOString() < (exceptions[folder] ?? '');
    expect([...counts].filter(([folder, count]) => count > 12 && !excused(folder))).toEqual([]);
  });
  test('are no longer than 300 lines', () => {
    expect(files('src').filter((file) => read(file).trimEnd().split('\n').length > 300)).toEqual([]);
  });
  test('have no line longer than a screen (120), but for one that is a text', () => {
    // A string of some length, an expression of a pattern, an import, a row of a table in a comment; and all within back quotes.
    const TEXT = /'[^']{50,}|"[^"]{50,}|\/[^/]{60,}\/|^import |^ \* \|/;
    const wrong = ['src', 'visualizations/src'].flatMap((folder) =>
      files(folder).flatMap((file) => {
        const quoted = linesInBackQuotes(file);
        const long = read(file)
          .split('\n')
          .map((line, i) => [i, line] as const);
        return long.flatMap(([i, line]) =>
          line.length > 120 && !TEXT.test(line) && !quoted.has(i) ? [`${file}:${i + 1}`] : [],
        );
      }),
    );
    expect(wrong).toEqual([]);
  });
  test('have no function longer than 70 lines', () => {
    expect(files('src').flatMap(longFunctions)).toEqual([]);
  });
  test('have no default export and no utils or helpers', () => {
    const wrong = files('src').filter((file) => /export default/.test(code(file)) || /(utils|helpers)\.ts$/.test(file));
    expect(wrong).toEqual([]);
  });
  test('are each imported by something, or a program', () => {
    const all = [...files('src'), ...files('test'), ...files('bench'), ...files('examples')];
    const used = new Set(
      all.flatMap((file) => importsOf(file).map((specifier) => target(file, specifier).replace(/\.js$/, '.ts'))),
    );
    const programs = /^src\/(index|cli\/\w+|cli\/pages\/\w+|cli\/demo\/demo)\.ts$/;
    expect(files('src').filter((file) => !used.has(file) && !programs.test(file))).toEqual([]);
  });
});

test.each([
  'xstate',
  'qq-guild-bot',
  'nanoid',
  'pino',
  'immer',
  'libsql',
  'ws',
  'undici',
  'fastify',
  'zod',
  'commander',
  'prom-client',
])('the dependency %s is used by the source', (name) => {
  const users = files('src').filter((file) => importsOf(file).some((s) => s === name || s.startsWith(`${name}/`)));
  expect(users).not.toEqual([]);
});

describe('charts', () => {
  const STATE_KEYS = [
    'schemas',
    'id',
    'initial',
    'type',
    'context',
    'states',
    'on',
    'after',
    'always',
    'entry',
    'exit',
    'tags',
    'meta',
    'description',
    'output',
  ];
  const TRANSITION_KEYS = ['target', 'guard', 'actions', 'description', 'reenter'];
  const titles = files('test', '.test.ts').map(read).join('\n');

  for (const [name, { machine }] of Object.entries(CARDS)) {
    const rows = chartTable(machine);

    test(`${name}: every property of a state and a transition is spelt right`, () => {
      expect(misspelt(machine, STATE_KEYS, TRANSITION_KEYS)).toEqual([]);
    });
    test(`${name}: every delay is declared, and stands in one state`, () => {
      folderOf(machine); // throws on a delay in two states
      const declared = Object.keys(machine.implementations.delays);
      const used = rows.filter((row) => row.event.startsWith('after ')).map((row) => row.event.slice(6));
      expect(used.filter((delay) => !declared.includes(delay))).toEqual([]);
      expect(declared.filter((delay) => !used.includes(delay))).toEqual([]);
    });
    test(`${name}: every transition has a rule id of its own, and every guard and action a name`, () => {
      const ids = rows.map((row) => row.rule);
      expect(ids.filter((id) => !/^[A-Z]{1,2}\d+$/.test(id))).toEqual([]);
      const inline = rows.filter((row) => [row.guard, ...row.actions].includes('(inline)'));
      expect(inline.map((row) => row.rule)).toEqual([]);
      // One id may stand in several states, where it is one rule that says the same everywhere.
      const meanings = new Map(rows.map((row) => [row.rule, row.what]));
      expect(rows.filter((row) => meanings.get(row.rule) !== row.what).map((row) => row.rule)).toEqual([]);
    });
    test(`${name}: every rule id stands in a test title`, () => {
      expect(rows.map((row) => row.rule).filter((id) => !isProven(id, titles))).toEqual([]);
    });
  }

  test('docs/OPTIONS.md has the options of today', () => {
    expect(read('docs/OPTIONS.md')).toBe(renderOptions());
  });
  test('docs/SPEC.md has the tables of today', () => {
    expect(renderSpec(read('docs/SPEC.md'))).toBe(read('docs/SPEC.md'));
  });
});

function linesInBackQuotes(file: string): ReadonlySet<number> {
  const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true);
  const found = new Set<number>();
  const visit = (node: ts.Node): void => {
    if (ts.isTemplateExpression(node) || ts.isNoSubstitutionTemplateLiteral(node)) {
      const [from, to] = [node.getStart(), node.getEnd()].map((at) => source.getLineAndCharacterOfPosition(at).line);
      for (let line = from!; line <= to!; line += 1) found.add(line);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function longFunctions(file: string): string[] {
  const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) {
      const [from, to] = [node.getStart(), node.getEnd()].map((at) => source.getLineAndCharacterOfPosition(at).line);
      if (to! - from! >= 70) found.push(`${file}:${from! + 1} (${to! - from! + 1} lines)`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** `[B4] …`, `[B4, B5] …` or a row `{ rule: 'B4', …`. */
function isProven(id: string, titles: string): boolean {
  return new RegExp(`\\[[^\\]'"\`]*\\b${id}\\b[^\\]]*\\]|rule: '${id}'`).test(titles);
}

function misspelt(machine: AnyStateMachine, stateKeys: readonly string[], transitionKeys: readonly string[]): string[] {
  const wrong: string[] = [];
  const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);
  const checkTransitions = (where: string, value: unknown): void => {
    for (const transition of list(value)) {
      if (typeof transition !== 'object' || transition === null) continue;
      for (const key of Object.keys(transition)) if (!transitionKeys.includes(key)) wrong.push(`${where}: ${key}`);
    }
  };
  const checkState = (where: string, config: { [key: string]: unknown }): void => {
    for (const key of Object.keys(config)) if (!stateKeys.includes(key)) wrong.push(`${where}: ${key}`);
    for (const part of ['on', 'after'] as const) {
      for (const [event, value] of Object.entries((config[part] ?? {}) as object))
        checkTransitions(`${where}.${event}`, value);
    }
    checkTransitions(`${where}.always`, config.always ?? []);
    for (const [key, child] of Object.entries((config.states ?? {}) as object)) checkState(`${where}.${key}`, child);
  };
  checkState(machine.id, machine.config as { [key: string]: unknown });
  return wrong;
}
