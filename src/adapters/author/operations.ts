import type { Clock } from '../../actors/ports.js';
import type { SystemState } from '../../actors/step/state.js';
import type { ActorSystem } from '../../actors/system/actorSystem.js';
import { readStatus } from '../operator/status.js';
import type { Operations } from './builtInCommands.js';
import type { ExternalCalls } from './externalCalls.js';

/** How long `!recover` waits for the diagnosis before it says how far it is. */
export const RECOVER_WAIT_MS = 8_000;

/** What the built-in commands ask of the living system. */
export function createOperations(
  system: () => ActorSystem,
  clock: Clock,
  externals: ExternalCalls,
  startedAt: number,
): Operations {
  return {
    status: () => readStatus(system().state),
    uptimeMs: () => clock.now() - startedAt,
    recover: (by, force) =>
      new Promise((resolve) => {
        let isTaken = false;
        const end = (): void => {
          cancel();
          unsubscribe();
          resolve(readStatus(system().state));
        };
        const cancel = clock.schedule(clock.now() + RECOVER_WAIT_MS, end);
        const unsubscribe = system().subscribe(({ fact }, state) => {
          if (fact.type === 'recovery.requested' && fact.by === by) isTaken = true;
          if (isTaken && !isDiagnosing(state)) end();
        });
        const breakers = [...externals.names].map((name) => `breaker:external:${name}`);
        const known = breakers.filter((id) => system().state.actors.get(id));
        system().post({ type: 'recovery.requested', by, force, breakers: known });
      }),
  };
}

function isDiagnosing(state: SystemState): boolean {
  const value = state.actors.get('recovery')?.snapshot.value;
  return typeof value === 'object' && 'diagnosing' in value;
}
