import type { AnyStateMachine } from 'xstate';
import type { FactOf } from '../../machines/vocabulary/facts/facts.js';
import type { Topology } from '../step/routes.js';

const { imul } = Math;

/**
 * A version for each machine: a hash of its chart (states, transitions with guards, actions and rules, delays). It is
 * journaled with each process life and kept in checkpoints, so that a changed machine is known as such. What the named
 * guards and actions do inside is not part of it: such a change shows as a difference when the past is refolded.
 */
export function machineVersionsOf(topology: Topology): { readonly [machine: string]: string } {
  return Object.fromEntries(
    Object.entries(topology.machines).map(([name, { machine }]) => [name, hash(JSON.stringify(chartOf(machine)))]),
  );
}

/** What changed between two lives; nothing for the first life of a journal. */
export function upgradesOf(
  before: { readonly [machine: string]: string } | null,
  now: { readonly [machine: string]: string },
): FactOf<'machines.upgraded'>['changes'] {
  if (!before) return [];
  return [...new Set([...Object.keys(before), ...Object.keys(now)])]
    .map((machine) => ({ machine, from: before[machine] ?? null, to: now[machine] ?? null }))
    .filter(({ from, to }) => from !== to);
}

type Node = AnyStateMachine['root'];

function chartOf(machine: AnyStateMachine): unknown {
  return [nodeOf(machine.root), null]; // null: what has been hashed since the first version
}

function nodeOf(node: Node): unknown {
  const transitions = [...node.transitions].map(([event, candidates]) => [event, candidates.map(transitionOf)]);
  const initial = node.initial?.target?.map((target) => target.id) ?? [];
  return [
    node.id,
    node.type,
    initial,
    node.tags,
    [node.entry, node.exit].map((actions) => actions.map(nameOf)),
    transitions,
    node.always?.map(transitionOf) ?? [],
    Object.values(node.states).map((child) => nodeOf(child as Node)),
  ];
}

function transitionOf(transition: Node['transitions'] extends Map<string, (infer T)[]> ? T : never): unknown {
  const { target, guard, actions, reenter, description } = transition;
  return [target?.map(({ id }) => id) ?? null, nameOf(guard), actions.map(nameOf), reenter, description ?? null];
}

/** Composite guards carry the names of their parts in `guards`. */
function nameOf(named: unknown): unknown {
  if (typeof named === 'string' || named === undefined) return named ?? null;
  const { type, params, guards } = named as { type?: unknown; params?: unknown; guards?: unknown };
  return [type ?? null, typeof params === 'function' ? null : (params ?? null), guards ?? null];
}

/** FNV-1a over UTF-16 units, twice with different starts: 16 hex digits. No secret depends on it. */
function hash(text: string): string {
  return [0x811c9dc5, 0x01000193].map((start) => fnv(text, start).toString(16).padStart(8, '0')).join('');
}
function fnv(text: string, start: number): number {
  let value = start;
  for (let i = 0; i < text.length; i += 1) value = imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
