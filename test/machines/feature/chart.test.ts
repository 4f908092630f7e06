import { describe, expect, test } from '@jest/globals';
import { folderOf } from '../../../src/actors/charts/inertScope.js';
import { featureMachine } from '../../../src/machines/feature/chart.js';
import { REFUSALS_MAX, THROTTLES_MAX } from '../../../src/machines/feature/context.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { type Event, elapsed, testRows } from '../rows.js';

const input = { id: 'feature:richEmbeds', options: defaultOptions.features };
const refused = (content: string, code: number | null = 304011, delivery = content): Event => ({ type: 'form.refused', delivery, feature: 'richEmbeds', content, code });
const throttled = (code: number | null, channel: string | null = 'lane:c1', retryAfterMs: number | null = null, at = 0): Event => ({ type: 'call.throttled', code, channel, retryAfterMs, at });
const wanted: Event = { type: 'form.wanted', delivery: 'd' };
const accepted = (delivery = 'd'): Event => ({ type: 'form.accepted', delivery });
const forced = (on: boolean): Event => ({ type: 'operator.forced', feature: 'richEmbeds', on, reason: 'test', forMs: 60_000 });
const run: Event = { type: 'run.started', epoch: 2, options: defaultOptions, machineVersions: {} };
const timer = (name: string, at = 0): Event => elapsed(featureMachine, name, at);
const off = [refused('a'), refused('b')];
const due = [...off, timer('suspendMs')];
const probing = [...due, wanted];
const restoring = [...probing, accepted()];

describe('feature', () => {
  testRows(featureMachine, input, [
    { rule: 'F1', does: 'is on at first', when: 'start', to: 'enabled' },
    { rule: 'F2', does: 'is on by the operator', when: forced(true), to: 'forcedOn', context: { waitMs: 60_000, note: 'test' } },
    { rule: 'F3', does: 'is off by the operator', when: forced(false), to: 'forcedOff', context: { reason: 'operator' } },
    { rule: 'F4', does: 'is on after a forced recovery', given: off, when: { type: 'recovery.forced' }, to: 'enabled', context: { reason: null } },
    { rule: 'F5', does: 'takes no blame for a content too long', given: [refused('a')], when: refused('b', 304005), to: 'enabled' },
    { rule: 'F6', does: 'goes off for the network', when: { type: 'network.failed' }, to: 'suspended', context: { reason: 'network' } },
    { rule: 'F7', does: 'goes off at the first refusal of permission', when: refused('a', 304036), to: 'suspended', context: { reason: 'notPermitted', waitMs: 21_600_000 } },
    { rule: 'F8', does: 'goes off at the second content refused', given: [refused('a')], when: refused('b'), to: 'suspended', context: { reason: 'refused', waitMs: 5_000 } },
    { rule: 'F9', does: 'stays on at the same content refused again', given: [refused('a')], when: refused('a'), to: 'enabled' },
    { rule: 'F8', does: 'goes off at the third refusal in a row, also of one content', given: [refused('a'), refused('a')], when: refused('a'), to: 'suspended' },
    { rule: 'F9', does: 'forgets a refusal after a minute', given: [refused('a')], when: { ...refused('b'), at: 60_000 }, to: 'enabled' },
    { rule: 'F10', does: 'forgets refusals when one is accepted', given: [refused('a')], when: accepted(), to: 'enabled', context: { refusals: [] } },
    { rule: 'F11', does: 'goes off at a limit of the host', when: throttled(1100100), to: 'suspended', context: { reason: 'rateLimited', waitMs: 300_000 } },
    { rule: 'F11', does: 'goes off at a limit without a channel, for Retry-After', when: throttled(null, null, 20_000), to: 'suspended', context: { waitMs: 20_000 } },
    { rule: 'F11', does: 'goes off at three limits in two channels', given: [throttled(22009), throttled(22009)], when: throttled(22009, 'lane:c2'), to: 'suspended' },
    { rule: 'F12', does: 'stays on at three limits of one channel', given: [throttled(22009), throttled(22009)], when: throttled(22009), to: 'enabled' },
    { rule: 'F12', does: 'does not count the limit of a channel (20028)', given: [throttled(20028), throttled(20028, 'lane:c3')], when: throttled(20028, 'lane:c2'), to: 'enabled', context: { throttles: [] } },
    { rule: 'F13', does: 'lets the next reply try when the wait is over', given: due, when: wanted, to: 'probing', context: { canary: 'd' } },
    { rule: 'F14', does: 'learns nothing from a refusal that began before', given: off, when: refused('c'), to: 'suspended', context: { waitMs: 5_000 } },
    { rule: 'F15', does: 'is on in the step in which the host answers', given: [{ type: 'network.failed' }], when: { type: 'api.answered' }, to: 'enabled' },
    { rule: 'F16', does: 'moves the one deadline when limited again', given: [throttled(1100308, 'lane:c1', 100_000)], when: throttled(1100308, 'lane:c1', 50_000, 80_000), to: 'suspended', context: { limitedUntil: 130_000, waitMs: 50_000 } },
    { rule: 'F16', does: 'never ends a limit earlier for a shorter one', given: [throttled(1100308, 'lane:c1', 100_000)], when: throttled(1100308, 'lane:c1', 1_000, 10_000), to: 'suspended', context: { waitMs: 90_000 } },
    { rule: 'F17', does: 'is on when the limit is over', given: [throttled(1100100)], when: timer('suspendMs', 300_000), to: 'enabled' },
    { rule: 'F18', does: 'waits for a reply to try it', given: off, when: timer('suspendMs'), to: 'suspended', context: { isDue: true } },
    { rule: 'F19', does: 'is on probation after a good try', given: probing, when: accepted(), to: 'restoring' },
    { rule: 'F20', does: 'lets another try when the first died with its process', given: probing, when: run, to: 'suspended', context: { waitMs: 0, canary: null } },
    { rule: 'F21', does: 'lets another try when the content was too long', given: probing, when: refused('x', 304005, 'd'), to: 'suspended', context: { waitMs: 0 } },
    { rule: 'F22', does: 'waits long when the permission is missing now', given: probing, when: refused('x', 304041, 'd'), to: 'suspended', context: { waitMs: 21_600_000 } },
    { rule: 'F23', does: 'waits longer after a refused try', given: probing, when: refused('x', 304011, 'd'), to: 'suspended', context: { waitMs: 7_500 } },
    { rule: 'F24', does: 'lets another try when the call showed nothing', given: probing, when: { type: 'form.undecided', delivery: 'd' }, to: 'suspended', context: { waitMs: 0 } },
    { rule: 'F25', does: 'does not wait for a try for ever', given: probing, when: timer('leaseMs'), to: 'suspended', context: { canary: null } },
    { rule: 'F26', does: 'is whole after three accepted', given: [...restoring, accepted('e'), accepted('f')], when: accepted('g'), to: 'enabled', context: { reason: null } },
    { rule: 'F27', does: 'counts what is accepted on probation', given: restoring, when: accepted('e'), to: 'restoring', context: { accepted: 1 } },
    { rule: 'F28', does: 'goes off for longer when refused on probation', given: restoring, when: refused('z'), to: 'suspended', context: { waitMs: 7_500 } },
    { rule: 'F29', does: 'is whole after ten quiet seconds', given: restoring, when: timer('probationMs'), to: 'enabled' },
    { rule: 'F30', does: 'is on when the operator lets go', given: [forced(false)], when: { type: 'operator.unforced', feature: 'richEmbeds' }, to: 'enabled' },
    { rule: 'F31', does: 'keeps its deadline over a restart', given: off, when: run, to: 'suspended' },
    { rule: 'F32', does: 'is on again when the time of the operator is over', given: [forced(false)], when: timer('forcedOffMs', 60_000), to: 'enabled' },
  ]);

  test('[F23] the wait grows by half to ten seconds and no further', () => {
    const folder = folderOf(featureMachine);
    let { snapshot } = folder.start({ at: 0, ...input });
    const waits: number[] = [];
    for (const event of off) snapshot = folder.transition(snapshot, { id: 'e', at: 0, ...event }).snapshot;
    for (let i = 0; i < 4; i += 1) {
      waits.push((snapshot.context as { waitMs: number }).waitMs);
      for (const event of [timer('suspendMs'), wanted, refused('x', 304011, 'd')]) snapshot = folder.transition(snapshot, { id: 'e', at: 0, ...event }).snapshot;
    }
    expect(waits).toEqual([5_000, 7_500, 10_000, 10_000]);
  });

  test('[limit featureRefusals, featureThrottles] remembers a bounded number', () => {
    const folder = folderOf(featureMachine);
    const patient = { ...input, options: { ...defaultOptions.features, refusalsMax: 1_000, repeatsMax: 1_000, throttlesMax: 1_000 } };
    let { snapshot } = folder.start({ at: 0, ...patient });
    for (let i = 0; i < 50; i += 1) {
      snapshot = folder.transition(snapshot, { id: 'e', at: 0, ...refused(`c${i}`) }).snapshot;
      snapshot = folder.transition(snapshot, { id: 'e', ...throttled(22009, `c${i}`), at: 0 }).snapshot;
    }
    const { refusals, throttles } = snapshot.context as { refusals: unknown[]; throttles: unknown[] };
    expect([refusals.length, throttles.length]).toEqual([REFUSALS_MAX + 1, THROTTLES_MAX]);
  });
});
