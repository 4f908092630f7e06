import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Log } from '../../../src/actors/ports.js';
import { createRecordLog } from '../../../src/adapters/operator/recordLog.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { World } from '../../actors/world.js';

/** Runs a story in the world and gives the lines an operator would read, as `level text`. */
function linesOf(story: (world: World) => void, options = defaultOptions, withDebug = false): string[] {
  const said: string[] = [];
  const say = (level: string) => (_fields: object, text: string) => void said.push(`${level} ${text}`);
  const log = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') } as Log;
  const world = new World(options);
  const write = createRecordLog(log);
  const take = world.take.bind(world);
  world.take = (fact) => {
    const record = take(fact);
    write(record, world.state);
    return record;
  };
  world.begin();
  world.connect();
  said.length = 0;
  story(world);
  return withDebug ? said : said.filter((line) => !line.startsWith('debug'));
}
const noJitter = { ...defaultOptions, retry: { ...defaultOptions.retry, jitter: 'none' as const } };

describe('the log of records', () => {
  test('names the permission to apply for when QQ refuses the intents', () => {
    const intents = defaultOptions.gateway.baseIntents | (1 << 12) | (1 << 26);
    const options = { ...defaultOptions, gateway: { ...defaultOptions.gateway, intents } };
    const said = linesOf((world) => {
      const { socket } = world.state.actors.get('gateway')!.snapshot.context as { socket: string };
      world.take({ type: 'socket.closed', socket, code: 4014, reason: '' });
    }, options);
    expect(said).toContain(
      'warn QQ refuses the intents (4014): trying the base intents; on q.qq.com apply for one of DIRECT_MESSAGE, INTERACTION',
    );
  });
  test('[case S6] [core 36] tells in one line each that time was lost, and that the clock was set', () => {
    const said = linesOf((world) => {
      world.take({ type: 'time.lost', lostMs: 35_000, cause: 'blocked' });
      world.take({ type: 'time.lost', lostMs: 600_000, cause: 'slept' });
      world.take({ type: 'clock.stepped', stepMs: 3_600_000, apartMs: 3_600_000 });
    });
    expect(said).toEqual([
      'warn The process stood still for 35s (a handler that computes, or it was stopped): what came meanwhile is read before anything is judged',
      'warn The machine slept for 600s: what came meanwhile is read before anything is judged',
      'warn The clock of this machine was set by 3600s: waits go on unmoved, what QQ dates goes by the new time',
    ]);
  });
  test('tells what is left out, cut or replaced in a reply', () => {
    const long = 'x'.repeat(200);
    const said = linesOf((world) => {
      const refuse = (message: string, code: number): void => {
        world.receive(message, { channel: message, author: message });
        world.complete(message, [long]);
        world.fail(world.calls[0]!, 'local', code);
        world.runTo(world.now + 100);
        world.succeed(world.calls[0]!);
      };
      for (const [i, code] of [304003, 304019, 40054007].entries()) refuse(`m${i}`, code);
    });
    expect(said).toEqual([
      'info Links refused, sending the message without them',
      'info No @everyone left today, sending the message without it',
      'info Too long for QQ, sending the message in shorter parts',
    ]);
  });

  test('[contract 7] tells of features and of the recovery loop', () => {
    const said = linesOf(
      (world) => {
        const refuse = (message: string): void => {
          world.receive(message, { channel: message, author: message });
          world.complete(message, [message]);
          world.fail(world.calls[0]!, 'rejectedForm');
          world.runTo(world.now + 100);
          world.succeed(world.calls[0]!);
        };
        refuse('m1');
        refuse('m2');
        world.take({ type: 'recovery.requested', by: 'm', force: false, breakers: [] });
        const answer = (ok: boolean): void => {
          for (const effect of [...world.state.openEffects.entries()].map(([, open]) => open)) {
            const { id: effectId } = effect;
            if (effect.type === 'action.run') world.take({ type: 'action.completed', effectId, action: effect.action });
            if (effect.type !== 'check.run') continue;
            if (effect.check === 'network')
              world.take({ type: 'network.checked', effectId, ok, code: null, latencyMs: 1 });
            if (effect.check === 'api')
              world.take({ type: 'api.checked', effectId, class: 'transient', status: null, code: null, latencyMs: 1 });
            if (effect.check === 'memory')
              world.take({
                type: 'process.sampled',
                effectId,
                heapShare: 0.1,
                loopP99Ms: 1,
                appendFailures: 0,
                appendMaxMs: 1,
              });
          }
        };
        answer(false);
        world.runTo(world.now + 15_000, () => answer(true));
        world.take({ type: 'recovery.requested', by: 'm', force: true, breakers: [] });
      },
      noJitter,
      true,
    ).filter((line) => !line.includes('Message') && !line.includes('Form refused'));
    expect(said).toEqual([
      'warn Disabling feature: richEmbeds',
      'info Manual recovery initiated',
      'warn Health check failed (network): entering degraded mode, resetting connections',
      'warn Disabling feature: fileUploads',
      'info Recovery completed: the measurement has changed',
      'info Enabling feature: richEmbeds',
      'info Enabling feature: fileUploads',
      'info Manual recovery initiated: everything is reset',
    ]);
  });

  test('tells of a retry as the table says', () => {
    const said = linesOf((world) => {
      world.receive('m1');
      world.complete('m1');
      world.fail(world.calls[0]!);
    }, noJitter);
    expect(said).toEqual(['warn Operation failed (attempt 1/4), retrying in 1s']);
  });
  test('D7: on the slow schedule no attempt is said to be the last one, and none is past it', () => {
    const said = linesOf((world) => {
      world.receive('m1');
      world.complete('m1');
      for (let i = 0; i < 9; i += 1) {
        world.fail(world.calls.at(-1)!, 'transient', 503);
        world.runTo(world.now + 31_000);
      }
    }, noJitter).filter((line) => line.includes('Operation failed'));
    expect(said.slice(0, 3)).toEqual([1, 2, 3].map((n) => expect.stringContaining(`(attempt ${n}/4)`)));
    expect(said[3]).toMatch(/^warn Operation failed \(attempt 4\), retrying in [\d.]+s until the reply window ends$/);
    for (const line of said.slice(3)) expect(line).not.toContain('/4)');
  });

  test('tells of an outage from opening to closing', () => {
    const said = linesOf((world) => {
      for (let i = 0; i < 5; i += 1) {
        world.receive(`m${i}`, { author: `u${i}`, channel: `c${i}` });
        world.complete(`m${i}`);
        world.fail(world.calls[0]!);
      }
      const answer = () => world.calls.forEach((call) => void world.succeed(call));
      world.runTo(world.now + 60_000, answer);
    }, noJitter);
    expect(said.filter((line) => line.includes('Circuit'))).toEqual([
      'warn Circuit breaker opened after 5 failures',
      'info Circuit breaker half-open: probing',
      'info Circuit breaker closed',
    ]);
  });

  test('tells of the gateway', () => {
    const said = linesOf((world) => {
      world.take({ type: 'socket.closed', socket: 's1', code: 4009, reason: '' });
      world.runTo(world.now + 1_000);
      world.take({ type: 'socket.opened', socket: 's2' });
      world.take({ type: 'hello.received', socket: 's2', heartbeatMs: 40_000 });
      world.take({ type: 'session.resumed', socket: 's2', s: 2 });
      world.take({ type: 'socket.closed', socket: 's2', code: 4915, reason: 'banned' });
    });
    expect(said).toEqual([
      'warn Gateway lost: reconnecting',
      'info Gateway ready: session resumed',
      'error Gateway stopped for good: 4915 banned',
    ]);
  });

  test('tells of dead letters and malformed frames', () => {
    const said = linesOf((world) => {
      world.receive('m1');
      world.complete('m1');
      world.fail(world.calls[0]!, 'rejectedTarget');
      world.take({ type: 'frame.rejected', socket: 's1', s: null, reason: 'not JSON', bytes: 4 });
    });
    expect(said).toEqual(['warn Dead letter: rejectedTarget 503', 'warn Malformed frame ignored: not JSON']);
  });

  test('says nothing of a message that goes well', () => {
    const said = linesOf((world) => {
      world.receive('m1');
      world.complete('m1');
      world.succeed(world.calls[0]!);
    });
    expect(said).toEqual([]);
  });

  test('the table in docs/SPEC.md has the lines that are promised', () => {
    const page = readFileSync('docs/SPEC.md', 'utf8');
    for (const line of [
      '| warn | `Operation failed (attempt 1/4), retrying in 1s` |',
      '| warn | `Circuit breaker opened after 5 failures` |',
      '| info | `Circuit breaker closed` |',
    ]) {
      expect(page).toContain(line);
    }
  });
});
