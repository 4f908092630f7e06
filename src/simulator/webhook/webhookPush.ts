import { readAnswer } from '../../base/unpack.js';
import type { Faults } from '../faults/faults.js';
import type { Random } from '../kit/random.js';
import type { Timers } from '../kit/timers.js';
import { SigningKey } from './signing.js';

export interface WebhookTarget {
  readonly appId: string;
  readonly secret: string;
  readonly url: string;
}
export interface PushedEvent {
  readonly id: string;
  readonly t: string;
  readonly d: object;
}
/** One request to a callback address. */
export interface Push {
  readonly at: number;
  readonly appId: string;
  /** null: the address check (op 13). */
  readonly t: string | null;
  readonly eventId: string | null;
  readonly attempt: number;
  /** null: no answer came. */
  readonly status: number | null;
  readonly isAcknowledged: boolean;
  /** What was wrong, or worth knowing. */
  readonly note: string | null;
}
export type Send = (url: string, init: RequestInit) => Promise<Response>;

/** Bytes of a callback's answer. */
const ANSWER_MAX = 64 * 1024;
/** How long a callback has to answer. */
export const PUSH_TIMEOUT_MS = 5_000;
/** Waits before a push is tried again; then it is given up. */
export const PUSH_RETRY_MS = [1_000, 5_000, 25_000] as const;
/** Pushes to one bot under way at once. */
export const PUSHES_AT_ONCE = 16;
/** Pushes waiting for one bot; past it the oldest is given up. */
export const PUSHES_MAX = 10_000;
/** Requests in the list; the oldest are forgotten first. */
export const PUSH_LOG_MAX = 1_000;

interface Job {
  readonly target: WebhookTarget;
  readonly event: PushedEvent;
}

/** Pushes events to callbacks over HTTP: signed, acknowledged with op 12, tried again when they fail. */
export class WebhookPush {
  private readonly waiting = new Map<string, Job[]>();
  private readonly underWay = new Map<string, number>();
  private readonly retries = new Set<() => void>();
  private list: Push[] = [];
  private isClosed = false;

  constructor(
    private readonly faults: Faults,
    private readonly timers: Timers,
    private readonly random: Random,
    private readonly send: Send = fetch,
  ) {}

  /** The address check: true when the answer has the token and its signature. */
  async check(target: WebhookTarget): Promise<boolean> {
    const token = this.random.hex(24);
    const timestamp = this.timestamp(0);
    const body = JSON.stringify({ op: 13, d: { plain_token: token, event_ts: timestamp } });
    const note = (status: number | null, wrong: string | null): boolean => {
      this.note(target, null, 1, status, wrong === null, wrong);
      return wrong === null;
    };
    try {
      const { status, text } = await this.post(target, body, timestamp, false);
      if (status !== 200) return note(status, 'expected HTTP 200');
      const answer = asObject(text);
      if (answer.plain_token !== token) return note(status, 'the answer has not the same plain_token');
      const isSigned = new SigningKey(target.secret).verify(timestamp, token, String(answer.signature));
      return note(status, isSigned ? null : 'the signature in the answer does not fit the secret');
    } catch (error) {
      return note(null, causeOf(error));
    }
  }

  push(target: WebhookTarget, event: PushedEvent): void {
    const jobs = this.waiting.get(target.appId) ?? [];
    this.waiting.set(target.appId, jobs);
    jobs.push({ target, event });
    if (jobs.length > PUSHES_MAX) this.note(target, jobs.shift()!.event, 0, null, false, 'given up: too many wait');
    this.next(target.appId);
  }
  pushes(): readonly Push[] {
    return this.list;
  }
  close(): void {
    this.isClosed = true;
    this.waiting.clear();
    for (const callOff of this.retries) callOff();
  }

  private next(appId: string): void {
    const jobs = this.waiting.get(appId) ?? [];
    while (!this.isClosed && jobs.length > 0 && (this.underWay.get(appId) ?? 0) < PUSHES_AT_ONCE) {
      const job = jobs.shift()!;
      this.underWay.set(appId, (this.underWay.get(appId) ?? 0) + 1);
      void this.deliver(job, 1).finally(() => {
        this.underWay.set(appId, (this.underWay.get(appId) ?? 1) - 1);
        this.next(appId);
      });
    }
  }
  /** A push that waits for its next try holds no place among those under way. */
  private async deliver(job: Job, attempt: number): Promise<void> {
    const { target, event } = job;
    const { appId } = target;
    const isTwice = attempt === 1 && this.faults.hit('webhookDuplicate', appId, event) !== null;
    const [isDone] = await Promise.all([this.request(job, attempt, 0), isTwice && this.request(job, attempt, 0)]);
    const waitMs = PUSH_RETRY_MS[attempt - 1];
    if (isDone) {
      const replay = this.faults.hit('webhookReplay', appId, event);
      if (replay) await this.request(job, attempt, replay.ageMs ?? 3_600_000);
    } else if (waitMs !== undefined && !this.isClosed) {
      const callOff = this.timers.after(waitMs, () => {
        this.retries.delete(callOff);
        void this.deliver(job, attempt + 1);
      });
      this.retries.add(callOff);
    }
  }
  private async request(job: Job, attempt: number, ageMs: number): Promise<boolean> {
    const { target, event } = job;
    const isForged = this.faults.hit('webhookBadSignature', target.appId, event) !== null;
    const body = JSON.stringify({ op: 0, id: event.id, t: event.t, d: event.d });
    const tell = (status: number | null, isAcknowledged: boolean, wrong: string | null): boolean => {
      this.note(target, event, attempt, status, isAcknowledged, wrong);
      return isAcknowledged;
    };
    try {
      const { status, text } = await this.post(target, body, this.timestamp(ageMs), isForged);
      if (status !== 200 && status !== 204) return tell(status, false, 'expected HTTP 200 or 204');
      const { op, d } = asObject(text);
      if (op === 12 && d !== 0) return tell(status, false, `the bot answered op 12 with d ${JSON.stringify(d)}`);
      return tell(status, true, op === 12 ? null : 'no op 12 in the answer');
    } catch (error) {
      return tell(null, false, causeOf(error));
    }
  }

  private async post(target: WebhookTarget, body: string, timestamp: string, isForged: boolean) {
    const key = new SigningKey(target.secret);
    const response = await this.send(target.url, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(PUSH_TIMEOUT_MS),
      headers: {
        'Content-Type': 'application/json',
        'User-Agent': 'QQBot-Callback',
        'X-Bot-Appid': target.appId,
        'X-Signature-Method': 'Ed25519',
        'X-Signature-Timestamp': timestamp,
        'X-Signature-Ed25519': key.sign(timestamp, isForged ? `${body} ` : body),
      },
      body,
    });
    return { status: response.status, text: await readAnswer(response, ANSWER_MAX) };
  }
  private timestamp(ageMs: number): string {
    return String(Math.floor((this.timers.now() - ageMs) / 1_000));
  }
  private note(
    { appId }: WebhookTarget,
    event: PushedEvent | null,
    attempt: number,
    status: number | null,
    isAcknowledged: boolean,
    note: string | null,
  ): void {
    const [t, eventId] = [event?.t ?? null, event?.id ?? null];
    this.list.push({ at: this.timers.now(), appId, t, eventId, attempt, status, isAcknowledged, note });
    if (this.list.length > PUSH_LOG_MAX) this.list.shift();
  }
}

function asObject(text: string): { readonly [field: string]: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as { [field: string]: unknown }) : {};
  } catch {
    return {};
  }
}

/** `fetch` says only that it failed; the reason is its cause. */
function causeOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? (error as Error).message;
}
