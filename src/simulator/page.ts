import { z } from 'zod';
import { ROUTES, type Route } from './control/routes.js';
import { fieldsOf } from './faults/faultSchema.js';
import { COMMON, FIELDS, type FieldName } from './faults/fields.js';
import { FAULT_KINDS, type FaultKind, KINDS, type KindRow, type Target } from './faults/kinds.js';

/** The tables of docs/SIMULATOR.md, made from what validates and registers; `npm run simulator:page` writes them. */
const TABLES: { readonly [name: string]: () => string } = {
  calls: renderCalls,
  kinds: renderKinds,
  fields: renderFields,
};
const begin = (name: string): string => `<!-- ${name}: begin (npm run simulator:page) -->`;
const end = (name: string): string => `<!-- ${name}: end -->`;

/** The whole page with fresh tables. Throws when a mark is missing. */
export function renderPage(page: string): string {
  return Object.entries(TABLES).reduce((text, [name, render]) => {
    const [from, to] = [text.indexOf(begin(name)), text.indexOf(end(name))];
    if (from < 0 || to < from) throw new Error(`docs/SIMULATOR.md: the marks of "${name}" are missing`);
    return `${text.slice(0, from + begin(name).length)}\n\n${render()}\n\n${text.slice(to)}`;
  }, page);
}

function renderCalls(): string {
  const rows = ROUTES.map(
    (route) => `| \`${route.method} ${route.path}${queryOf(route)}\` | ${takes(route)}${route.does} |`,
  );
  return [
    '| call | does |',
    '| --- | --- |',
    ...rows,
    '| `GET /sim/openapi.json` | all of this, as OpenAPI 3.1 |',
  ].join('\n');
}
function queryOf({ query }: Route): string {
  const names = propertiesOf(query).map(({ name }) => `${name}=`);
  return names.length > 0 ? `?${names.join('&')}` : '';
}
/** A fault's fields have a table of their own. */
function takes({ body, path }: Route): string {
  if (!body || path === '/sim/faults') return '';
  const [schema] = path === '/sim/scenario' ? stepSchemas(body) : [body];
  const names = propertiesOf(schema!).map(({ name, isRequired }) => (isRequired ? name : `${name}?`));
  const list = `{${names.join(', ')}}`;
  return path === '/sim/scenario' ? `\`[${list}, …]\`: ` : `\`${list}\`: `;
}
function stepSchemas(body: z.ZodType): z.ZodType[] {
  const [list] = (body as z.ZodUnion<[z.ZodArray<z.ZodType>]>).options;
  return [list.element];
}
function propertiesOf(schema: z.ZodType): { name: string; isRequired: boolean }[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return Object.keys(properties).map((name) => ({ name, isRequired: required.includes(name) }));
}

const TARGETS: { readonly [target in Target]: string } = {
  request: 'decides the answer',
  answer: 'changes the answer',
  connection: 'gateway connection',
  frame: 'frames to the bot',
  now: 'acts at once',
  push: 'webhook',
};
function renderKinds(): string {
  const rows = FAULT_KINDS.map((kind) => {
    const { strikes, does, fields, example }: KindRow = KINDS[kind];
    const own = fields.map((field) => `\`${field}\``).join(', ') || '–';
    return `| \`${kind}\` | ${TARGETS[strikes]} | ${cell(does)} | ${own} | \`${exampleOf(kind, example)}\` |`;
  });
  return ['| kind | strikes | what happens | its fields | example |', '| --- | --- | --- | --- | --- |', ...rows].join(
    '\n',
  );
}
function exampleOf(kind: FaultKind, example: object): string {
  return JSON.stringify({ kind, ...example });
}

function renderFields(): string {
  const rows = (Object.keys(FIELDS) as FieldName[]).map((field) => {
    const kinds = FAULT_KINDS.filter((kind) => fieldsOf(kind).includes(field));
    const who = COMMON.includes(field) ? 'every kind' : whose(field, kinds);
    return `| \`${field}\` | ${cell(FIELDS[field].description ?? '')} | ${who} |`;
  });
  return ['| field | means | taken by |', '| --- | --- | --- |', ...rows].join('\n');
}
function whose(field: FieldName, kinds: readonly FaultKind[]): string {
  if (field === 'feature') return 'every kind about requests';
  if (field === 'channelId') return 'every kind about requests, and those with `event`';
  const others = FAULT_KINDS.filter((kind) => !kinds.includes(kind));
  if (kinds.length > others.length) return `every kind but ${namesOf(others)}`;
  return namesOf(kinds);
}
function namesOf(kinds: readonly FaultKind[]): string {
  return kinds.map((kind) => `\`${kind}\``).join(', ');
}
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
