import { z } from 'zod';
import { problemSchema } from './answerSchemas.js';
import { ROUTES, type Route } from './routes.js';

type Json = { readonly [field: string]: unknown };

/** The control API as an OpenAPI 3.1 document, made from the schemas that validate it. */
export function openApiDocument(url: string): Json {
  const paths: { [path: string]: { [method: string]: Json } } = {};
  for (const route of ROUTES) {
    paths[route.path] ??= {};
    paths[route.path]![route.method.toLowerCase()] = operationOf(route);
  }
  paths['/sim/openapi.json'] = {
    get: { operationId: 'getOpenapiJson', summary: 'this document', responses: answered(z.looseObject({})) },
  };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Control API of the QQ simulator',
      version: '1.0.0',
      description: 'Write as a user of the platform, make things go wrong, and see what bots did.',
    },
    servers: [{ url }],
    paths,
  };
}

function operationOf({ method, path, does, body, query, answer }: Route): Json {
  const parameters = [...pathParameters(path), ...queryParameters(query)];
  const words = path.split(/[/{}.]+/).filter((word) => word !== '' && word !== 'sim');
  return {
    operationId: [method.toLowerCase(), ...words.map(capitalised)].join(''),
    summary: does,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body ? { requestBody: { required: true, content: content(schemaOf(body)) } } : {}),
    responses: {
      ...answered(answer),
      ...(body || parameters.length > 0 ? { 400: problem('nonsense; the message names the field and the value') } : {}),
      ...(path.includes('{') ? { 404: problem('there is none of this id') } : {}),
    },
  };
}

function answered(answer: z.ZodType): Json {
  return { 200: { description: 'done', content: content(schemaOf(answer, 'output')) } };
}
function problem(description: string): Json {
  return { description, content: content(schemaOf(problemSchema)) };
}
function content(schema: Json): Json {
  return { 'application/json': { schema } };
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}
function queryParameters(query: z.ZodType): Json[] {
  const { properties = {}, required = [] } = schemaOf(query) as {
    properties?: { [name: string]: Json };
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

/** `$schema` says nothing in an OpenAPI 3.1 document, whose dialect is JSON Schema itself. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output' = 'input'): Json {
  const { $schema: _dialect, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return json;
}
function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
