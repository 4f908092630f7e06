import type { z } from 'zod';
import type { EventFact } from '../../../machines/vocabulary/facts/eventFacts.js';
import type { GatewayFact, MessageFact } from '../../../machines/vocabulary/facts/facts.js';
import { EVENT_READERS } from './decodeEvents.js';
import { readMessage } from './decodeMessages.js';
import { envelopeSchema, helloSchema, readySchema } from './fields.js';

export interface DecodeContext {
  /** Id of the effect that opened the socket. */
  readonly socket: string;
  /** The bot's own user id; null in a process that has resumed and not yet been told. */
  readonly botId: string | null;
  /** Pushed by webhook: such frames have no `s`. */
  readonly isWebhook?: boolean;
}
/** Every fact that a frame can be. */
export type Decoded = GatewayFact | MessageFact | EventFact;
type Head = Pick<EventFact, 'socket' | 's' | 'eventId'>;
type Envelope = z.infer<typeof envelopeSchema>;

const NAME_MAX = 64;

/**
 * One frame as the one fact that it is. Never throws: whatever the protocol does not allow is `frame.rejected`, with a
 * reason that names the place of the fault and never quotes what was sent.
 */
export function decode(raw: Buffer | string, context: DecodeContext): Decoded {
  const bytes = Buffer.byteLength(raw);
  const json = parse(raw);
  if (json === undefined) return rejected(context, null, 'not JSON', bytes);
  const envelope = envelopeSchema.safeParse(json);
  if (!envelope.success) return rejected(context, readableS(json), faultOf('frame', envelope.error), bytes);
  const fact = decodeOp(envelope.data, context);
  return typeof fact === 'string' ? rejected(context, envelope.data.s ?? null, fact, bytes) : fact;
}

/** A string is the reason for a rejection. */
function decodeOp(frame: Envelope, context: DecodeContext): Decoded | string {
  const { socket } = context;
  switch (frame.op) {
    case 0:
      return decodeDispatch(frame, context);
    case 1:
      return { type: 'heartbeat.requested', socket };
    case 7:
      return { type: 'reconnect.requested', socket };
    case 9:
      return { type: 'session.invalidated', socket };
    case 10: {
      const hello = helloSchema.safeParse(frame.d);
      if (!hello.success) return faultOf('HELLO', hello.error);
      return { type: 'hello.received', socket, heartbeatMs: hello.data.heartbeat_interval };
    }
    case 11:
      return { type: 'heartbeat.acknowledged', socket };
    default:
      return `op ${frame.op} is unknown`;
  }
}

function decodeDispatch({ t, s = null, id = null, d }: Envelope, context: DecodeContext): Decoded | string {
  const { socket } = context;
  if (!t) return 'dispatch without t';
  if (t === 'READY') {
    const ready = readySchema.safeParse(d);
    if (!ready.success) return faultOf(t, ready.error);
    const { session_id: session, user } = ready.data;
    return {
      type: 'session.started',
      socket,
      s: s ?? 0,
      session,
      user: { id: user.id, username: user.username ?? '' },
    };
  }
  if (t === 'RESUMED') return { type: 'session.resumed', socket, s: s ?? 0 };
  return (
    decodeEvent(t, d, { socket, s, eventId: id }, context) ?? {
      type: 'event.unrecognised',
      socket,
      s,
      name: t.slice(0, NAME_MAX),
      eventId: id,
    }
  );
}

/** Null: nothing here knows this event. */
function decodeEvent(t: string, d: unknown, head: Head, context: DecodeContext): Decoded | string | null {
  const read = readMessage(d, { t, eventId: head.eventId, botId: context.botId });
  if (read) {
    if ('error' in read) return faultOf(t, read.error);
    if (head.s === null && !context.isWebhook) return `${t}: s is missing`;
    return 'message' in read
      ? { type: 'message.received', ...head, message: read.message }
      : { type: 'interaction.created', ...head, ...read };
  }
  const event = EVENT_READERS.get(t)?.(d);
  if (!event) return null;
  return event.success ? ({ ...event.data, ...head } as EventFact) : faultOf(t, event.error);
}

/** Ids that came as numbers beyond 2^53 (old forum events) keep their digits as text. */
const LONG_NUMBER = /[:[,]\s*-?\d{16,}/;
const STRING_OR_LONG_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d{16,}(?![\d.eE])/g;

function parse(raw: Buffer | string): unknown {
  try {
    const text = raw.toString();
    if (!LONG_NUMBER.test(text)) return JSON.parse(text);
    return JSON.parse(text.replace(STRING_OR_LONG_NUMBER, (part) => (part.startsWith('"') ? part : `"${part}"`)));
  } catch {
    return undefined;
  }
}

/** A frame with a fault elsewhere still moves the session on. */
function readableS(json: unknown): number | null {
  const s = (json as { s?: unknown } | null)?.s;
  return typeof s === 'number' && Number.isSafeInteger(s) && s >= 0 ? s : null;
}

function faultOf(subject: string, error: z.ZodError): string {
  const issue = error.issues[0];
  const path = issue?.path.join('.') || 'd';
  const expected = issue?.code === 'invalid_type' ? `is not ${issue.expected}` : 'is missing or not allowed';
  return `${subject}: ${path} ${expected}`;
}

function rejected({ socket }: DecodeContext, s: number | null, reason: string, bytes: number): Decoded {
  return { type: 'frame.rejected', socket, s, reason, bytes };
}
