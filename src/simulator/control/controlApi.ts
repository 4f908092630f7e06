import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { nearest } from '../../base/nearest.js';
import { readJson as parseJson } from '../kit/json.js';
import type { Controls } from './controls.js';
import { openApiDocument } from './openApiDocument.js';
import { BadRequest, cut, readInput, shown } from './readInput.js';
import { ROUTES, type Route } from './routes.js';

/** The control API: what a test, a demo or a person does to the platform. `url`: the simulator's own address. */
export function addControlApi(app: FastifyInstance, controls: Controls, url: () => string): void {
  void app.register(async (control) => {
    control.removeAllContentTypeParsers();
    control.addContentTypeParser('*', { parseAs: 'string' }, async (request: FastifyRequest, text: string) =>
      readJson(request, text),
    );
    control.setErrorHandler((error: { statusCode?: number; message?: string }, _request, reply) => {
      void reply.code(error.statusCode ?? 500).send({ message: error.message ?? 'internal error' });
    });
    control.get('/sim/openapi.json', () => openApiDocument(url()));
    for (const route of ROUTES)
      control.route({
        method: route.method,
        url: route.path.replace('{id}', ':id'),
        handler: (request) => run(route, controls, request),
      });
    control.all('/sim/*', refuseUnknown);
    control.all('/sim', refuseUnknown);
  });
}

function run(route: Route, controls: Controls, request: FastifyRequest): unknown {
  const { id = '' } = request.params as { id?: string };
  const query = readInput(route.query, request.query);
  const body = route.body ? readInput(route.body, request.body) : undefined;
  return route.run(controls, { body, query, id });
}

function readJson(request: FastifyRequest, text: string): unknown {
  if (text === '') return undefined;
  const type = request.headers['content-type'];
  if (!/^application\/(.+\+)?json\b/i.test(type ?? ''))
    throw new BadRequest(`content-type: must be application/json, not ${shown(type ?? 'none')}`);
  try {
    return parseJson(text);
  } catch (error) {
    throw new BadRequest(`body: is not JSON (${(error as Error).message}): ${cut(text)}`);
  }
}

/** 405 for a call that exists with other methods, else 404 with the nearest call. */
function refuseUnknown(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = request.url.split('?')[0]!;
  const methods = ROUTES.filter((route) => matches(route.path, path)).map(({ method }) => method);
  if (methods.length > 0)
    return reply.code(405).send({ message: `${request.method} ${path}: the methods here are ${methods.join(', ')}` });
  const best = nearest(path, [...new Set(ROUTES.map((route) => route.path))]);
  const hint = best === null ? '' : `; the nearest is ${best}`;
  return reply.code(404).send({ message: `there is no ${path}${hint}; GET /sim/openapi.json lists them all` });
}

function matches(pattern: string, path: string): boolean {
  const parts = path.split('/');
  const wanted = pattern.split('/');
  return parts.length === wanted.length && wanted.every((part, index) => part === '{id}' || part === parts[index]);
}
