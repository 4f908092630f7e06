import type { z } from 'zod';
import type { GatewayFact, InboundMessage, MessageFact } from '../../machines/facts.js';
import { stripMentions, unescapeEntities } from './userText.js';
import { envelopeSchema, helloSchema, messageSchema, readySchema, type WireMessage } from './wire.js';

export interface DecodeContext {
  /** Id of the effect that opened the socket. */
  readonly socket: string;
  /** The bot's own user id; null in a process that has resumed and not yet been told. */
  readonly botId: string | null;
}
type Decoded = GatewayFact | MessageFact;
type Envelope = z.infer<typeof envelopeSchema>;

const NAME_MAX = 64;
const MESSAGES = ['AT_MESSAGE_CREATE', 'MESSAGE_CREATE', 'DIRECT_MESSAGE_CREATE'];

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

function decodeDispatch({ t, s, id, d }: Envelope, context: DecodeContext): Decoded | string {
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
  if (!MESSAGES.includes(t)) {
    return { type: 'event.unrecognised', socket, s: s ?? null, name: t.slice(0, NAME_MAX), eventId: id ?? null };
  }
  const message = messageSchema.safeParse(d);
  if (!message.success) return faultOf(t, message.error);
  if (typeof s !== 'number') return `${t}: s is missing`;
  return {
    type: 'message.received',
    socket,
    s,
    eventId: id ?? null,
    message: toMessage(t, message.data, context.botId),
  };
}

function toMessage(event: string, wire: WireMessage, botId: string | null): InboundMessage {
  const { content, mentionsBot } = readContent(wire, botId);
  return {
    id: wire.id,
    place: {
      kind: event === 'DIRECT_MESSAGE_CREATE' ? 'direct' : 'guild',
      guildId: wire.guild_id,
      channelId: wire.channel_id,
    },
    author: {
      id: wire.author.id,
      username: wire.author.username ?? '',
      bot: wire.author.bot ?? false,
      roles: wire.member?.roles ?? [],
    },
    content,
    mentionsBot: mentionsBot || event === 'AT_MESSAGE_CREATE',
  };
}

/** Without the bot's id: the only bot mentioned is taken for it, or of several the one that the message starts with. */
function readContent(wire: WireMessage, botId: string | null): { content: string; mentionsBot: boolean } {
  const text = wire.content ?? '';
  const mentioned = wire.mentions ?? [];
  const bots = [...new Set(mentioned.filter(({ bot }) => bot).map(({ id }) => id))];
  const own = botId ?? (bots.length > 1 ? bots.find((id) => startsWithMention(text, id)) : bots[0]) ?? null;
  if (own === null) return { content: unescapeEntities(text).trim(), mentionsBot: bots.length > 0 };
  const isTagged = text.includes(`<@!${own}>`) || text.includes(`<@${own}>`);
  return {
    content: unescapeEntities(stripMentions(text, [own])).trim(),
    mentionsBot: isTagged || mentioned.some(({ id }) => id === own),
  };
}

function startsWithMention(text: string, id: string): boolean {
  const head = text.trimStart();
  return head.startsWith(`<@!${id}>`) || head.startsWith(`<@${id}>`);
}

function parse(raw: Buffer | string): unknown {
  try {
    return JSON.parse(raw.toString());
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
