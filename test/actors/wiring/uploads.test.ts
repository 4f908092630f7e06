import { describe, expect, test } from '@jest/globals';
import type { Effect } from '../../../src/actors/ports.js';
import type { CircuitBreakerContext } from '../../../src/machines/circuitBreaker/context.js';
import type { FeatureContext } from '../../../src/machines/feature/context.js';
import type { ErrorClass, PlaceKind } from '../../../src/machines/vocabulary/base.js';
import type { Fact } from '../../../src/machines/vocabulary/facts/facts.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { World } from '../world.js';

type Call = Effect & {
  readonly delivery: string;
  readonly rung: string;
  readonly place: { readonly channelId: string; readonly kind: PlaceKind };
};
const SOON = 90;

/** A bot beside a QQ that answers messages in 90 ms; what becomes of uploads is told. */
class Pictures {
  readonly sent: { readonly channel: string; readonly rung: string; readonly at: number }[] = [];
  readonly world: World;
  readonly uploads: { readonly delivery: string; readonly at: number }[] = [];
  private readonly has = new Set<string>();
  private readonly due = new Map<string, { readonly call: Call; readonly at: number }>();

  /** `end`: null uploads it. */
  constructor(
    private readonly end: (channel: string) => ErrorClass | null,
    private readonly takesMs = SOON,
    options = defaultOptions,
  ) {
    this.world = new World(options);
    this.world.begin();
    this.world.connect();
  }
  ask(message: string, channel: string, form: object, kind: PlaceKind = 'group'): void {
    this.world.receive(message, { channel, author: message, kind });
    const { id: effectId } = this.world.openOf(`message:${message}`, 'handler.run');
    const replies = [{ ordinal: 0, form: { text: message, embed: false, ...form } }];
    this.world.take({ type: 'handler.completed', effectId, replies, operator: false });
    this.note();
  }
  picture(message: string, channel: string, kind: PlaceKind = 'group'): void {
    this.ask(message, channel, { image: `https://p.example/${message}.png` }, kind);
  }
  runTo(at: number): void {
    for (;;) {
      const [next] = [...this.due.values()].sort((a, b) => a.at - b.at);
      if (!next || next.at > at) break;
      this.world.runTo(next.at, () => this.note());
      this.due.delete(next.call.id);
      if (this.world.state.openEffect(next.call.id)) this.answer(next.call);
      this.note();
    }
    this.world.runTo(at, () => this.note());
    if ([...this.due.values()].some((call) => call.at <= at)) this.runTo(at);
  }
  hear(fact: Fact): void {
    this.world.take(fact);
    this.note();
  }
  forms(channel: string): string[] {
    return this.sent.filter((one) => one.channel === channel).map(({ rung }) => rung);
  }
  breaker(id: string): CircuitBreakerContext {
    return this.world.actor(id).snapshot.context as CircuitBreakerContext;
  }
  private answer(call: Call): void {
    const { channelId } = call.place;
    if (call.type === 'picture.upload') {
      const kind = this.end(channelId);
      if (kind === null) {
        this.has.add(call.delivery);
        this.world.succeed(call);
      } else this.world.fail(call, kind as 'transient');
      return;
    }
    if (call.rung === 'image' && !this.has.has(call.delivery)) {
      const nothing = { status: null, latencyMs: 0, retryAfterMs: null, traceId: null };
      const fact = { type: 'call.failed', effectId: call.id, class: 'local', code: 'NOT_UPLOADED' } as const;
      this.world.take({ ...fact, ...nothing, upload: true });
      return;
    }
    this.sent.push({ channel: channelId, rung: call.rung, at: this.world.now });
    this.world.succeed(call);
  }
  /** The recovery loop looks now and then, and finds all well. */
  private checked({ id: effectId, check }: Effect & { readonly check: string }): void {
    const ok = { effectId, code: null, latencyMs: 9 };
    if (check === 'network') this.world.take({ type: 'network.checked', ok: true, ...ok });
    else if (check === 'api') this.world.take({ type: 'api.checked', class: 'ok', status: 200, ...ok });
    else {
      const sample = { heapShare: 0.1, loopP99Ms: 1, appendFailures: 0, appendMaxMs: 1 };
      this.world.take({ type: 'process.sampled', effectId, ...sample });
    }
  }
  private note(): void {
    for (let check = this.world.open('check.run'); check; check = this.world.open('check.run'))
      this.checked(check as Effect & { readonly check: string });
    for (const [id, effect] of this.world.state.openEffects.entries()) {
      const call = effect as Call;
      if (this.due.has(id) || (call.type !== 'call.start' && call.type !== 'picture.upload')) continue;
      const isUpload = call.type === 'picture.upload';
      if (isUpload) this.uploads.push({ delivery: call.delivery, at: this.world.now });
      const isUnsent = call.type === 'call.start' && call.rung === 'image' && !this.has.has(call.delivery);
      this.due.set(id, { call, at: this.world.now + (isUnsent ? 0 : isUpload ? this.takesMs : SOON) });
    }
  }
}

describe('case B2', () => {
  test.each(['group', 'c2c'] as const)(
    '[case B2] [core 37] %s: uploads fail, and the picture replies go as text after the quick tries; texts elsewhere go at once',
    (kind) => {
      const qq = new Pictures(() => 'transient');
      const start = qq.world.now;
      qq.picture('p1', 'G', kind);
      qq.picture('p2', 'G', kind);
      for (let n = 0; n < 20; n += 1) {
        qq.runTo(start + n * 1_000);
        qq.ask(`t${n}`, `elsewhere${n}`, {}, n % 2 === 0 ? 'guild' : 'group');
        qq.runTo(qq.world.now + 200);
        expect(qq.forms(`elsewhere${n}`)).toEqual(['text']);
      }
      expect(qq.forms('G')).toEqual(['text', 'text']);
      expect(Math.max(...qq.sent.filter(({ channel }) => channel === 'G').map(({ at }) => at)) - start).toBeLessThan(
        15_000,
      );
      expect(qq.uploads.length).toBeLessThanOrEqual(8);
      expect([qq.world.value('breaker:messages'), qq.breaker('breaker:messages').failures]).toEqual(['closed', 0]);
    },
  );

  test('[case B2] [core 37] uploads that are cut off hold the text no longer than one may take, and a pause', () => {
    const qq = new Pictures(() => 'ambiguous', 15_000);
    const start = qq.world.now;
    qq.picture('p1', 'G');
    qq.runTo(start + 20_000);
    expect(qq.forms('G')).toEqual(['text']);
    expect(qq.uploads).toHaveLength(1);
  });

  test('[case B2] [B64] while the breaker for uploads is open a picture reply goes as text at once', () => {
    const qq = new Pictures(() => 'transient');
    for (let n = 0; n < 6; n += 1) qq.picture(`p${n}`, `G${n}`);
    qq.runTo(qq.world.now + 30_000);
    expect(qq.world.value('breaker:uploads')).not.toBe('closed');
    qq.world.take({ type: 'operator.isolated', breaker: 'breaker:uploads' });
    const before = qq.uploads.length;
    const asked = qq.world.now;
    qq.picture('later', 'H');
    qq.runTo(asked + 1_000);
    expect(qq.forms('H')).toEqual(['text']);
    expect(qq.uploads).toHaveLength(before);
  });

  test('[case B2] [core 37] groups whose uploads go well keep their pictures while those of one fail on', () => {
    const qq = new Pictures((channel) => (channel === 'bad' ? 'transient' : null));
    for (let n = 0; n < 30; n += 1) {
      qq.picture(`b${n}`, 'bad');
      qq.picture(`g${n}`, `good${n}`);
      qq.runTo(qq.world.now + 3_000);
      expect([n, qq.forms(`good${n}`), qq.world.value('breaker:uploads')]).toEqual([n, ['image'], 'closed']);
    }
    qq.runTo(qq.world.now + 30_000);
    expect(new Set(qq.forms('bad'))).toEqual(new Set(['text']));
  });

  test('[core 37] uploads that work again bring pictures back, after a probe', () => {
    let isDown = true;
    const qq = new Pictures(() => (isDown ? 'transient' : null));
    for (let n = 0; n < 6; n += 1) qq.picture(`p${n}`, `G${n}`);
    qq.runTo(qq.world.now + 30_000);
    isDown = false;
    for (let n = 0; n < 10; n += 1) {
      qq.picture(`q${n}`, `H${n}`);
      qq.runTo(qq.world.now + 10_000);
    }
    expect(qq.forms('H9')).toEqual(['image']);
    expect(qq.world.value('breaker:uploads')).toBe('closed');
  });
});

describe('a breaker of its own for uploads', () => {
  test('[P57] is made when the first picture is to be uploaded, not for one that is sent to a guild', () => {
    const qq = new Pictures(() => null);
    qq.ask('m1', 'c1', {}, 'guild');
    expect(qq.world.state.actor('breaker:uploads')).toBeUndefined();
    qq.picture('m2', 'G');
    qq.runTo(qq.world.now + 1_000);
    expect([qq.world.value('breaker:uploads'), qq.breaker('breaker:uploads').inFlight]).toEqual(['closed', 0]);
    expect(qq.forms('G')).toEqual(['image']);
  });

  test('[P53] a reply whose picture is not there spends no attempt and no place', () => {
    const qq = new Pictures(() => null, 5_000);
    qq.picture('m1', 'G');
    qq.runTo(qq.world.now + 100);
    expect(qq.world.value('delivery:m1.0')).toBe('uploading');
    expect(qq.breaker('breaker:messages')).toMatchObject({ inFlight: 0, failures: 0 });
    expect(qq.breaker('breaker:uploads').inFlight).toBe(1);
  });

  test('[core 31] one that dies while it uploads gives its permit back; one whose window ends as well', () => {
    const qq = new Pictures(() => null, 1_000_000);
    qq.picture('m1', 'G');
    qq.picture('m2', 'H');
    qq.runTo(qq.world.now + 100);
    expect(qq.breaker('breaker:uploads').inFlight).toBe(2);
    qq.world.take({ type: 'actor.quarantined', actor: 'delivery:m1.0', seq: 1, recorded: 'a', recomputed: 'b' });
    expect(qq.breaker('breaker:uploads').inFlight).toBe(1);
    qq.runTo(qq.world.now + 400_000);
    expect([qq.world.value('delivery:m2.0'), qq.breaker('breaker:uploads').inFlight]).toEqual(['deadLettered', 0]);
  });

  test('[core 34] taken out while uploads run and wait, it lives again at once', () => {
    const options = { ...defaultOptions, calls: { ...defaultOptions.calls, inFlightMax: 1 } };
    const qq = new Pictures(() => null, 5_000, options);
    qq.picture('m1', 'G');
    qq.runTo(qq.world.now + 100);
    qq.picture('m2', 'H');
    qq.runTo(qq.world.now + 1_000);
    expect(['m1', 'm2'].map((id) => qq.world.value(`delivery:${id}.0`))).toEqual(['uploading', 'awaitingUpload']);
    qq.world.take({ type: 'actor.quarantined', actor: 'breaker:uploads', seq: 1, recorded: 'a', recomputed: 'b' });
    expect(['m1', 'm2'].map((id) => qq.world.value(`delivery:${id}.0`))).toEqual(['uploading', 'uploading']);
    qq.runTo(qq.world.now + 10_000);
    expect([qq.forms('G'), qq.forms('H')]).toEqual([['image'], ['image']]);
    expect(qq.breaker('breaker:uploads').inFlight).toBe(0);
  });

  test('[core 35] a kill in the middle of an upload: it is made again, and the reply goes once', () => {
    const qq = new Pictures(() => null, 5_000);
    qq.picture('m1', 'G');
    qq.runTo(qq.world.now + 100);
    qq.world.begin();
    qq.world.connect();
    qq.runTo(qq.world.now + 10_000);
    expect(qq.forms('G')).toEqual(['image']);
    expect(qq.uploads).toHaveLength(2);
  });

  test('[case B3] a refused token: uploads wait for another, and no try is spent', () => {
    let isRefused = true;
    const qq = new Pictures(() => (isRefused ? 'auth' : null));
    qq.world.now += 60_000;
    qq.picture('m1', 'G');
    qq.runTo(qq.world.now + 500);
    expect(qq.world.value('delivery:m1.0')).toBe('awaitingUpload');
    isRefused = false;
    const fetch = qq.world.open('token.fetch')!;
    qq.hear({ type: 'token.fetched', effectId: fetch.id, ref: 'new', expiresAt: qq.world.now + 7_200_000 });
    qq.runTo(qq.world.now + 1_000);
    expect(qq.forms('G')).toEqual(['image']);
  });

  test('[F19] a reply that tries pictures again tries them through its upload, and what it shows is kept', () => {
    let refuse = true;
    const qq = new Pictures(() => (refuse ? 'rejectedForm' : null));
    const feature = () => qq.world.actor('feature:fileUploads').snapshot;
    for (let n = 0; feature().value === 'enabled' && n < 9; n += 1) {
      qq.picture(`r${n}`, `G${n}`);
      qq.runTo(qq.world.now + 1_000);
    }
    expect(feature().value).toBe('suspended');
    const waited = (feature().context as FeatureContext).waitMs;
    qq.runTo(qq.world.now + waited + 1_000);
    qq.picture('canary', 'C');
    qq.runTo(qq.world.now + 1_000);
    // Refused again: longer, not anew at once.
    const longer = (feature().context as FeatureContext).waitMs;
    expect(feature().value).toBe('suspended');
    expect(longer).toBeGreaterThan(waited);
    expect(qq.forms('C')).toEqual(['text']);
    refuse = false;
    qq.runTo(qq.world.now + longer + 1_000);
    qq.picture('again', 'D');
    qq.runTo(qq.world.now + 1_000);
    expect([feature().value, qq.forms('D')]).toEqual(['restoring', ['image']]);
  });
});
