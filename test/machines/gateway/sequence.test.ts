import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { gatewayMachine } from '../../../src/machines/gateway/chart.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { createMachineDriver, type MachineDriver } from '../machineDriver.js';

const TYPES = [
  'message.received',
  'message.duplicated',
  'event.received',
  'event.unrecognised',
  'frame.rejected',
] as const;
const acts = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        event: fc.constantFrom(...TYPES),
        s: fc.option(fc.integer({ min: 0, max: 40 })),
        isLate: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
      }),
    },
    { weight: 1, arbitrary: fc.constantFrom('drop' as const, 'refuse' as const, 'invalidate' as const) },
    { weight: 2, arbitrary: fc.constantFrom('beat' as const) },
  ),
  { maxLength: 40, size: 'medium' },
);

/** A connection with the chart, as QQ would hold it. */
class Connection {
  readonly chart: MachineDriver = createMachineDriver(gatewayMachine, { options: defaultOptions.gateway });
  sockets = 0;
  get socket(): string {
    return `s${this.sockets}`;
  }
  constructor() {
    this.chart.send({ type: 'token.changed', ref: 'r' });
    this.chart.send({ type: 'gateway.discovered', url: 'ws://g', shards: 1, sessionsRemaining: 900 });
  }
  /** What the bot sends after HELLO. */
  greet(): unknown {
    this.sockets += 1;
    this.chart.send({ type: 'socket.opened', socket: this.socket });
    this.chart.send({ type: 'hello.received', socket: this.socket, heartbeatMs: 40_000 });
    return this.chart.emitted.find(({ type }) => type === 'socket.send');
  }
  welcome(s: number, resumes: boolean): void {
    if (resumes) this.chart.send({ type: 'session.resumed', socket: this.socket, s });
    else
      this.chart.send({
        type: 'session.started',
        socket: this.socket,
        s,
        session: `x${this.sockets}`,
        user: { id: 'b', username: 'b' },
      });
  }
  get s(): unknown {
    return (this.chart.snapshot.context as { s: unknown }).s;
  }
}

describe('the gateway', () => {
  test('[W12] [W13] [W14] [W15] [W56] s is the highest of its session: late, unnumbered and foreign frames do not take it back', () => {
    fc.assert(
      fc.property(acts, (list) => {
        const connection = new Connection();
        connection.greet();
        connection.welcome(1, false);
        let highest = 1;
        for (const act of list) {
          if (act === 'beat') {
            connection.chart.send({ type: 'heartbeat.requested', socket: connection.socket });
            expect(JSON.stringify(connection.chart.emitted)).toContain(`"s":${highest}`);
          } else if (typeof act === 'object') {
            connection.chart.send({ type: act.event, s: act.s, socket: act.isLate ? 's0' : connection.socket });
            if (!act.isLate && act.s !== null) highest = Math.max(highest, act.s);
          } else {
            const refuses = act !== 'drop';
            if (act === 'invalidate') {
              connection.chart.send({ type: 'session.invalidated', socket: connection.socket });
              expect(connection.s).toBeNull();
            }
            connection.chart.send({
              type: 'socket.closed',
              socket: connection.socket,
              code: refuses ? 4006 : 4009,
              reason: '',
            });
            connection.chart.wait(120_000);
            if (connection.chart.state !== 'connecting') return;
            const asked = JSON.stringify(connection.greet());
            if (refuses) expect([connection.s, asked.includes('"resume"')]).toEqual([null, false]);
            else expect(asked).toContain(`"s":${highest}`);
            // RESUMED may carry an older number than what was replayed before it.
            connection.welcome(refuses ? 1 : Math.max(1, highest - 2), !refuses);
            if (refuses) highest = 1;
          }
          expect(connection.s).toBe(highest);
        }
      }),
      { numRuns: 100 },
    );
  });
});
