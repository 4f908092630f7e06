import { NOT_UPLOADED, UPLOAD_MS } from '../../../machines/delivery/pictures.js';
import type { ErrorClass, Place } from '../../../machines/vocabulary/base.js';
import type { Fact } from '../../../machines/vocabulary/facts/facts.js';
import type { Form } from '../../../machines/vocabulary/replies/forms.js';
import type { EffectOfType, Outside } from './outside.js';
import type { Platform } from './platform.js';

const CLASSES = [
  'transient',
  'ambiguous',
  'throttled',
  'auth',
  'rejectedTarget',
  'local',
  'rejectedForm',
  'fatal',
] as const;
const SLOW_MS = 24_000;

/** QQ's OpenAPI, and what the recovery loop asks of the network and the process. */
export class Api {
  /** Pictures that QQ has, as far as this process knows. */
  private readonly uploaded = new Set<string>();
  /** Messages to groups and users that QQ has taken, and under which number each; by delivery and part. */
  private readonly taken = new Map<string, number>();

  constructor(
    private readonly outside: Outside,
    private readonly platform: Platform,
  ) {}

  /** The process has died, and with it what it knew of uploads. */
  drop(): void {
    this.uploaded.clear();
  }

  call(effect: EffectOfType<'call.start'>): void {
    const { outside } = this;
    const isKeyed = effect.place.kind === 'group' || effect.place.kind === 'c2c';
    if (effect.rung === 'image' && isKeyed && !this.uploaded.has(pictureOf(effect.place, effect.form)))
      return outside.later(1, missing(effect.id));
    const { dice, weather } = outside;
    const purpose = `call ${effect.delivery}`;
    const isSlow = weather.slow === true && outside.bad(0.5, purpose);
    const latencyMs = isSlow ? 5_000 + dice.below(SLOW_MS, purpose) : 40 + dice.below(100, purpose);
    if (outside.bad(0.003, purpose))
      return outside.later(1, { type: 'effect.failed', effectId: effect.id, error: 'E' });
    if (outside.bad(0.02, purpose)) return this.audit(effect.id, latencyMs);
    const answer = isKeyed ? this.keyed(effect, latencyMs, purpose) : this.answer(effect, latencyMs, purpose);
    outside.later(latencyMs, answer);
    // An adapter that tells an outcome twice.
    if (outside.bad(0.005, purpose)) outside.later(latencyMs + dice.below(3_000, purpose), answer);
  }

  private answer(effect: EffectOfType<'call.start'>, latencyMs: number, purpose: string): Fact {
    return this.failureOf(effect, latencyMs, purpose) ?? this.successOf(effect, latencyMs, purpose);
  }

  /**
   * QQ takes a message once under its key, also when nobody hears that it did; under another key it would be seen
   * again.
   */
  private keyed(effect: EffectOfType<'call.start'>, latencyMs: number, purpose: string): Fact {
    const key = `${effect.delivery} ${effect.part?.number ?? 1}`;
    const [seq, before] = [effect.seq ?? 0, this.taken.get(key)];
    const answer = this.answer(effect, latencyMs, purpose);
    if (before === seq) return { ...succeeded(effect.id, latencyMs, null), class: 'duplicate' };
    if (answer.type !== 'call.succeeded') return answer;
    if (before !== undefined)
      this.outside.fail('[core 22] what has a key is seen once', `${key} is taken as ${before} and as ${seq}`);
    this.taken.set(key, seq);
    return answer;
  }

  upload({ id, delivery, place, picture }: EffectOfType<'picture.upload'>): void {
    const { dice, weather, bad } = bound(this.outside);
    const { outside } = this;
    const purpose = `upload ${delivery}`;
    if (bad(0.01, purpose)) return outside.later(1, { type: 'effect.failed', effectId: id, error: 'E' });
    const isDown = (weather.uploads || weather.outage || weather.target === place.channelId) && bad(0.95, purpose);
    const hangs = isDown && bad(0.3, purpose);
    const latencyMs = hangs ? UPLOAD_MS : 100 + dice.below(weather.slow ? UPLOAD_MS : 500, purpose);
    const end = this.uploadEnd(id, latencyMs, { isDown, hangs, purpose });
    outside.later(latencyMs, end);
    // What is kept of uploads is bounded: some are forgotten before they are used.
    if (end.type === 'call.succeeded' && !bad(0.05, purpose)) this.uploaded.add(pictureOf(place, picture));
    else this.uploaded.delete(pictureOf(place, picture));
  }

  private uploadEnd(
    id: string,
    latencyMs: number,
    { isDown, hangs, purpose }: { readonly isDown: boolean; readonly hangs: boolean; readonly purpose: string },
  ): Fact {
    const { dice, weather, bad } = bound(this.outside);
    if (isDown) return failed(id, latencyMs, hangs ? 'ambiguous' : 'transient', null, null, hangs ? null : 504);
    if (bad(weather.noise, purpose)) return failed(id, latencyMs, dice.pick(CLASSES, purpose), null, null, 400);
    if (bad(weather.forms ? 0.8 : 0.02, purpose)) return failed(id, latencyMs, 'rejectedForm', 850019, null, 400);
    return succeeded(id, latencyMs, null);
  }

  read({ id: effectId }: EffectOfType<'channel.check'>): void {
    const { outside } = this;
    const { dice } = outside;
    if (outside.bad(0.05, 'reading adapter')) return outside.later(1, { type: 'effect.failed', effectId, error: 'E' });
    const kind = outside.bad(0.2, 'reading')
      ? dice.pick(['transient', 'transient', 'rejectedTarget', 'throttled'] as const, 'reading class')
      : 'ok';
    const matches = dice.chance(0.4, 'stands there') ? [`stands ${effectId}`] : [];
    const isWhole = dice.chance(0.9, 'whole');
    outside.later(50 + dice.below(2_000, 'reading takes'), {
      type: 'channel.checked',
      effectId,
      class: kind,
      code: null,
      matches,
      isWhole,
    });
  }

  acknowledge({ id }: EffectOfType<'interaction.acknowledge'>): void {
    const { outside } = this;
    if (outside.bad(0.2, 'acknowledgement')) outside.later(40, failed(id, 40, 'transient', null, null, 503));
    else outside.later(40, succeeded(id, 40, null));
  }

  check({ id: effectId, check }: EffectOfType<'check.run'>): void {
    const { outside } = this;
    const { weather } = outside;
    if (outside.bad(0.02, 'check hangs')) return;
    if (outside.bad(0.01, 'check adapter')) return outside.later(1, { type: 'effect.failed', effectId, error: 'E' });
    const latencyMs = 12;
    if (check === 'network')
      outside.later(12, { type: 'network.checked', effectId, ok: !weather.network, code: null, latencyMs });
    else if (check === 'memory')
      outside.later(12, {
        type: 'process.sampled',
        effectId,
        heapShare: weather.memory ? 0.9 : 0.2,
        loopP99Ms: 20,
        appendFailures: 0,
        appendMaxMs: 2,
      });
    else {
      const kind = weather.outage ? 'transient' : weather.auth ? 'auth' : 'ok';
      outside.later(12, { type: 'api.checked', effectId, class: kind, status: 200, code: null, latencyMs });
    }
  }

  act({ id: effectId, action }: EffectOfType<'action.run'>): void {
    if (!this.outside.bad(0.1, 'action hangs')) this.outside.later(10, { type: 'action.completed', effectId, action });
  }

  private failureOf(effect: EffectOfType<'call.start'>, latencyMs: number, purpose: string): Fact | null {
    const { dice, weather, bad } = bound(this.outside);
    const fail = (
      kind: ErrorClass,
      code: number | null = null,
      retryAfterMs: number | null = null,
      status: number | null = 400,
    ): Fact => failed(effect.id, latencyMs, kind, code, retryAfterMs, status);
    if (weather.target === effect.place.channelId && bad(0.97, purpose)) return fail('transient', null, null, 500);
    if (weather.outage && bad(0.95, purpose)) {
      const asked = bad(0.05, purpose) ? dice.pick([0, 1_000, 400_000], purpose) : null;
      return fail(bad(0.15, purpose) ? 'ambiguous' : 'transient', null, asked, 503);
    }
    if (bad(weather.noise, purpose)) {
      const asked = bad(0.3, purpose) ? dice.pick([0, 500, 5_000, 60_000], purpose) : null;
      return fail(dice.pick(CLASSES, purpose), null, asked, dice.pick([null, 400], purpose));
    }
    if (weather.forms && effect.rung !== 'text' && bad(0.8, purpose))
      return fail('rejectedForm', dice.pick([50006, 304005, 304036], purpose));
    if (weather.throttle && bad(0.6, purpose))
      return fail(
        'throttled',
        dice.pick([22009, 1100100, 20028], purpose),
        dice.pick([null, 1_000, 30_000], purpose),
        429,
      );
    if (bad(0.01, purpose)) return fail('rejectedForm', dice.pick([304003, 304019, 40054007], purpose));
    if (effect.rung === 'image' && bad(0.2, purpose)) return fail('local', 304082);
    if (bad(0.005, purpose)) return fail('local', dice.pick([11298, 40054002], purpose));
    return null;
  }

  private successOf({ id }: EffectOfType<'call.start'>, latencyMs: number, purpose: string): Fact {
    const { outside } = this;
    const messageId = outside.bad(0.02, purpose) ? null : `q${id}`;
    return { ...succeeded(id, latencyMs, messageId), class: outside.bad(0.01, purpose) ? 'duplicate' : 'ok' };
  }

  /** Accepted, to be looked at: the outcome comes before the answer, after it, or never. */
  private audit(effectId: string, latencyMs: number): void {
    const { outside, platform } = this;
    const { dice } = outside;
    const auditId = `a${effectId}`;
    const passed = dice.chance(0.6, 'audit');
    const tell = (): void =>
      platform.push((socket, s) =>
        passed
          ? { type: 'audit.passed', socket, s, eventId: null, auditId, message: `q${effectId}` }
          : { type: 'audit.rejected', socket, s, eventId: null, auditId },
      );
    const when = dice.next('audit when');
    if (when < 0.7) outside.surely(when < 0.3 ? latencyMs - 1 : latencyMs + 2_000, tell);
    outside.later(latencyMs, { ...succeeded(effectId, latencyMs, null), class: 'underAudit', status: 202, auditId });
  }
}

function missing(effectId: string): Fact {
  const nothing = { status: null, latencyMs: 0, retryAfterMs: null, traceId: null };
  return { type: 'call.failed', effectId, class: 'local', code: NOT_UPLOADED, ...nothing, upload: true };
}
const pictureOf = ({ channelId }: Place, { image, imageFile }: Pick<Form, 'image' | 'imageFile'>): string =>
  `${channelId} ${image} ${imageFile}`;

function bound(outside: Outside): Pick<Outside, 'dice' | 'weather' | 'bad'> {
  return {
    dice: outside.dice,
    weather: outside.weather,
    bad: (probability, purpose) => outside.bad(probability, purpose),
  };
}

function succeeded(effectId: string, latencyMs: number, messageId: string | null) {
  return { type: 'call.succeeded', effectId, class: 'ok', status: 200, code: null, latencyMs, messageId } as const;
}
function failed(
  effectId: string,
  latencyMs: number,
  kind: ErrorClass,
  code: number | null,
  retryAfterMs: number | null,
  status: number | null,
): Fact {
  return { type: 'call.failed', effectId, class: kind, status, code, latencyMs, retryAfterMs, traceId: null };
}
