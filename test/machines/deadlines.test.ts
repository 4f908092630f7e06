import { describe, expect, test } from '@jest/globals';
import type { AnyStateNode } from 'xstate';
import { topology } from '../../src/actors/wiring/topology.js';

/**
 * States without a deadline of their own. Each is at rest: nobody waits for what would end it; or another actor's deadline
 * ends it, named here.
 */
const AT_REST: { readonly [machine: string]: { readonly [state: string]: string } } = {
  bot: { starting: 'the gateway', running: 'at rest', stopped: 'over' },
  accessToken: {
    fetching: 'the time limit of the call',
    refreshing: 'the time limit of the call',
    refused: 'over: QQ has refused the credentials',
  },
  gateway: { disconnected: 'the token', listening: 'at rest', resting: 'at rest', stopped: 'over' },
  intake: { open: 'at rest', full: 'the ends of what is in hand', draining: 'the ends of what is in hand' },
  circuitBreaker: {
    closed: 'at rest; who waits has the end of its window',
    'halfOpen.awaitingProbe': 'nobody waits',
    isolated: 'at rest by the hand of the operator; who waits has the end of its window',
    disabled: 'at rest; who waits has the end of its window',
    observing: 'at rest; who waits has the end of its window',
  },
  operatorBreaker: { available: 'at rest' },
  lane: { pacing: 'who has a turn has the end of its window' },
  feature: { enabled: 'at rest' },
  health: { unknown: 'at rest' },
  recovery: {
    dormant: 'at rest',
    'diagnosing.api.checked': 'the limit of the whole diagnosis',
    'diagnosing.memory.checked': 'the limit of the whole diagnosis',
    'diagnosing.network.checked': 'the limit of the whole diagnosis',
  },
  message: {
    received: 'a slot, which every handler gives back in its time',
    replying: 'its replies, which have the end of their window',
  },
  audits: { matching: 'at rest' },
  ownMessages: { reading: 'at rest' },
};

describe('core 36', () => {
  test.each(Object.keys(topology.machines))('[core 36] of each delay of %s it is said whose time it is', (name) => {
    const delays = Object.keys(topology.machines[name]!.machine.implementations.delays);
    expect(Object.keys(topology.machines[name]!.delays!).sort()).toEqual(delays.sort());
  });
});

describe('core 35', () => {
  test.each(Object.keys(topology.machines))(
    '[core 35] every state of %s is at rest, passes at once, or has a deadline',
    (name) => {
      const without = atoms(topology.machines[name]!.machine.root as AnyStateNode).filter(
        (node) => !isOver(node) && !passes(node) && !hasDeadline(node),
      );
      const named = AT_REST[name] ?? {};
      expect(without.map(({ path }) => path.join('.')).sort()).toEqual(Object.keys(named).sort());
    },
  );
});

function atoms(node: AnyStateNode): AnyStateNode[] {
  const children = Object.values(node.states);
  return children.length === 0 ? [node] : children.flatMap(atoms);
}
const isOver = (node: AnyStateNode): boolean => node.type === 'final';
const passes = (node: AnyStateNode): boolean => (node.always ?? []).some(({ guard }) => guard === undefined);
function hasDeadline(node: AnyStateNode): boolean {
  for (let at: AnyStateNode | undefined = node; at; at = at.parent) if (at.after.length > 0) return true;
  return false;
}
