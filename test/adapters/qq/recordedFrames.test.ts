import { describe, expect, test } from '@jest/globals';
import { type Decoded, decode } from '../../../src/adapters/qq/wire/decode.js';
import { EVENT_READERS } from '../../../src/adapters/qq/wire/decodeEvents.js';
import type { InboundMessage } from '../../../src/machines/vocabulary/base.js';
import { BOT_ID, type RecordedFrame, recordedFrames } from '../../fixtures/frames.js';
import { mutationsOf, nameOf, oversizedAt, placesIn } from '../../fixtures/mutations.js';

const frames = recordedFrames();
/** Names a place and a type, and quotes nothing. */
const REJECTED_MAX = 300;
const read = ({ webhook = false }: RecordedFrame, raw: string): Decoded =>
  decode(raw, { socket: 'f1.0', botId: BOT_ID, isWebhook: webhook });

describe('recorded frames', () => {
  test.each(frames.map((frame) => [`${nameIn(frame.raw)}: ${frame.title}`, frame] as const))('%s', (_, frame) => {
    const fact = read(frame, frame.raw);
    expect(fact.type).toBe(frame.fact);
    if (frame.content !== undefined) expect(fact).toMatchObject({ message: { content: frame.content } });
  });
  test('hold every event that the decoder knows, and every message', () => {
    const messages = ['AT_MESSAGE_CREATE', 'MESSAGE_CREATE', 'DIRECT_MESSAGE_CREATE', 'GROUP_AT_MESSAGE_CREATE'];
    const others = ['GROUP_MESSAGE_CREATE', 'C2C_MESSAGE_CREATE', 'INTERACTION_CREATE', 'READY', 'RESUMED'];
    const recorded = new Set(frames.map(({ raw }) => nameIn(raw)));
    const wanted = [...EVENT_READERS.keys(), ...messages, ...others];
    expect(wanted.filter((name) => !recorded.has(name))).toEqual([]);
  });
});

describe('a recorded frame with each field removed, mistyped, added', () => {
  test.each(frames.map((frame) => [`${nameIn(frame.raw)}: ${frame.title}`, frame] as const))(
    '%s is always one fact that its readers can hold',
    (_, frame) => {
      const wrong: string[] = [];
      for (const { what, raw } of mutationsOf(JSON.parse(frame.raw))) {
        const fault = faultOf(() => read(frame, raw));
        if (fault) wrong.push(`${what}: ${fault}`);
      }
      expect(wrong).toEqual([]);
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    },
  );
  test('too large in each place is always one fact', () => {
    const seen = new Set<string>();
    const wrong: string[] = [];
    for (const frame of frames) {
      const value = JSON.parse(frame.raw) as object;
      for (const path of placesIn(value)) {
        const place = `${frame.fact} ${nameOf(path)}`;
        if (seen.has(place)) continue;
        seen.add(place);
        for (const { what, raw } of oversizedAt(value, path)) {
          const fault = faultOf(() => read(frame, raw));
          if (fault) wrong.push(`${frame.title}: ${what}: ${fault}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });
});

/** What is wrong with what reading gives; null when nothing is. */
function faultOf(reading: () => Decoded): string | null {
  let fact: Decoded;
  try {
    fact = reading();
  } catch (error) {
    return `threw ${String(error)}`;
  }
  const { s, eventId } = fact as { s?: unknown; eventId?: unknown };
  if (s !== undefined && s !== null && !(Number.isSafeInteger(s) && (s as number) >= 0)) return `s is ${String(s)}`;
  if (eventId !== undefined && eventId !== null && typeof eventId !== 'string') return 'eventId is no text';
  if (fact.type === 'frame.rejected' && JSON.stringify(fact).length > REJECTED_MAX) return 'rejected at length';
  if (fact.type === 'hello.received' && !(Number.isFinite(fact.heartbeatMs) && fact.heartbeatMs > 0))
    return `heartbeatMs is ${fact.heartbeatMs}`;
  return fact.type === 'message.received' ? faultOfMessage(fact.message) : null;
}

function faultOfMessage({ id, place, author, content, attachments = [] }: InboundMessage): string | null {
  const texts = [id, place.channelId, author.id, author.username, content, ...author.roles];
  if (!texts.every((text) => typeof text === 'string')) return 'a message with parts that are no texts';
  if (id === '' || place.channelId === '' || author.id === '') return 'a message from nowhere';
  return attachments.every(({ url }) => /^\w+:\/\//.test(url)) ? null : 'a file without a scheme';
}

function nameIn(raw: string): string {
  const { t, op } = JSON.parse(raw) as { t?: string; op: number };
  return t ?? `op ${op}`;
}
