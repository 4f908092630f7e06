import { z } from 'zod';
import { MARK_KINDS } from '../../protocol.js';
import { PER_GROUP_MAX } from '../serverLimits.js';
import { type ServerTexts, serverTexts } from '../serverTexts.js';

/** A wish that makes no sense, or cannot be met; `statusCode` is what fastify answers. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  /** What it says, in the language of who asked. */
  readonly say: (texts: ServerTexts) => string;

  constructor(
    readonly statusCode: number,
    say: ((texts: ServerTexts) => string) | string,
  ) {
    const told = typeof say === 'string' ? () => say : say;
    super(told(serverTexts('en')));
    this.say = told;
  }
}

/** Values as the schema wants them; throws RequestError (400) naming each wrong parameter and its value. */
export function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  const given = value as { readonly [name: string]: unknown } | null | undefined;
  const problems = result.error.issues.map(({ path, message }) => {
    const name = path.join('.');
    const got = name === '' ? value : given?.[String(path[0])];
    return `${name || 'the request'}: ${message} (got ${(JSON.stringify(got) ?? 'nothing').slice(0, 200)})`;
  });
  throw new RequestError(400, problems.join('; '));
}

const seq = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const word = z.string().min(1).max(500);
const limit = (fallback: number, max: number) => z.coerce.number().int().min(1).max(max).default(fallback);
const journal = z.string().max(40).default('main');

export const schemas = {
  journal: z.object({ journal }),
  moment: z.object({
    journal,
    seq: seq.optional(),
    at: z.coerce.number().min(0).optional(),
    perGroup: limit(50, PER_GROUP_MAX),
    find: z.string().max(200).optional(),
  }),
  actor: z.object({ journal, id: word, seq: seq.optional() }),
  life: z.object({ journal, actor: word, before: seq.optional(), after: seq.optional(), limit: limit(100, 500) }),
  records: z.object({ journal, after: seq.optional(), before: seq.optional(), limit: limit(50, 200) }),
  record: z.object({ journal, seq: seq.min(1) }),
  timeline: z.object({ journal, from: seq.default(1), to: seq.optional(), buckets: limit(200, 2_000) }),
  marks: z.object({
    journal,
    after: seq.optional(),
    before: seq.optional(),
    kinds: z
      .string()
      .transform((text) => text.split(','))
      .pipe(z.array(z.enum(MARK_KINDS)))
      .optional(),
    limit: limit(1, 200),
  }),
  search: z.object({
    journal,
    actor: word.optional(),
    event: word.optional(),
    message: word.optional(),
    user: word.optional(),
    class: word.optional(),
    rule: word.optional(),
    mark: z.enum(MARK_KINDS).optional(),
    text: z.string().max(200).optional(),
    from: seq.optional(),
    to: seq.optional(),
    order: z.enum(['asc', 'desc']).default('desc'),
    cursor: z
      .string()
      .regex(/^\d{1,16}$/, 'it must be the cursor of the page before')
      .optional(),
    limit: limit(50, 200),
  }),
  message: z.object({ journal, id: word }),
  chart: z.object({ machine: word, brief: z.enum(['0', '1']).default('0') }),
  heat: z.object({ journal, scope: word, from: seq.default(1), to: seq.optional() }),
  export: z.object({ journal, from: seq.min(1), to: seq.min(1) }),
  upload: z.object({ name: z.string().max(200).default('upload') }),
  live: z.object({ journal, after: seq.optional() }),
  whatIf: z.object({
    journal,
    set: z.record(z.string().max(100), z.union([z.string().max(1_000), z.number(), z.boolean()])),
    from: seq.min(1).optional(),
    to: seq.min(1).optional(),
  }),
  job: z.object({ id: word }),
};
