import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { topology } from '../../../src/actors/wiring/topology.js';
import { decodeRecord, encodeRecord, type RecordBody } from '../../../src/adapters/journal/records/recordCodec.js';
import { WORDS } from '../../../src/adapters/journal/records/words.js';
import { World } from '../../actors/world.js';

const bodyOf = ({ id, fact, steps, effects }: RecordBody): RecordBody => ({ id, fact, steps, effects });

describe('the text of a record in a row', () => {
  test('gives back every record of a life with an outage, byte for byte, in less than half of the bytes', () => {
    const world = new World();
    world.begin();
    world.connect();
    for (let i = 0; i < 20; i += 1) {
      const id = `08e7e49ea9f0f0efd74810e7d84338d471488fc1faa4${i}`;
      world.receive(id, { channel: `c${i}`, author: `u${i}` });
      world.complete(id, ['a reply', 'and another one']);
      for (const call of world.calls) if (i % 3 === 0) world.fail(call);
      world.runTo(world.now + 3_000, () => world.calls.forEach((call) => void world.succeed(call)));
    }
    const [plain, short] = [
      world.records.map((record) => JSON.stringify(bodyOf(record))),
      world.records.map(encodeRecord),
    ];
    expect(short.map((text) => JSON.stringify(decodeRecord(text)))).toEqual(plain);
    expect(short.join('').length / plain.join('').length).toBeLessThan(0.55);
  });

  test('gives back whatever JSON holds (random, with text that looks like tokens)', () => {
    const seed = Date.now() % 1e9;
    const tricky = fc.constantFrom(
      '\u0001',
      '\u0002',
      '\u0003',
      '\n',
      'm-08e7e4',
      'id-000001',
      '0',
      'ready',
      '$&',
      "$'",
      '{"text":"hi"}',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      tricky,
      fc.array(tricky).map((parts) => parts.join('')),
    );
    const json = fc.jsonValue({ noUnicodeString: false }).map((value) => JSON.parse(JSON.stringify(value)) as unknown);
    const state = fc.oneof(text, fc.constantFrom('ready', 'open', null), fc.dictionary(text, text));
    const step = fc.record({
      actor: fc.oneof(text, fc.constantFrom('message:m-08e7e4', 'delivery:m-08e7e4.0', 'breaker:messages')),
      event: fc.oneof(text, fc.constantFrom('call.succeeded', 'timer.elapsed')),
      from: state,
      to: state,
      rules: fc.array(fc.oneof(text, fc.constantFrom('B1', 'D 2', ''))),
    });
    const form = fc.record({ text });
    const message = fc.record({ id: fc.constant('m-08e7e4'), content: text, more: json });
    const fact = fc.record({
      type: fc.constant('handler.completed'),
      message,
      replies: fc.array(fc.record({ form })),
      any: json,
    });
    const effect = fc.record({ type: text, message, form, any: json, id: fc.constant('id-000001.0') });
    const record = fc.record({
      id: fc.oneof(text, fc.constant('id-000001')),
      fact,
      steps: fc.array(step),
      effects: fc.array(effect),
    });
    fc.assert(
      fc.property(record, (made) => {
        // What effects take over from the fact stands in both.
        const shared = made.effects.map((e) => ({
          ...e,
          message: made.fact.message,
          form: made.fact.replies[0]?.form ?? e.form,
        }));
        for (const effects of [made.effects, shared]) {
          const body = JSON.parse(JSON.stringify({ ...made, effects })) as RecordBody;
          expect(JSON.stringify(decodeRecord(encodeRecord(body)))).toBe(JSON.stringify(body));
        }
      }),
      { seed, numRuns: 500 },
    );
  });

  test.each([
    ['nothing', ''],
    ['one line', '["a"]'],
    ['a word that is not known', '["a"]\n{"type":"x"}\n[[9999,1,1,1]]'],
    ['half of a line', '["a"]\n{"type":'],
    ['no list of steps', '["a"]\n{"type":"x"}\n{}'],
  ])('refuses %s', (_what, text) => {
    expect(() => decodeRecord(text)).toThrow();
  });
});

describe('the words', () => {
  test('keep their numbers: part of the format, only ever added to at the end', () => {
    const first = WORDS.slice(0, 213);
    let sum = 0;
    for (const word of first) for (const unit of `${word}\n`) sum = (Math.imul(sum, 31) + unit.charCodeAt(0)) | 0;
    expect([first.length, sum]).toEqual([213, -94065854]);
  });
  test('are each there once', () => {
    expect(new Set(WORDS).size).toBe(WORDS.length);
  });
  test("name every machine's own state at least at the time of this format", () => {
    const states = Object.values(topology.machines).flatMap(({ machine }) => Object.keys(machine.states));
    expect(states.filter((state) => WORDS.includes(state)).length).toBeGreaterThan(states.length / 2);
  });
});
