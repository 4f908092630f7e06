import type { Permit } from '../vocabulary/base.js';
import type { EffectOf } from '../vocabulary/effects.js';
import { type DeliveryContext, isKeyed, seqOf } from './context.js';
import { UPLOAD_MS } from './pictures.js';

/** What a reply asks of QQ, each under its permit. */
const READ_MS = 5_000;

type Permitted = { readonly delivery: string; readonly breaker: string; readonly permit: Permit };
const underPermit = ({ id, breaker, permit }: DeliveryContext): Permitted => ({
  delivery: id,
  breaker: breaker as string,
  permit: permit as Permit,
});

export function callOf(context: DeliveryContext): EffectOf<'call.start'> {
  return {
    type: 'call.start',
    ...underPermit(context),
    probe: context.probe,
    place: context.place,
    msgId: context.messageId,
    ...(context.event === undefined ? {} : { event: context.event }),
    ...(context.index === undefined ? {} : { index: context.index }),
    ...(isKeyed(context) ? { seq: seqOf(context) } : {}),
    ...(context.part === null ? {} : { part: context.part }),
    ...(context.without.length === 0 ? {} : { without: context.without }),
    rung: context.rung,
    form: context.form,
    late: context.late,
    attempt: context.attempt,
    timeoutMs: context.options.timeoutMs,
    ...(context.attempt <= (context.form.rehearsals ?? 0) ? { rehearse: true as const } : {}),
  };
}

export function readingOf(context: DeliveryContext): EffectOf<'channel.check'> {
  return {
    type: 'channel.check',
    ...underPermit(context),
    place: context.place,
    msgId: context.messageId,
    ...(context.part === null ? {} : { part: context.part }),
    ...(context.without.length === 0 ? {} : { without: context.without }),
    rung: context.rung,
    form: context.form,
    late: context.late,
    timeoutMs: READ_MS,
  };
}

export function uploadOf(context: DeliveryContext): EffectOf<'picture.upload'> {
  const { image, imageFile } = context.form;
  return {
    type: 'picture.upload',
    ...underPermit(context),
    place: context.place,
    picture: { ...(image === undefined ? {} : { image }), ...(imageFile === undefined ? {} : { imageFile }) },
    attempt: context.uploads?.tries ?? 1,
    timeoutMs: Math.min(UPLOAD_MS, context.options.timeoutMs),
  };
}
/** Asks for a permit to call; with a breaker, for one of another purpose. */
export function permitAsk({ id, deadline, operator, lane }: DeliveryContext) {
  return { type: 'permit.requested', delivery: id, deadline, operator, target: lane } as const;
}
