import { expect, test } from '@jest/globals';
import type { Stamped } from '../../../src/actors/ports.js';
import { step } from '../../../src/actors/step/step.js';
import { topology } from '../../../src/actors/wiring/topology.js';
import type { IntakeContext } from '../../../src/machines/intake/context.js';
import { chunked } from '../../../src/machines/kit/chunks.js';
import type { Fact } from '../../../src/machines/vocabulary/facts/facts.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { World } from '../../actors/world.js';

const STEPS = 300;

/** Processor time of the step that makes a dead letter while `kept` are kept, us. */
function costWith(kept: number): number {
  const world = new World({ ...defaultOptions, bot: { ...defaultOptions.bot, deadLettersMax: kept } });
  world.begin();
  world.connect();
  const { state } = world;
  const intake = state.actor('intake')!;
  const letters = Array.from({ length: kept }, (_, i) => ({ message: `old${i}`, reason: 'rejectedTarget', at: i }));
  const context = { ...intake.snapshot.context, deadLetters: chunked(letters) };
  state.actors.set('intake', { ...intake, snapshot: { ...intake.snapshot, context } as typeof intake.snapshot });
  world.receive('m1');
  world.complete('m1');
  const { id: effectId } = world.open('call.start')!;
  const nothing = { code: null, latencyMs: 5, retryAfterMs: null, traceId: null };
  const failed = {
    type: 'call.failed',
    effectId,
    class: 'rejectedTarget',
    status: 403,
    ...nothing,
    id: 'f',
    at: world.now,
  };
  const once = () => step(topology, state, failed as Stamped<Fact>);
  const after = once().actors.get('intake')!.snapshot.context as IntakeContext;
  expect([after.ended.deadLettered, after.deadLetters.at(-1)?.at(-1)?.message]).toEqual([1, 'm1']);
  const costs = Array.from({ length: 5 }, () => {
    const before = process.cpuUsage();
    for (let i = 0; i < STEPS; i += 1) once();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / STEPS;
  });
  return Math.min(...costs);
}

test('[core 38] a dead letter costs the same whatever is kept', () => {
  costWith(100);
  const [few, thousand, many] = [costWith(100), costWith(1_000), costWith(10_000)];
  expect(thousand / few).toBeLessThan(2);
  expect(many / few).toBeLessThan(3); // one by one it is dozens of times as much
});
