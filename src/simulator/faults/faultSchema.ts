import { z } from 'zod';
import { COMMON, FIELDS, type FieldName } from './fields.js';
import { FAULT_KINDS, type FaultKind, KINDS, type KindRow } from './kinds.js';

/** The fields that a fault of this kind may have. */
export function fieldsOf(kind: FaultKind): readonly FieldName[] {
  const { strikes, fields }: KindRow = KINDS[kind];
  const scope: readonly FieldName[] = strikes === 'request' || strikes === 'answer' ? ['feature'] : [];
  return [...new Set([...COMMON, ...scope, ...fields])];
}

function schemaOf(kind: FaultKind) {
  const { does }: KindRow = KINDS[kind];
  const optional = fieldsOf(kind).map((field) => [field, (FIELDS[field] as z.ZodType).optional()] as const);
  return z.strictObject({ kind: z.literal(kind), ...Object.fromEntries(optional) }).describe(does);
}

const [first, ...others] = FAULT_KINDS;
/** A fault as the control API takes it: one shape for each kind. */
export const faultSchema = z.discriminatedUnion('kind', [schemaOf(first), ...others.map(schemaOf)]);
