import { describe, expect, test } from '@jest/globals';
import { World } from './actors/world.js';

/** The targets in virtual time: users write twice a second, calls take 100 ms. */
class Traffic {
  readonly world = new World();
  readonly forms: { readonly at: number; readonly rung: string; readonly accepted: boolean }[] = [];
  private sent = 0;
  isDown = false;
  refusesEmbeds = false;

  constructor(seed: number) {
    this.world.begin();
    this.world.connect();
    for (let i = 0; i < seed; i += 1)
      this.world.take({ type: 'frame.rejected', socket: 's1', s: null, reason: 'seed', bytes: i }); // ids, and so jitter, differ
  }
  /** Runs for `ms` in steps of 100 ms. */
  run(ms: number, each: () => void = () => undefined): void {
    for (const end = this.world.now + ms; this.world.now < end; ) {
      if (this.world.now % 500 < 100) this.write();
      this.world.runTo(this.world.now + 100);
      this.answer();
      each();
    }
  }
  private write(): void {
    this.sent += 1;
    const id = `m${this.sent}`;
    this.world.receive(id, { channel: `c${this.sent % 20}`, author: `u${this.sent}` });
    this.world.complete(id, [`answer ${this.sent}`]);
  }
  private answer(): void {
    const { world } = this;
    for (const [, effect] of [...world.state.openEffects.entries()]) {
      const { id: effectId } = effect;
      if (effect.type === 'call.start') {
        const isRefused = this.refusesEmbeds && effect.rung !== 'text';
        this.forms.push({ at: world.now, rung: effect.rung, accepted: !this.isDown && !isRefused });
        if (this.isDown) world.fail(effect);
        else if (isRefused) world.fail(effect, 'rejectedForm');
        else world.succeed(effect, 100);
      } else if (effect.type === 'check.run') {
        if (effect.check === 'network')
          world.take({ type: 'network.checked', effectId, ok: true, code: null, latencyMs: 5 });
        else if (effect.check === 'memory')
          world.take({
            type: 'process.sampled',
            effectId,
            heapShare: 0.1,
            loopP99Ms: 5,
            appendFailures: 0,
            appendMaxMs: 1,
          });
        else
          world.take({
            type: 'api.checked',
            effectId,
            class: this.isDown ? 'transient' : 'ok',
            status: this.isDown ? 503 : 200,
            code: null,
            latencyMs: 5,
          });
      }
    }
  }
  firstAfter(at: number, rung?: string): number {
    return (
      this.forms.find((form) => form.at > at && form.accepted && (rung === undefined || form.rung === rung))!.at - at
    );
  }
  get inHand(): number {
    return (this.world.actor('intake').snapshot.context as { inHand: number }).inHand;
  }
}
const mean = (numbers: readonly number[]): number => numbers.reduce((sum, n) => sum + n, 0) / numbers.length;

describe('targets, in virtual time', () => {
  test('an outage of about 60 s is over for users within 3 s of its end (mean over 20 seeds)', () => {
    const delays = Array.from({ length: 20 }, (_, seed) => {
      const traffic = new Traffic(seed);
      traffic.run(5_000 + seed * 300);
      traffic.isDown = true;
      // 45 to 74 s: a fixed length could fall together with a deadline of ours and look lucky.
      traffic.run(45_000 + 1_500 * seed + 37 * seed);
      traffic.isDown = false;
      const end = traffic.world.now;
      traffic.run(20_000);
      expect(
        (traffic.world.actor('intake').snapshot.context as { ended: { deadLettered: number } }).ended.deadLettered,
      ).toBe(0);
      return traffic.firstAfter(end);
    });
    expect(mean(delays)).toBeLessThan(3_000);
  });

  test('a form refused for 3 minutes is back within 12 s of its repair, and 95 % of replies have the full form while it works', () => {
    for (const seed of [7]) {
      const traffic = new Traffic(seed);
      traffic.run(60_000);
      traffic.refusesEmbeds = true;
      traffic.run(180_000);
      traffic.refusesEmbeds = false;
      const repaired = traffic.world.now;
      traffic.run(240_000);
      expect(traffic.firstAfter(repaired, 'embed')).toBeLessThan(12_000);
      const whileWorking = traffic.forms.filter(
        ({ at, accepted }) => accepted && (at <= repaired - 180_000 || at > repaired),
      );
      expect(whileWorking.filter(({ rung }) => rung === 'embed').length / whileWorking.length).toBeGreaterThan(0.95);
      expect(traffic.world.value('feature:richEmbeds')).toBe('enabled');
    }
  });
});
