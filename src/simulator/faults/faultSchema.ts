import { z } from 'zod';
import { COMMON, FIELDS, type FieldName } from './fields.js';
import { FAULT_KINDS, type FaultKind, KINDS, type KindRow, targetOf } from './kinds.js';

/** Before IDENTIFY nobody knows whose connection it is. */
const NAMELESS: readonly FaultKind[] = ['noHello', 'helloDelay'];

/** The fields that a fault of this kind may have. */
export function fieldsOf(kind: FaultKind): readonly FieldName[] {
  const { fields }: KindRow = KINDS[kind];
  const scope: FieldName[] = [];
  if (!NAMELESS.includes(kind)) scope.push('appId');
  if (isAboutRequests(kind)) scope.push('channelId', 'feature');
  else if (fields.includes('event')) scope.push('channelId');
  return [...new Set([...COMMON, ...scope, ...fields])];
}
function isAboutRequests(kind: FaultKind): boolean {
  const strikes = targetOf(kind);
  return strikes === 'request' || strikes === 'answer';
}

/** What has no route of its own is on one all the same: a scope that can never be met is nonsense. */
function routeOf(kind: FaultKind): z.ZodType {
  if (isAboutRequests(kind) || kind === 'tokenExpired' || kind === 'gatewayUnreachable') return FIELDS.route;
  return z.literal(targetOf(kind) === 'push' ? 'webhook' : 'websocket').describe(FIELDS.route.description ?? '');
}

function schemaOf(kind: FaultKind) {
  const { does }: KindRow = KINDS[kind];
  const optional = fieldsOf(kind).map((field) => {
    const schema: z.ZodType = field === 'route' ? routeOf(kind) : FIELDS[field];
    return [field, schema.optional()] as const;
  });
  return z
    .strictObject({ kind: z.literal(kind), ...Object.fromEntries(optional) })
    .refine(isRising, { path: ['latencyP99Ms'], message: 'must not be less than latencyP50Ms' })
    .describe(does);
}

/** Half of all latencies cannot be longer than 99 of 100. */
function isRising({ latencyP50Ms: p50, latencyP99Ms: p99 }: { readonly [field: string]: unknown }): boolean {
  return typeof p50 !== 'number' || typeof p99 !== 'number' || p50 <= p99;
}

const [first, ...others] = FAULT_KINDS;
/** A fault as the control API takes it: one shape for each kind. */
export const faultSchema = z.discriminatedUnion('kind', [schemaOf(first), ...others.map(schemaOf)]);
