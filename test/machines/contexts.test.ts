import { describe, expect, test } from '@jest/globals';
import { loadCheckpoint } from '../../src/actors/fold/checkpoint.js';
import { takeCheckpoint } from '../../src/actors/fold/checkpointer.js';
import { restoredContext } from '../../src/actors/fold/contexts.js';
import type { Checkpoint } from '../../src/actors/ports.js';
import { SystemState } from '../../src/actors/step/state.js';
import { topology } from '../../src/actors/wiring/topology.js';
import type { AnyContextCard } from '../../src/machines/vocabulary/card.js';
import { defaultOptions } from '../../src/machines/vocabulary/options/options.js';
import { World } from '../actors/world.js';

interface Context {
  readonly [field: string]: unknown;
}
interface Saved {
  readonly machine: string;
  readonly context: Context;
}

/** A checkpoint of a private bot in which every machine has an actor. */
function checkpointOfAll(): Checkpoint {
  const { gateway } = defaultOptions;
  const world = new World({ ...defaultOptions, gateway: { ...gateway, intents: gateway.intents | (1 << 9) } });
  world.begin();
  world.connect();
  world.receive('m1', { channel: 'c1' });
  world.receive('m2', { channel: 'c2', author: 'u2' });
  world.complete('m2');
  const { id: effectId } = world.openOf('message:m1', 'handler.run');
  world.take({ type: 'external.requested', effectId, ordinal: 0, name: 'weather', timeoutMs: 1_000 });
  world.take({ type: 'interaction.created', socket: 's1', s: 9, eventId: 'e', interaction: 'i1' } as never);
  return takeCheckpoint(world.state);
}
const whole = JSON.parse(JSON.stringify([...checkpointOfAll().parts])) as [string, Saved][];
const actors = whole.filter(([key]) => key.startsWith('actor:')).map(([key, saved]) => [key.slice(6), saved] as const);

/** The same checkpoint with another context of one actor, restored. */
function restored(id: string, context: object): SystemState {
  const state = new SystemState();
  const parts = new Map<string, unknown>(whole);
  parts.set(`actor:${id}`, { ...(parts.get(`actor:${id}`) as Saved), context });
  loadCheckpoint(state, { seq: 100, at: 1_000_000, parts }, topology);
  return state;
}
function contextAfter(id: string, context: object): Context {
  return { ...restored(id, context).actor(id)!.snapshot.context };
}
const saved = (id: string): Context => actors.find(([actor]) => actor === id)![1].context;
const without = (context: object, field: string): object =>
  Object.fromEntries(Object.entries(context).filter(([key]) => key !== field));

describe('[core 39] the state of every actor is checked when it is restored', () => {
  test('every machine has an actor here', () => {
    const machines = Object.keys(topology.machines).sort();
    expect([...new Set(actors.map(([, { machine }]) => machine))].sort()).toEqual(machines);
  });

  const samples = Object.keys(topology.machines).map((name) => actors.find(([, { machine }]) => machine === name)!);
  describe.each(samples)('%s', (id, { machine, context }) => {
    const member = topology.machines[machine]!;
    const card = member.context!;
    const fill = (changed: object) => restoredContext(member, { id, at: 1_000_000, context: changed }) as Context;
    const fields = Object.keys(context);

    test('as it is: the same again', () => expect(fill(context)).toEqual(context));

    test.each(fields)(
      'without `%s`: its default, or an error that names it where nothing can stand for it',
      (field) => {
        const rest = without(context, field);
        if (field in card.needed) {
          expect(() => fill(rest)).toThrow(`${field} is missing, and nothing can stand for it`);
          return;
        }
        expect(fill(rest)).toMatchObject(rest);
        if (!(field in card.optional))
          expect(kindOf(fill(rest)[field], field, card)).toBe(kindOf(context[field], field, card));
      },
    );

    test.each(fields)('with `%s` of another kind: an exact error', (field) => {
      const kinds = [['yesterday'], { a: 'b' }, 'yesterday', true, 7];
      const refused = kinds.flatMap((value) => {
        try {
          fill({ ...context, [field]: value });
          return [];
        } catch (error) {
          return [(error as Error).message];
        }
      });
      expect(refused.length).toBeGreaterThanOrEqual(3);
      expect(refused.filter((message) => !message.startsWith(field))).toEqual([]);
    });
  });

  test('[case L6] a checkpoint without `streak` in health:send: none', () => {
    expect(contextAfter('health:send', without(saved('health:send'), 'streak'))).toEqual({
      ...saved('health:send'),
      streak: 0,
    });
  });
  test('[case L6] a checkpoint without `waiting` in a breaker: nobody waits, and the next request is served', () => {
    const state = restored('breaker:messages', without(saved('breaker:messages'), 'waiting'));
    expect(state.actor('breaker:messages')!.snapshot.context).toMatchObject({ waiting: { size: 0, chunks: [] } });
  });
  test('[case L6] `lastAt: "yesterday"`: an error naming actor, machine, field and value', () => {
    expect(() => contextAfter('health:send', { ...saved('health:send'), lastAt: 'yesterday' })).toThrow(
      'checkpoint 100: actor health:send ("health"): lastAt is "yesterday", expected a number',
    );
  });
  test('[case L6] what is missing in the options of an actor gets its default, what is wrong there is named', () => {
    const { options } = saved('breaker:messages') as { options: Context };
    const [first = ''] = Object.keys(options);
    const after = contextAfter('breaker:messages', { ...saved('breaker:messages'), options: without(options, first) });
    expect(after.options).toEqual(options);
    const wrong = { ...saved('breaker:messages'), options: { ...options, [first]: ['x'] } };
    expect(() => contextAfter('breaker:messages', wrong)).toThrow(`options.${first} is ["x"]`);
  });
  test('a part that this version does not know is an error, never dropped', () => {
    const parts = new Map<string, unknown>([...whole, ['lease:1', {}]]);
    expect(() => loadCheckpoint(new SystemState(), { seq: 7, at: 1, parts }, topology)).toThrow(
      'checkpoint 7: this version does not know the part "lease:1"',
    );
  });
});

/** A field that may be null has one kind, whatever it is. */
function kindOf(value: unknown, field: string, { nullable }: AnyContextCard): string {
  if (field in nullable) return 'nullable';
  return Array.isArray(value) ? 'list' : typeof value;
}
