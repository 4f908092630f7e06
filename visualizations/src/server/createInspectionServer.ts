import { once } from 'node:events';
import { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import websocket from '@fastify/websocket';
import fastify, { type FastifyInstance } from 'fastify';
import { topology } from '../../../src/actors/wiring/topology.js';
import type { GuardedServer } from '../../../src/base/servers/guardedServer.js';
import { WEB_SOCKETS } from '../../../src/base/servers/webSockets.js';
import { addApi } from './api.js';
import { exportOf } from './exporting.js';
import { type Answerer, openDoor } from './http/door.js';
import { addOperator, addSimulator } from './http/forwarding.js';
import { addHeaders } from './http/guard.js';
import { addPage } from './http/pageFiles.js';
import { parse, RequestError, schemas } from './http/parameters.js';
import { DamagedError } from './index/seeker.js';
import { type JournalSource, Journals } from './journals.js';
import { addLiveFeed } from './liveFeed.js';
import { UPLOAD_BYTES_MAX } from './serverLimits.js';
import { serverTexts } from './serverTexts.js';
import { WhatIfJobs } from './whatIf/whatIfJobs.js';

export interface InspectionServerOptions {
  readonly source: JournalSource;
  /** The host that it is reached at, besides loopback names. */
  readonly host: string;
  readonly locale: 'en' | 'zh';
  /** Where operator actions go; null: nowhere. */
  readonly botUrl: string | null;
  /** Of the demo world; null: this is not the demo world. */
  readonly simulatorUrl: string | null;
  /** Resolves with the folder of the built page. */
  readonly page: Promise<string>;
}
export interface InspectionServer extends Answerer {
  /** Opens a door of its own; gives the address. Port 0: any. Fails with InspectorListenError. */
  listen(port: number): Promise<string>;
  close(): Promise<void>;
}
/** The address cannot be listened on. */
export class InspectorListenError extends Error {
  override readonly name = 'InspectorListenError';
}

/**
 * The inspection server: a journal, read-only, over HTTP (`../protocol.ts`), and the page that shows it. It answers
 * only its own page and programs on loopback names. Takes over `source` and closes it. Fails with JournalError.
 */
export async function createInspectionServer(options: InspectionServerOptions): Promise<InspectionServer> {
  const { source, host, locale, botUrl, simulatorUrl } = options;
  const app = fastify({
    forceCloseConnections: true,
    serverFactory: (listener) => new Server(listener), // never listens: what it hears has come through the door
  });
  const journals = new Journals(topology);
  const jobs = new WhatIfJobs();
  await app.register(websocket, { options: { ...WEB_SOCKETS, maxPayload: 1024 } });
  addHeaders(app);
  addErrors(app);
  addApi(app, journals, { locale, hasOperator: botUrl !== null, isDemoWorld: simulatorUrl !== null });
  addJournals(app, journals);
  addWhatIf(app, journals, jobs);
  addOperator(app, botUrl);
  addSimulator(app, simulatorUrl);
  const endFeed = addLiveFeed(app, journals);
  addPage(app, options.page);
  let door: GuardedServer | null = null;
  const close = async (): Promise<void> => {
    endFeed();
    jobs.close();
    door?.close();
    door?.closeAllConnections();
    await app.close();
    await journals.close();
  };
  try {
    await journals.add('main', source);
    await app.ready();
  } catch (error) {
    await source.close();
    await close();
    throw error;
  }
  const answerer: Answerer = {
    request: (request, response) => void app.server.emit('request', request, response),
    upgrade: (request, socket, head) => void app.server.emit('upgrade', request, socket, head),
  };
  return {
    ...answerer,
    async listen(port) {
      const opened = openDoor(host, answerer);
      door = opened;
      const listening = once(opened, 'listening');
      opened.listen(port, host);
      await listening.catch(async (cause: { code?: string }) => {
        await close();
        throw new InspectorListenError(reasonOf(host, port, cause), { cause });
      });
      return urlOf(host, (opened.address() as AddressInfo).port);
    },
    close,
  };
}

export function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
export function reasonOf(host: string, port: number, { code }: { readonly code?: string }): string {
  return `${host}:${port} ${code === 'EADDRINUSE' ? 'is in use' : `cannot be listened on (${code})`}`;
}

function addErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: { statusCode?: number; message?: string }, request, reply) => {
    const texts = serverTexts(request.headers['accept-language']);
    const code = error instanceof DamagedError ? 409 : (error.statusCode ?? 500);
    const isOurs = error instanceof DamagedError || error instanceof RequestError;
    void reply.code(code).send({ message: isOurs ? error.say(texts) : (error.message ?? 'internal error') });
  });
  app.setNotFoundHandler((request, reply) => {
    const texts = serverTexts(request.headers['accept-language']);
    void reply.code(404).send({ message: texts.noSuchAddress(request.method, request.url.slice(0, 200)) });
  });
}

/** Stretches out as files, and in again. */
function addJournals(app: FastifyInstance, journals: Journals): void {
  app.get('/api/export', async (request, reply) => {
    const { journal, from, to } = parse(schemas.export, request.query);
    const lines = await exportOf(journals.get(journal), from, to);
    if ('pending' in lines) return reply.code(202).send(lines);
    const name = `kintsugi-${from}-${to}.jsonl`;
    void reply.header('content-disposition', `attachment; filename="${name}"`);
    return reply.type('application/x-ndjson').send(Readable.from(lines));
  });
  app.addContentTypeParser('application/x-ndjson', (_request, payload, done) => done(null, payload));
  app.post('/api/journals', { bodyLimit: UPLOAD_BYTES_MAX }, async (request) => {
    const { name } = parse(schemas.upload, request.query);
    if (!(request.body instanceof Readable)) throw new RequestError(415, (texts) => texts.uploadType);
    return journals.upload(name, request.body);
  });
  app.delete('/api/journals', async (request) => {
    await journals.remove(parse(schemas.journal, request.query).journal);
    return {};
  });
}

function addWhatIf(app: FastifyInstance, journals: Journals, jobs: WhatIfJobs): void {
  app.post('/api/what-if', { bodyLimit: 64 * 1024 }, async (request) => {
    const { journal, set, from, to } = parse(schemas.whatIf, request.body);
    const stretch = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
    return jobs.start(journals.get(journal), { set, ...stretch });
  });
  app.get('/api/what-if', async (request) => jobs.get(parse(schemas.job, request.query).id));
  app.delete('/api/what-if', async (request) => jobs.cancel(parse(schemas.job, request.query).id));
}
