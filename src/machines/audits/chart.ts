import { assign, emit, setup } from 'xstate';
import { bearing, heard, said } from '../kit/heard.js';
import type { Stamp } from '../vocabulary/base.js';
import type { EffectRequest } from '../vocabulary/effects.js';
import type { FactOf } from '../vocabulary/facts/facts.js';
import type { Signal } from '../vocabulary/signals.js';

/**
 * Which delivery an audit belongs to. QQ tells the outcome by the audit's id alone, and sometimes before the answer
 * that says there is one, so what comes early is kept. Rules: A1 to A8 (docs/SPEC.md).
 */
export interface AuditsContext {
  /** Audits under way, oldest first. */
  readonly waiting: readonly { readonly auditId: string; readonly delivery: string }[];
  /** Outcomes of audits that nobody has asked about yet, oldest first. */
  readonly early: readonly Outcome[];
}
interface Outcome {
  readonly auditId: string;
  readonly passed: boolean;
  readonly message: string | null;
}
type Begun = { readonly type: 'audit.begun'; readonly auditId: string; readonly delivery: string };
type AuditsEvent = (
  | Begun
  | FactOf<'audit.passed'>
  | FactOf<'audit.rejected'>
  | { readonly type: 'signal.undeliverable' }
) &
  Stamp;

export const auditsEventTypes = [
  'audit.begun',
  'audit.passed',
  'audit.rejected',
  'signal.undeliverable',
] as const satisfies readonly AuditsEvent['type'][];

/** Audits remembered in each list; of more, the oldest are forgotten: their deliveries end by `delivery.auditMs`. */
export const AUDITS_MAX = 1_000;

const auditsSetup = setup({
  types: {} as {
    context: AuditsContext;
    events: AuditsEvent;
    emitted: Signal | EffectRequest;
  },
  guards: {
    isDecided: ({ context, event }) =>
      context.early.some(({ auditId }) => auditId === heard(event, 'audit.begun').auditId),
    isAwaited: ({ context, event }) =>
      context.waiting.some(({ auditId }) => auditId === bearing(event, 'auditId').auditId),
  },
  actions: {
    remember: assign({
      waiting: ({ context, event }) => {
        const { auditId, delivery } = heard(event, 'audit.begun');
        return [...context.waiting.slice(1 - AUDITS_MAX), { auditId, delivery }];
      },
    }),
    keepEarly: assign({ early: ({ context, event }) => [...context.early.slice(1 - AUDITS_MAX), outcomeOf(event)] }),
    tellKept: emit(({ context, event }) => {
      const { auditId, delivery } = heard(event, 'audit.begun');
      const { passed, message } = context.early.find((kept) => kept.auditId === auditId) as Outcome;
      return { type: 'audit.ended' as const, delivery, passed, message };
    }),
    tell: emit(({ context, event }) => {
      const { auditId, passed, message } = outcomeOf(event);
      const { delivery } = context.waiting.find((one) => one.auditId === auditId) as { delivery: string };
      return { type: 'audit.ended' as const, delivery, passed, message };
    }),
    forgetKept: assign({
      early: ({ context, event }) =>
        context.early.filter(({ auditId }) => auditId !== bearing(event, 'auditId').auditId),
    }),
    forget: assign({
      waiting: ({ context, event }) =>
        context.waiting.filter(({ auditId }) => auditId !== bearing(event, 'auditId').auditId),
    }),
  },
});

// biome-ignore format: one transition a row
export const auditsMachine = auditsSetup.createMachine({
  id: 'audits',
  context: { waiting: [], early: [] },
  initial: { target: 'matching', description: 'A1 audits are matched from the start' },
  states: {
    matching: {
      on: {
        'audit.begun': [
          { guard: 'isDecided', actions: ['tellKept', 'forgetKept'],
            description: 'A2 its outcome came before the answer' },
          { actions: 'remember', description: 'A3 a message is under audit' },
        ],
        'audit.passed': [
          { guard: 'isAwaited', actions: ['tell', 'forget'], description: 'A4 it may stand in the channel' },
          { actions: 'keepEarly', description: 'A5 an outcome before its answer, or of no message of ours' },
        ],
        'audit.rejected': [
          { guard: 'isAwaited', actions: ['tell', 'forget'], description: 'A6 it may not' },
          { actions: 'keepEarly', description: 'A7 a refusal before its answer, or of no message of ours' },
        ],
        'signal.undeliverable': { description: 'A8 its delivery had ended' },
      },
    },
  },
});

function outcomeOf(event: AuditsEvent): Outcome {
  const outcome = heard(event, 'audit.passed', 'audit.rejected');
  return {
    auditId: outcome.auditId,
    passed: outcome.type === 'audit.passed',
    message: said(outcome, 'message') ?? null,
  };
}
