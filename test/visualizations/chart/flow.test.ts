import { readdirSync, readFileSync } from 'node:fs';
import { sep } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';
import type { EventObject } from 'xstate';
import type { Effect } from '../../../src/actors/ports.js';
import type { Route } from '../../../src/actors/step/routes.js';
import type { StateView } from '../../../src/actors/step/state.js';
import { topology } from '../../../src/actors/wiring/topology.js';
import type { Stamped } from '../../../src/machines/vocabulary/base.js';
import type { Fact } from '../../../src/machines/vocabulary/facts/facts.js';
import type { Signal } from '../../../src/machines/vocabulary/signals.js';
import {
  ACTORS,
  type Actor,
  EFFECTS,
  FACTS,
  OUTSIDE,
  SIGNALS,
  type Way,
} from '../../../visualizations/src/chart/flow.js';
import { layoutMap } from '../../../visualizations/src/chart/layout/layoutMap.js';
import { placeOf, travelledFlows } from '../../../visualizations/src/chart/travelledFlows.js';
import { World } from '../../actors/world.js';
import { FACT_SAMPLES, SIGNAL_SAMPLES, VIEWS } from './flowSamples.js';

/** The table of who tells whom says what the code does: no more, no less. */
const ends = (ways: readonly Way[]): string[] =>
  [...new Set(ways.map((way) => way.slice(way.indexOf('>') + 1)))].sort();

function heard(routes: readonly Route[], sent: string, view: StateView): string[] {
  return routes.map(({ to, event }) => {
    const { type } = (typeof event === 'function' ? event(view) : event) ?? { type: sent };
    return type === sent ? placeOf(to) : `${placeOf(to)} as ${type}`;
  });
}
/** Facts of the runtime concern any actor; the map does not draw them. */
const OF_RUNTIME = ['run.started', 'timer.elapsed', 'effect.interrupted', 'effect.failed', 'actor.quarantined'];

describe('who hears', () => {
  test.each(Object.keys(SIGNALS) as Signal['type'][])('the signal %s', (type) => {
    const found = VIEWS.flatMap((view) =>
      SIGNAL_SAMPLES[type].flatMap((more) =>
        heard(topology.routeSignal({ ...more, type } as EventObject, 'x', view), type, view),
      ),
    );
    expect(ends(SIGNALS[type]!)).toEqual([...new Set(found)].sort());
  });

  test.each((Object.keys(FACTS) as Fact['type'][]).filter((type) => !OF_RUNTIME.includes(type)))(
    'the fact %s',
    (type) => {
      const found = VIEWS.flatMap((view) =>
        (FACT_SAMPLES[type] ?? [{}]).flatMap(({ more = {}, effect }) => {
          const fact = { socket: 's1', s: 1, ...more, type, id: 'f1', at: 1 } as object as Stamped<Fact>;
          return heard(topology.routeFact(fact, effect as Effect | undefined, view), type, view);
        }),
      );
      expect(ends(FACTS[type]!)).toEqual([...new Set(found)].sort());
    },
  );
});

test('who signals, and who asks the outside for what: as the machines emit it', () => {
  const said = [SIGNALS, EFFECTS].flatMap((table) =>
    Object.entries(table as { readonly [type: string]: readonly Way[] }).flatMap(([type, ways]) =>
      ways.map((way) => `${ACTORS[way.slice(0, way.indexOf('>')) as Actor]} ${type}`),
    ),
  );
  expect([...new Set(said)].sort()).toEqual(emitted());
});

/** `machine type` for every signal and effect that a machine's files make. */
function emitted(): string[] {
  const types = new Set([...Object.keys(SIGNALS), ...Object.keys(EFFECTS)]);
  const machines = new Set(Object.keys(topology.machines));
  const found = new Set<string>();
  for (const file of readdirSync('src/machines', { recursive: true, encoding: 'utf8' })) {
    const [machine = '', name] = file.split(sep);
    if (!name || !machines.has(machine)) continue;
    const source = ts.createSourceFile(
      file,
      readFileSync(`src/machines/${file}`, 'utf8'),
      ts.ScriptTarget.Latest,
      true,
    );
    const visit = (node: ts.Node): void => {
      if (ts.isPropertyAssignment(node) && node.name.getText() === 'type') {
        const type = /^'([^']+)'/.exec(node.initializer.getText())?.[1];
        if (type !== undefined && types.has(type)) found.add(`${machine} ${type}`);
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return [...found].sort();
}

test('every place of a way is an actor of the topology or the outside', () => {
  expect(Object.values(ACTORS).filter((machine) => !topology.machines[machine])).toEqual([]);
  expect(new Set<string>(Object.values(ACTORS))).toEqual(new Set(Object.keys(topology.machines)));
  const places = [SIGNALS, FACTS, EFFECTS]
    .flatMap((table) => Object.values(table).flat())
    .flatMap((way) => way.split(' ')[0]!.split('>'));
  expect(places.filter((place) => !(place in ACTORS) && !(place in OUTSIDE))).toEqual([]);
});

describe('what travels with a record', () => {
  test('a message: in by the gateway, to a handler slot, to its handler', async () => {
    const world = new World();
    world.begin();
    world.connect();
    const flows = travelledFlows(await layoutMap(), world.receive('m7'));
    expect(flows).toEqual([
      'qqGateway>gateway',
      'qqGateway>message',
      'message>intake',
      'intake>message',
      'message>author',
    ]);
  });

  test('its reply: to a delivery, through lane and breaker, out to QQ', async () => {
    const world = new World();
    world.begin();
    world.connect();
    world.receive('m7');
    const flows = travelledFlows(await layoutMap(), world.complete('m7'));
    expect(flows).toEqual([
      'author>message',
      'author>health',
      'message>intake',
      'message>delivery',
      'delivery>lane',
      'lane>delivery',
      'delivery>breaker:messages',
      'breaker:messages>delivery',
      'delivery>qqApi',
    ]);
  });

  test('every step of an outage, a kill and a recovery has a way that the map draws', async () => {
    const world = new World();
    world.begin();
    world.connect();
    for (let i = 0; i < 8; i += 1) {
      world.receive(`m${i}`, { channel: `c${i}`, author: `u${i}` });
      world.complete(`m${i}`);
      for (const out of world.calls) world.fail(out);
    }
    world.begin();
    world.connect();
    world.runTo(world.now + 120_000, () => {
      for (const out of world.calls) world.succeed(out);
    });
    const map = await layoutMap();
    const undrawn = world.records
      .filter(({ fact }) => !OF_RUNTIME.includes(fact.type))
      .flatMap((record) => {
        const flows = travelledFlows(map, record);
        const reached = new Set(flows.map((flow) => flow.slice(flow.indexOf('>') + 1)));
        return record.steps
          .filter(({ actor }) => !reached.has(placeOf(actor)))
          .map(({ actor, event }) => `${record.fact.type}: ${actor} ${event}`);
      });
    expect(undrawn).toEqual([]);
    expect(world.records.length).toBeGreaterThan(60);
  });
});
