import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Record } from '../../../src/actors/ports.js';
import { topology } from '../../../src/actors/wiring/topology.js';
import type {
  ActorDetail,
  ChartAnswer,
  Heat,
  LifePage,
  MapAnswer,
  MarksPage,
  MessageLife,
  Moment,
  Overview,
  RecordDetail,
  RecordsPage,
  SearchPage,
  Timeline,
} from '../../../visualizations/src/protocol.js';
import { schemas } from '../../../visualizations/src/server/http/parameters.js';
import { closeAll, makeJournal, type Served, serveJournal, temporaryFile } from './inspectionRig.js';

let records: readonly Record[] = [];
let served: Served;
let path = '';
beforeAll(async () => {
  ({ path, records } = await makeJournal());
  served = await serveJournal(path, { page: pageFolder() });
  while ((await served.get<Overview>('overview')).indexing.done < records.length);
});
afterAll(closeAll);

async function pageFolder(): Promise<string> {
  const folder = dirname(temporaryFile('x'));
  mkdirSync(join(folder, 'dist', 'assets'), { recursive: true });
  writeFileSync(join(folder, 'dist', 'index.html'), '<!doctype html>page');
  writeFileSync(join(folder, 'dist', 'assets', 'a.js'), '1');
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  symlinkSync(join(folder, 'secret.txt'), join(folder, 'dist', 'link.txt'));
  return join(folder, 'dist');
}
const find = (test: (record: Record) => boolean): Record => records.find(test)!;
const opening = (): Record =>
  find(({ steps }) => steps.some(({ actor, to }) => actor === 'breaker:messages' && to === 'open'));

describe('what is asked for by GET', () => {
  test('the overview', async () => {
    const overview = await served.get<Overview>('overview');
    expect(overview).toMatchObject({
      journal: 'main',
      name: 'bot.db',
      kind: 'file',
      source: { state: 'ok', message: null },
      first: { seq: 1, at: records[0]!.at },
      last: { seq: records.length, at: records.at(-1)!.at },
      lives: [{ epoch: 1, seq: 1, at: records[0]!.at }],
      machines: Object.keys(topology.machines),
      operator: false,
      demoWorld: false,
      divergence: null,
    });
    expect(overview.rules.B4).toBe('the last straw opens it');
    expect(overview.types).toContain('message.received');
    expect(overview.types).toContain('permit.granted');
  });
  test('what is refused is told in the language that the reader prefers', async () => {
    const asked = async (language: string): Promise<string> => {
      const answer = await fetch(`${served.url}/api/record?seq=999999`, { headers: { 'accept-language': language } });
      return ((await answer.json()) as { message: string }).message;
    };
    expect(await asked('zh-CN,zh;q=0.9')).toBe(`seq：没有第 999999 条记录；现有第 1 到 ${records.length} 条`);
    expect(await asked('en')).toBe(`seq: there is no record 999999; there are 1 to ${records.length}`);
  });
  test('of a moment only the actors that have something in their id', async () => {
    const seq = records.length;
    const { groups } = await served.get<Moment>(`moment?seq=${seq}&perGroup=1&find=ReaKer%3A`);
    expect(groups.map(({ machine }) => machine)).toEqual(['circuitBreaker', 'operatorBreaker']);
    expect(groups.every(({ actors, total }) => total === 1 && actors[0]!.id.startsWith('breaker:'))).toBe(true);
    expect((await served.get<Moment>(`moment?seq=${seq}&find=nobody`)).groups).toEqual([]);
  });
  test('the moment after a record, its hops and its timers', async () => {
    const { seq, at } = opening();
    const moment = await served.get<Moment>(`moment?seq=${seq}`);
    expect(moment).toMatchObject({ seq, at, record: { seq, type: 'call.failed', errorClass: 'transient' } });
    const breakers = moment.groups.find(({ machine }) => machine === 'circuitBreaker')!;
    expect(breakers.byState).toEqual({ open: 1 });
    expect(breakers.actors[0]).toMatchObject({ id: 'breaker:messages', value: 'open', since: at, rule: 'B4' });
    expect(breakers.actors[0]!.timers).toMatchObject([{ timer: 'openMs', armedAtSeq: seq }]);
    expect(moment.hops[0]).toMatchObject({
      kind: 'fact',
      from: null,
      to: 'breaker:messages',
      event: 'call.failed',
      step: 0,
    });
    expect(moment.hops).toContainEqual(
      expect.objectContaining({ kind: 'signal', from: 'breaker:messages', to: 'health:send', event: 'part.lost' }),
    );
    expect((await served.get<Moment>(`moment?at=${at}`)).at).toBe(at);
    expect((await served.get<Moment>('moment?seq=0')).groups).toEqual([]);
  });
  test('a kept state is as any other: its record and hops with it', async () => {
    const [kept, detail] = [
      await served.get<Moment>('moment?seq=500'),
      await served.get<RecordDetail>('record?seq=500'),
    ];
    expect(kept).toMatchObject({ seq: 500, at: records[499]!.at, record: { seq: 500, type: records[499]!.fact.type } });
    expect(kept.hops).toEqual(detail.hops);
  });
  test('a group tells how many there are, and shows a part', async () => {
    const moment = await served.get<Moment>(`moment?seq=${opening().seq}&perGroup=2`);
    const messages = moment.groups.find(({ machine }) => machine === 'message')!;
    expect(messages.total).toBeGreaterThan(2);
    expect(messages.actors).toHaveLength(2);
    expect(Object.values(messages.byState).reduce((a, b) => a + b)).toBe(messages.total);
  });
  test('one actor: context, timers, open effects with the record that asked for them', async () => {
    const { seq } = opening();
    const breaker = await served.get<ActorDetail>(`actor?id=breaker:messages&seq=${seq}`);
    expect(breaker).toMatchObject({ actor: { value: 'open' }, ended: null, context: { isCut: false } });
    expect(breaker.context?.json).toHaveProperty('options');
    const asked = find(({ effects }) => effects.some(({ type }) => type === 'handler.run'));
    const run = asked.effects.find(({ type }) => type === 'handler.run')!;
    const handling = await served.get<ActorDetail>(`actor?id=${run.actor}&seq=${asked.seq}`);
    expect(handling.openEffects).toEqual([{ id: run.id, type: 'handler.run', seq: asked.seq }]);
    const later = await served.get<ActorDetail>(`actor?id=${run.actor}`);
    expect(later).toMatchObject({ actor: null, ended: { machine: 'message', value: 'answered' } });
  });
  test('the life of an actor, all of it, in windows both ways', async () => {
    const wanted = records.flatMap(({ seq, steps }) =>
      steps.filter(({ actor }) => actor === 'breaker:messages').map((step) => [seq, step.to]),
    );
    const back: [number, unknown][] = [];
    for (let before: number | null = records.length + 1; before !== null; ) {
      const page: LifePage = await served.get(`life?actor=breaker:messages&before=${before}&limit=90`);
      back.unshift(...page.steps.map(({ seq, to }): [number, unknown] => [seq, to]));
      before = page.before;
    }
    expect(back).toEqual(wanted);
    const ahead: [number, unknown][] = [];
    for (let after: number | null = 0; after !== null; ) {
      const page: LifePage = await served.get(`life?actor=breaker:messages&after=${after}&limit=90`);
      ahead.push(...page.steps.map(({ seq, to }): [number, unknown] => [seq, to]));
      after = page.after;
    }
    expect(ahead).toEqual(wanted);
  });
  test('a window of records', async () => {
    const seqs = async (query: string) =>
      (await served.get<RecordsPage>(`records?${query}`)).records.map(({ seq }) => seq);
    expect(await seqs('after=10&limit=3')).toEqual([11, 12, 13]);
    expect(await seqs('before=11&limit=3')).toEqual([8, 9, 10]);
    expect(await seqs('before=2&limit=3')).toEqual([1]);
    expect((await seqs('limit=5')).at(-1)).toBe(records.length);
  });
  test('a record: cause and outcome point at each other, contexts are compared', async () => {
    const outcome = find(({ fact }) => fact.type === 'call.succeeded');
    const detail = await served.get<RecordDetail>(`record?seq=${outcome.seq}`);
    expect(detail.cause).toMatchObject({ kind: 'effect', name: (outcome.fact as { effectId: string }).effectId });
    expect(detail.divergence).toBeNull();
    const asked = await served.get<RecordDetail>(`record?seq=${detail.cause!.seq}`);
    const call = asked.effects.find(({ id }) => id === detail.cause!.name)!;
    expect(call).toMatchObject({
      type: 'call.start',
      isOpen: false,
      outcomes: [{ seq: outcome.seq, type: 'call.succeeded' }],
    });
    const intake = detail.changes.find(({ actor }) => actor === 'intake')!;
    expect(intake.diff).toContainEqual(expect.objectContaining({ path: 'ended.answered' }));
    const message = detail.changes.find(({ actor }) => actor.startsWith('message:'))!;
    expect(message.before).toMatchObject({ value: 'replying' });
    expect(message.after).toBeNull();
  });
  test('a timer: the record that armed it and the one in which it fired', async () => {
    const { seq, at, fact } = find(
      (record) => record.fact.type === 'timer.elapsed' && record.steps[0]!.rules.length > 0,
    );
    const { actor, timer, armedAtSeq } = fact as { actor: string; timer: string; armedAtSeq: number };
    const fired = await served.get<RecordDetail>(`record?seq=${seq}`);
    expect(fired.cause).toMatchObject({ kind: 'timer', name: timer, seq: armedAtSeq });
    expect(fired.hops[0]).toEqual({ kind: 'fact', from: null, to: actor, event: 'timer.elapsed', step: 0 });
    const armed = await served.get<RecordDetail>(`record?seq=${armedAtSeq}`);
    const found = armed.timers.find((candidate) => candidate.actor === actor && candidate.timer === timer);
    expect(found).toMatchObject({ fired: { seq, at, type: 'timer.elapsed' } });
    expect(found!.dueAt).toBeLessThanOrEqual(at);
    const cancelled = await served.get<RecordDetail>(`record?seq=${opening().seq}`);
    expect(cancelled.timers).toContainEqual(expect.objectContaining({ actor: 'breaker:messages', timer: 'openMs' }));
  });
  test('the timeline: every record is in one bucket', async () => {
    const { buckets, marks, marksTotal } = await served.get<Timeline>('timeline?buckets=13');
    const count = (key: 'records' | 'messages' | 'failures' | 'timers') =>
      buckets.reduce((sum, bucket) => sum + (bucket[key] ?? Number.NaN), 0);
    const ofType = (type: string) => records.filter(({ fact }) => fact.type === type).length;
    expect([count('records'), count('messages'), count('failures'), count('timers')]).toEqual([
      records.length,
      ofType('message.received'),
      ofType('call.failed'),
      ofType('timer.elapsed'),
    ]);
    expect(marks).toHaveLength(marksTotal);
    expect(marks).toContainEqual(
      expect.objectContaining({ kind: 'breakerOpened', seq: opening().seq, actor: 'breaker:messages' }),
    );
    const part = await served.get<Timeline>('timeline?from=101&to=150&buckets=50');
    expect(part.buckets).toHaveLength(50);
    expect(part.to).toEqual({ seq: 150, at: records[149]!.at });
  });
  test('the next mark and the one before', async () => {
    const { seq } = opening();
    const kinds = 'kinds=breakerOpened,breakerClosed';
    expect(await served.get<MarksPage>(`marks?after=0&${kinds}`)).toMatchObject({
      marks: [{ kind: 'breakerOpened', seq }],
      isComplete: true,
    });
    const [closed] = (await served.get<MarksPage>(`marks?after=0&kinds=breakerClosed`)).marks;
    expect(await served.get<MarksPage>(`marks?before=${closed!.seq}&kinds=breakerOpened`)).toMatchObject({
      marks: [{ kind: 'breakerOpened' }],
    });
    expect(await served.get<MarksPage>(`marks?before=${seq}&${kinds}`)).toMatchObject({ marks: [] });
  });
  test('heat: every transition that was taken, as often as it was; the others as never taken', async () => {
    const heat = await served.get<Heat>('heat?scope=breaker:messages');
    const taken = records
      .flatMap(({ steps }) => steps)
      .filter(({ actor, rules }) => actor === 'breaker:messages' && rules.length > 0);
    expect(heat.edges.reduce((sum, { count }) => sum + count, 0)).toBe(taken.flatMap(({ rules }) => rules).length);
    expect(heat.edges).toContainEqual({
      rule: 'B4',
      from: 'closed',
      count: taken.filter(({ rules }) => rules.includes('B4')).length,
    });
    expect(heat.never).toContainEqual({ rule: 'B37', state: 'disabled' });
    expect(heat.never).not.toContainEqual({ rule: 'B4', state: 'closed' });
    expect(heat.states.find(({ state }) => state === 'open')!.totalMs).toBeGreaterThan(0);
    const all = await served.get<Heat>('heat?scope=delivery');
    const delivered = records.flatMap(({ steps }) => steps).filter(({ rules }) => rules.includes('D9')).length;
    expect(all.edges).toContainEqual({ rule: 'D9', from: 'sending', count: delivered });
  });
  test('a message: its lanes, what it waited for, its calls', async () => {
    const { steps } = find((record) =>
      record.steps.some(
        ({ actor, from, to }) => actor.startsWith('delivery:') && from === 'sending' && to === 'awaitingPermit',
      ),
    );
    const delivery = steps.find(({ actor }) => actor.startsWith('delivery:'))!.actor;
    const id = delivery.slice('delivery:'.length, delivery.lastIndexOf('.'));
    const life = await served.get<MessageLife>(`message?id=${id}`);
    expect(life).toMatchObject({
      id,
      verdict: 'answered',
      lanes: [{ actor: `message:${id}` }, { actor: `delivery:${id}.0` }],
    });
    expect(life.content).toContain('hello bot');
    const [message, reply] = life.lanes;
    expect(message!.spans.map(({ state }) => state)).toEqual(['received', 'handling', 'replying', 'answered']);
    expect(message!.spans[1]!.wait).toMatchObject({ kind: 'handler' });
    const waits = reply!.spans.filter(({ state }) => state === 'awaitingPermit');
    expect(waits.at(-1)!.wait).toMatchObject({ kind: 'permit', on: 'breaker:messages', onState: 'open' });
    expect(reply!.calls.map(({ outcome }) => outcome)).toEqual([
      'transient',
      ...reply!.calls.slice(1, -1).map(() => 'transient'),
      'ok',
    ]);
    // Every lane is without holes, from its birth to its end.
    for (const { spans } of life.lanes)
      expect(spans.slice(1).map(({ from }) => from)).toEqual(spans.slice(0, -1).map(({ to }) => to));
  });
  test('a chart and the map', async () => {
    const chart = await served.get<ChartAnswer>('chart?machine=health');
    expect(chart.layout.machine).toBe('health');
    expect(chart.table.length).toBeGreaterThan(3);
    expect((await served.get<MapAnswer>('map')).layout.nodes.map(({ id }) => id)).toContain('gateway');
  });
});

describe('the search', () => {
  const all = async (query: string): Promise<number[]> => {
    const seqs: number[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: SearchPage = await served.get(`search?limit=20&${query}${cursor === '' ? '' : `&cursor=${cursor}`}`);
      seqs.push(...page.records.map(({ seq }) => seq));
      cursor = page.cursor;
    }
    return seqs;
  };
  const seqsOf = (test: (record: Record) => boolean): number[] => records.filter(test).map(({ seq }) => seq);
  const received =
    (test: (message: { id: string; content: string; author: { id: string } }) => boolean) => (record: Record) =>
      record.fact.type === 'message.received' && test(record.fact.message);

  test.each<[string, (record: Record) => boolean]>([
    [
      'event=call.failed',
      ({ fact, steps }) => fact.type === 'call.failed' || steps.some(({ event }) => event === 'call.failed'),
    ],
    ['event=breaker.*', ({ steps }) => steps.some(({ event }) => event.startsWith('breaker.'))],
    ['actor=recovery', ({ steps }) => steps.some(({ actor }) => actor === 'recovery')],
    ['rule=B2', ({ steps }) => steps.some(({ rules }) => rules.includes('B2'))],
    ['class=transient', ({ fact }) => fact.type === 'call.failed' && fact.class === 'transient'],
    [
      'mark=gatewayReady',
      ({ steps }) =>
        steps.some(({ actor, from, to }) => actor === 'gateway' && typeof to === 'object' && typeof from !== 'object'),
    ],
    ['text=HELLO%20BOT&event=message.received', received(({ content }) => content.includes('hello bot'))],
    ['text=nothing%20such', () => false],
  ])('%s finds what is there, in both orders', async (query, test) => {
    expect(await all(`${query}&order=asc`)).toEqual(seqsOf(test));
    expect(await all(query)).toEqual(seqsOf(test).reverse());
  });
  test('a user and a message', async () => {
    const { message } = find(received(() => true)).fact as { message: { id: string; author: { id: string } } };
    expect(await all(`user=${message.author.id}&order=asc`)).toEqual(
      seqsOf(received(({ author }) => author.id === message.author.id)),
    );
    const touches = ({ steps }: Record) =>
      steps.some(({ actor }) => actor === `message:${message.id}` || actor.startsWith(`delivery:${message.id}.`));
    expect(await all(`message=${message.id}&order=asc`)).toEqual(seqsOf(touches));
  });
  test('within a stretch', async () => {
    expect(await all('from=100&to=104&order=asc')).toEqual([100, 101, 102, 103, 104]);
  });
});

describe('nonsense', () => {
  test.each(['__proto__', 'constructor', 'nobody'])('[case W5] a heat of %s is refused', async (scope) => {
    expect((await served.get<{ message: string }>(`heat?scope=${scope}`, 400)).message).toContain('scope');
  });
  // Every parameter of every query, as others may write it: a name of Object.prototype, twice, very long, empty, not a number.
  const { journal: overview, job, upload, live, whatIf, ...others } = schemas;
  const QUERIES = Object.entries({ ...others, overview, 'what-if': job });
  const NASTY = [
    '__proto__',
    'constructor',
    'hasOwnProperty',
    '',
    'x'.repeat(8_000),
    '-1',
    '1e999',
    'NaN',
    '0x10',
    '\u202e\n\u0000',
    '%F0',
  ];
  test.each(QUERIES)(
    '[case W5] %s takes whatever its parameters are, and fails at nothing',
    async (path, { shape }) => {
      for (const parameter of [...Object.keys(shape), '__proto__', 'constructor']) {
        const values = NASTY.map((value) => `${parameter}=${encodeURIComponent(value)}`);
        for (const query of [...values, `${parameter}=1&${parameter}=2`, `${parameter}[a]=1`, `${parameter}=%`]) {
          const answer = await fetch(`${served.url}/api/${path}?${query}`);
          const text = await answer.text();
          expect([path, query.slice(0, 60), answer.status < 500, text.length < 4_000_000]).toEqual([
            path,
            query.slice(0, 60),
            true,
            true,
          ]);
          if (answer.status >= 400)
            expect((JSON.parse(text) as { message: string }).message.length).toBeLessThan(3_000);
        }
      }
      expect(({} as { seq?: unknown }).seq).toBeUndefined();
    },
  );
  test.each([
    ['actor?id=__proto__', 200],
    ['life?actor=constructor', 200],
    ['message?id=hasOwnProperty', 404],
    ['overview?journal=__proto__', 404],
    ['what-if?id=constructor', 404],
    ['heat?scope=bot&scope=bot', 400],
    ['chart?machine=bot&machine=__proto__', 400],
    ['search?user=__proto__', 200],
    ['marks?kinds=constructor', 400],
    [`heat?scope=${'x'.repeat(501)}`, 400],
  ])('[case W5] %s is %i', async (path, status) => {
    expect((await fetch(`${served.url}/api/${path}`)).status).toBe(status);
  });
  test.each([
    ['moment?seq=x', 400, 'seq: Invalid input: expected number, received NaN (got "x")'],
    ['moment?perGroup=501', 400, 'perGroup'],
    ['records?limit=0', 400, 'limit'],
    ['record?seq=0', 400, 'seq'],
    ['marks?kinds=breakerOpened,nope', 400, 'kinds'],
    ['search?cursor=-1', 400, 'cursor: it must be the cursor of the page before (got "-1")'],
    [`search?text=${'x'.repeat(201)}`, 400, 'text'],
    ['timeline?buckets=2001', 400, 'buckets'],
    ['actor', 400, 'id: Invalid input'],
    ['moment?seq=999999', 404, 'seq: there is no record 999999; there are 1 to'],
    ['record?seq=999999', 404, 'there is no record 999999'],
    ['chart?machine=__proto__', 404, 'machine: there is no "__proto__"; there are bot,'],
    ['message?id=nobody', 404, 'id: no message "nobody"'],
    ['overview?journal=other', 404, 'there is no open journal "other"'],
    ['export?from=5&to=99999999', 400, 'from, to: there are records 1 to'],
    ['what-if?id=none', 404, 'there is no what-if "none"'],
    ['nothing', 404, 'there is no'],
  ])('%s: %i', async (query, status, message) => {
    expect((await served.get<{ message: string }>(query, status)).message).toContain(message);
  });
});

describe('who may ask', () => {
  const ask = (path: string, headers: { [name: string]: string }): Promise<number> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(served.url);
      request({ hostname, port, path, headers }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      })
        .on('error', reject)
        .end();
    });

  test('[case W1] a name that resolves to loopback is no way in', async () => {
    expect(await ask('/api/overview', { host: 'evil.example' })).toBe(403);
    expect(await ask('/api/overview', { host: new URL(served.url).host })).toBe(200);
    expect(await ask('/api/overview', { host: 'localhost:1' })).toBe(200);
  });
  test('[case W1] a page of another origin is refused', async () => {
    expect(await ask('/api/overview', { origin: 'http://evil.example' })).toBe(403);
    expect(await ask('/api/overview', { origin: served.url })).toBe(200);
  });
  test('the page comes with a strict policy, and nothing outside its folder does', async () => {
    const page = await fetch(served.url);
    expect(await page.text()).toBe('<!doctype html>page');
    const policy = page.headers.get('content-security-policy')!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(policy).not.toContain('http');
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect((await fetch(`${served.url}/assets/a.js`)).headers.get('content-type')).toContain('text/javascript');
    for (const path of [
      '/..%2fsecret.txt',
      '/link.txt',
      '/assets/..%2f..%2fsecret.txt',
      '/%2fetc%2fpasswd',
      '/%00',
      '/%zz',
    ])
      expect((await fetch(served.url + path)).status).toBeGreaterThanOrEqual(400);
  });
  test('without a built page it is said how to build one', async () => {
    const bare = await serveJournal(path);
    expect(await (await fetch(bare.url)).text()).toContain('npm run build:page');
  });
});
