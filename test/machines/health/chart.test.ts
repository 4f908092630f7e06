import { describe } from '@jest/globals';
import { healthMachine } from '../../../src/machines/health/chart.js';
import { defaultOptions } from '../../../src/machines/vocabulary/options/options.js';
import { type Event, elapsed, testRows } from '../rows.js';

const input = { id: 'health:send', options: defaultOptions.health };
const good = (at = 0): Event => ({ type: 'outcome.good', at });
const bad = (at = 0): Event => ({ type: 'outcome.bad', class: 'transient', at });
const many = (count: number, event: Event): Event[] => Array.from({ length: count }, () => event);
const lost: Event = { type: 'part.lost' };
const found: Event = { type: 'part.found' };
const timer = (name: string, at = 0): Event => elapsed(healthMachine, name, at);
const degraded = [good(), bad(), bad(), bad()];
const unhealthy = [good(), ...many(10, bad())];
const says = (to: string) => ({ type: 'health.changed', part: 'send', to });

describe('health', () => {
  testRows(healthMachine, input, [
    { rule: 'H1', does: 'knows nothing at first', when: 'start', to: 'unknown' },
    { rule: 'H2', does: 'is degraded by three bad outcomes in a row', given: [good(), bad(), bad()], when: bad(), to: 'degraded', says: says('degraded') },
    { rule: 'H2', does: 'is degraded by more than 5 % bad of at least ten', given: [...many(25, good()), bad(), good()], when: bad(), to: 'degraded' },
    { rule: 'H3', does: 'is healthy with the first good outcome', when: good(), to: 'healthy', says: says('healthy') },
    { rule: 'H4', does: 'is degraded when the first outcome is bad', when: bad(), to: 'degraded' },
    { rule: 'H5', does: 'is degraded when the part is down', given: [good()], when: lost, to: 'degraded', context: { isDown: true } },
    { rule: 'H6', does: 'is healthy when the part is there', when: found, to: 'healthy' },
    { rule: 'H7', does: 'stays healthy', given: [good()], when: good(), to: 'healthy', emits: [] },
    { rule: 'H8', does: 'is not moved by a single bad outcome', given: [good()], when: bad(), to: 'healthy', emits: [], context: { lastError: { class: 'transient' } } },
    { rule: 'H9', does: 'is healthy again when the short window is', given: [...degraded, good(70_000)], when: good(70_001), to: 'healthy', says: says('healthy') },
    { rule: 'H10', does: 'is not healthy again with the first good outcome', given: degraded, when: good(1), to: 'degraded' },
    { rule: 'H11', does: 'stays degraded', given: degraded, when: bad(), to: 'degraded' },
    { rule: 'H12', does: 'knows nothing after a long silence', given: [good()], when: timer('quietMs', 900_000), to: 'unknown', says: says('unknown') },
    { rule: 'H13', does: 'shows an error that does not count', given: [good()], when: { type: 'outcome.noted', class: 'rejectedForm', at: 5 }, to: 'healthy', context: { lastError: { class: 'rejectedForm', at: 5 }, streak: 0 } },
    { rule: 'H14', does: 'begins anew after a forced recovery', given: unhealthy, when: { type: 'recovery.forced' }, to: 'unknown', context: { streak: 0, short: [] } },
    { rule: 'H15', does: 'begins anew in a new life and keeps the last error', given: degraded, when: { type: 'run.started', epoch: 2, options: defaultOptions, machineVersions: {} }, to: 'unknown', context: { lastError: { class: 'transient' } } },
    { rule: 'H16', does: 'is unhealthy when most of at least ten are bad', given: [good(), ...many(8, bad())], when: bad(), to: 'unhealthy', says: says('unhealthy') },
    { rule: 'H17', does: 'stays healthy when the part is found again', given: [good()], when: found, to: 'healthy' },
    { rule: 'H18', does: 'looks again later while there is work', given: [good(), good(800_000)], when: timer('quietMs', 900_000), to: 'healthy', emits: [] },
    { rule: 'H19', does: 'is down as well', given: degraded, when: lost, to: 'degraded', context: { isDown: true } },
    { rule: 'H20', does: 'is healthy at once when the part is back', given: [lost], when: found, to: 'healthy' },
    { rule: 'H21', does: 'is unhealthy after a minute down', given: [lost], when: timer('downMs', 60_000), to: 'unhealthy' },
    { rule: 'H22', does: 'stays unhealthy while it is down', given: [lost, timer('downMs', 60_000)], when: timer('unhealthyMs', 960_000), to: 'unhealthy' },
    { rule: 'H23', does: 'is told twice that it is down', given: [lost], when: lost, to: 'degraded', emits: [] },
  ]);
});
