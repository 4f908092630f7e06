import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Record } from '../../actors/ports.js';

export interface MetricsSources {
  inboxLength(): number;
  inHand(): number;
  actors(): number;
  deadlines(): number;
}
export interface Metrics {
  readonly registry: Registry;
  observe(record: Record): void;
  close(): void;
}

/** Prometheus metrics made from records; gauges are read when asked. */
export function createMetrics(sources: MetricsSources): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: string[]) =>
    new Counter({ name: `kintsugi_${name}`, help, labelNames, registers });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `kintsugi_${name}`,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  const records = counter('records_total', 'Records in the journal, by type of fact', ['type']);
  const steps = counter('steps_total', 'Microsteps of all actors', []);
  const ended = counter('messages_ended_total', 'Messages by how they ended', ['verdict']);
  const calls = counter('calls_total', 'Calls by the class of their end', ['class']);
  const breaker = counter('breaker_transitions_total', 'State changes of breakers', ['breaker', 'to']);
  const stalled = counter(
    'stalled_seconds_total',
    'Time that the process did not have: blocked, stopped or asleep',
    [],
  );
  const crashes = counter('actor_crashes_total', 'Actors that threw', []);
  const latency = new Histogram({
    name: 'kintsugi_call_seconds',
    help: 'Latency of calls',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  gauge('inbox_length', 'Facts waiting to be stepped', sources.inboxLength);
  gauge('messages_in_hand', 'Messages that have not ended', sources.inHand);
  gauge('actors', 'Living actors', sources.actors);
  gauge('deadlines', 'Armed timers, cancelled ones included until they come up', sources.deadlines);
  const lag = monitorEventLoopDelay({ resolution: 20 });
  lag.enable();
  gauge('event_loop_lag_p99_seconds', '99th percentile of the event-loop delay since the last scrape', () => {
    const seconds = lag.percentile(99) / 1e9;
    lag.reset();
    return seconds;
  });
  return {
    registry,
    observe(record) {
      records.inc({ type: record.fact.type });
      steps.inc(record.steps.length);
      if (record.fact.type === 'call.succeeded' || record.fact.type === 'call.failed') {
        calls.inc({ class: record.fact.class });
        latency.observe(record.fact.latencyMs / 1_000);
      }
      if (record.fact.type === 'time.lost') stalled.inc(record.fact.lostMs / 1_000);
      for (const { actor, from, to } of record.steps) {
        if (to === null && from !== null) crashes.inc();
        else if (from !== to && actor.startsWith('breaker:'))
          breaker.inc({ breaker: actor, to: typeof to === 'string' ? to : (Object.keys(to ?? {})[0] ?? '') });
        else if (from !== to && typeof to === 'string' && actor.startsWith('message:') && VERDICTS.has(to))
          ended.inc({ verdict: to });
      }
    },
    close: () => lag.disable(),
  };
}

const VERDICTS: ReadonlySet<string> = new Set(['answered', 'silent', 'refused', 'deadLettered', 'uncertain']);
