import type { FastifyInstance, FastifyReply } from 'fastify';
import { chartTable } from '../../../src/actors/charts/chartTable.js';
import { topology } from '../../../src/actors/wiring/topology.js';
import { version } from '../../../src/base/version.js';
import { rowOf } from '../../../src/machines/kit/byKey.js';
import { layoutChart } from '../chart/layout/layoutChart.js';
import { layoutMap } from '../chart/layout/layoutMap.js';
import { LIVES_MAX, type Overview, type Pending, TYPES_MAX } from '../protocol.js';
import { heatOf } from './answers/heat.js';
import { lifeOf } from './answers/life.js';
import { recordOfEffect } from './answers/links.js';
import { messageLife } from './answers/message/messageLife.js';
import { actorAt, momentAt } from './answers/moment.js';
import { recordDetail } from './answers/recordDetail.js';
import { search } from './answers/search.js';
import { marksFrom, recordsFrom, timelineOf } from './answers/timeline.js';
import { tonesOf } from './answers/tones.js';
import { parse, RequestError, schemas } from './http/parameters.js';
import { isLasting, type JournalIndex } from './index/journalIndex.js';
import { seqAtTime } from './index/seqAtTime.js';
import type { Journals, OpenJournal } from './journals.js';

export interface About {
  readonly locale: 'en' | 'zh';
  readonly hasOperator: boolean;
  readonly isDemoWorld: boolean;
}
type Query = unknown;
type Answer = object | Pending | null;

/** Longest that an answer about the present waits for the newest records to be taken in. */
const CATCH_UP_MS = 500;

/** Everything that is asked by GET. */
export function addApi(app: FastifyInstance, journals: Journals, about: About): void {
  const get = (path: string, answer: (query: Query) => Answer | Promise<Answer>): void => {
    app.get(`/api/${path}`, async ({ query }, reply) => sendAnswer(reply, await answer(query)));
  };
  /** The index of the journal that is meant, up to the present. */
  const indexOf = async (id: string): Promise<JournalIndex> => {
    const { index } = journals.get(id);
    await index.advance().catch(() => undefined); // what is there can be shown all the same
    await index.caughtUp(CATCH_UP_MS);
    return index;
  };
  get('overview', async (query) => {
    const { journal } = parse(schemas.journal, query);
    await indexOf(journal);
    return overviewOf(journals.get(journal), journals, about);
  });
  get('moment', async (query) => {
    const { journal, seq, at, perGroup, find } = parse(schemas.moment, query);
    const index = await indexOf(journal);
    const wanted = seq ?? (at === undefined ? index.last.seq : await seqAtTime(index, at));
    return momentAt(index, inJournal(index, wanted), { perGroup, find });
  });
  get('actor', async (query) => {
    const { journal, id, seq } = parse(schemas.actor, query);
    const index = await indexOf(journal);
    const wanted = inJournal(index, seq ?? index.last.seq);
    return actorAt(index, id, wanted, async (effect) => (await recordOfEffect(index, effect, wanted))?.seq ?? null);
  });
  get('life', async (query) => {
    const { journal, actor, before, after, limit } = parse(schemas.life, query);
    const index = await indexOf(journal);
    return lifeOf(index, actor, after === undefined ? { before: before ?? index.last.seq + 1 } : { after }, limit);
  });
  get('records', async (query) => {
    const { journal, after, before, limit } = parse(schemas.records, query);
    const index = await indexOf(journal);
    const end = before ?? index.last.seq + 1;
    const from = after ?? Math.max(0, end - 1 - limit);
    return recordsFrom(index, from, after === undefined ? Math.max(0, end - 1 - from) : limit);
  });
  get('record', async (query) => {
    const { journal, seq } = parse(schemas.record, query);
    const index = await indexOf(journal);
    if (seq < index.first.seq) throw notThere(index, seq);
    return recordDetail(index, inJournal(index, seq));
  });
  get('timeline', async (query) => {
    const { journal, from, to, buckets } = parse(schemas.timeline, query);
    const index = await indexOf(journal);
    return timelineOf(index, from, to ?? index.last.seq, buckets);
  });
  get('marks', async (query) => {
    const { journal, kinds, ...rest } = parse(schemas.marks, query);
    return marksFrom(await indexOf(journal), { ...rest, kinds: kinds ? new Set(kinds) : null });
  });
  get('search', async (query) => {
    const { journal, ...wanted } = parse(schemas.search, query);
    return search(await indexOf(journal), wanted);
  });
  get('message', async (query) => {
    const { journal, id } = parse(schemas.message, query);
    const life = await messageLife(await indexOf(journal), id);
    if (!life) throw new RequestError(404, (texts) => texts.noMessage(id));
    return life;
  });
  get('heat', async (query) => {
    const { journal, scope, from, to } = parse(schemas.heat, query);
    const index = await indexOf(journal);
    if (!rowOf(topology.machines, scope) && !isLasting(scope))
      throw new RequestError(400, (texts) => texts.noScope(scope));
    return heatOf(index, scope, Math.max(from, index.first.seq), Math.min(to ?? index.last.seq, index.last.seq));
  });
  addCharts(get);
}

function addCharts(get: (path: string, answer: (query: Query) => Promise<Answer>) => void): void {
  get('chart', async (query) => {
    const { machine, brief } = parse(schemas.chart, query);
    const entry = rowOf(topology.machines, machine);
    if (!entry)
      throw new RequestError(404, (texts) => texts.noMachine(machine, Object.keys(topology.machines).join(', ')));
    return { machine, layout: await layoutChart(machine, { brief: brief === '1' }), table: chartTable(entry.machine) };
  });
  get('map', async () => ({ layout: await layoutMap() }));
}

function sendAnswer(reply: FastifyReply, answer: Answer): FastifyReply {
  return reply.code(answer !== null && 'pending' in answer ? 202 : 200).send(answer);
}

function inJournal(index: JournalIndex, seq: number): number {
  if (seq > index.last.seq || (index.first.seq > 0 && seq < index.first.seq - 1)) throw notThere(index, seq);
  return seq;
}
function notThere(index: JournalIndex, seq: number): RequestError {
  const { first, last } = index;
  return new RequestError(404, (texts) => texts.noRecord(seq, first.seq, last.seq));
}

/** Rule id → its sentence, of all charts. */
const rules: { readonly [rule: string]: string } = Object.fromEntries(
  Object.values(topology.machines).flatMap(({ machine }) => chartTable(machine).map(({ rule, what }) => [rule, what])),
);

function overviewOf({ id, source, index }: OpenJournal, journals: Journals, about: About): Overview {
  const own = source.state();
  return {
    journal: id,
    name: source.name,
    kind: source.kind,
    source: own.state === 'ok' ? index.state : own,
    first: index.first,
    last: index.last,
    lives: index.lives.slice(-LIVES_MAX),
    indexing: index.indexing,
    divergence: index.divergence && { seq: index.divergence.seq, actor: index.divergence.actor },
    machines: Object.keys(topology.machines),
    tones: tonesOf(topology),
    rules,
    types: index.words.frequent(TYPES_MAX),
    locale: about.locale,
    operator: about.hasOperator && id === 'main',
    demoWorld: about.isDemoWorld,
    now: Date.now(),
    journals: journals.others,
    version,
  };
}
