import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AnyMachineSnapshot, type EventObject, initialTransition, transition as xstateTransition } from 'xstate';
import { type Folder, folderOf } from '../src/actors/charts/inertScope.js';
import type { Effect, Journal, Record } from '../src/actors/ports.js';
import { recordOf, stepOrReject } from '../src/actors/step/records.js';
import { SystemState } from '../src/actors/step/state.js';
import { topology } from '../src/actors/wiring/topology.js';
import { openSqliteJournal } from '../src/adapters/journal/sqlite/sqliteJournal.js';
import type { Stamped } from '../src/machines/vocabulary/base.js';
import type { Fact } from '../src/machines/vocabulary/facts/facts.js';
import { type BotOptions, defaultOptions } from '../src/machines/vocabulary/options/options.js';

/**
 * What one message costs in the core: step and append, against the same events pushed through the same machines alone,
 * by our tables and by XState's own `transition()`. `npm run bench:core -- [--json] [--quick]`
 */
const isJson = process.argv.includes('--json');
const isQuick = process.argv.includes('--quick');
const MESSAGES = isQuick ? 2_000 : 10_000;
const PREFILL = isQuick ? 20_000 : 1_000_000;
const BATCH = 16;
const RSS_MESSAGES = isQuick ? 20_000 : 100_000;

type Part = 'step' | 'append';
interface Measured {
  readonly microseconds: number;
  readonly parts: { readonly [part in Part]: number };
  readonly records: number;
  readonly transitions: number;
}

/** No pauses between messages of one channel, room for everything in flight: the limits are not what is measured. */
const options: BotOptions = {
  ...defaultOptions,
  handlers: { ...defaultOptions.handlers, concurrencyMax: 20_000, queueMax: 20_000 },
  calls: { ...defaultOptions.calls, inFlightMax: 20_000 },
  lane: { ...defaultOptions.lane, queueMax: 20_000 },
};

class Driver {
  readonly state = new SystemState();
  private readonly spent: { [part in Part]: bigint } = { step: 0n, append: 0n };
  private batch: Record[] = [];
  private calls: Effect[] = [];
  private sent = 0;
  private facts = 0;
  private at = 1_700_000_000_000;
  records = 0;
  transitions = 0;

  constructor(
    private readonly journal: Journal | null,
    private readonly epoch: number,
    /** As many authors as channels, so that no lane waits for its pace. */
    private readonly channels = 500,
  ) {}

  async boot(seq: number): Promise<void> {
    const { behaviour = 1 } = topology;
    this.state.place({ seq, at: this.at, epoch: this.epoch, behaviour, options });
    this.take({ type: 'run.started', epoch: this.epoch, behaviour, options, machineVersions: {} });
    const effect = (type: string) => this.lastEffects.find((e) => e.type === type)!.id;
    this.take({ type: 'token.fetched', effectId: effect('token.fetch'), ref: 'r', expiresAt: this.at + 7_200_000 });
    this.take({
      type: 'gateway.discovered',
      effectId: effect('gateway.discover'),
      url: 'ws://x',
      shards: 1,
      sessionsRemaining: 1,
    });
    this.take({ type: 'socket.opened', socket: 's' });
    this.take({ type: 'hello.received', socket: 's', heartbeatMs: 41_250 });
    this.take({ type: 'session.started', socket: 's', s: 1, session: 'x', user: { id: 'b', username: 'bot' } });
    await this.flush();
  }
  private lastEffects: readonly Effect[] = [];

  private take(fact: Fact): void {
    this.facts += 1;
    this.at += 1;
    const stamped = { ...fact, id: `f${this.facts}`, at: this.at } as Stamped<Fact>;
    const started = process.hrtime.bigint();
    const { changes, error } = stepOrReject(topology, this.state, stamped);
    if (error) throw error;
    this.state.apply(changes);
    const stepped = process.hrtime.bigint();
    this.batch.push(recordOf(stamped, changes));
    this.spent.step += stepped - started;
    this.lastEffects = changes.effects;
    for (const effect of changes.effects) if (effect.type === 'call.start') this.calls.push(effect);
    this.transitions += changes.steps.length;
    this.records += 1;
  }

  private async flush(): Promise<void> {
    const started = process.hrtime.bigint();
    if (this.journal) await this.journal.append(this.epoch, this.batch);
    this.state.merge();
    // As a checkpoint does, every few thousand records.
    this.state.touched.actors.clear();
    this.state.touched.effects.clear();
    this.spent.append += process.hrtime.bigint() - started;
    this.batch = [];
  }

  private receive(): void {
    this.sent += 1;
    const n = this.sent;
    const message = {
      id: `08e7e49ea9f0f0efd74810e7d84338d471488fc1faa4${String(n).padStart(8, '0')}`,
      place: { kind: 'guild' as const, guildId: '5000000000000000001', channelId: `c${n % this.channels}` },
      author: { id: `7000000000000${n % this.channels}`, username: 'someone', bot: false, roles: ['1'] },
      content: `hello bot ${n}`,
      mentionsBot: true,
    };
    this.take({ type: 'message.received', socket: 's', s: n + 1, eventId: `AT_MESSAGE_CREATE:${n}`, message });
    const run = this.lastEffects.find((e) => e.type === 'handler.run')!;
    const replies = [{ ordinal: 0, form: { text: `you said: hello bot ${n}`, embed: true } }];
    this.take({ type: 'handler.completed', effectId: run.id, replies, operator: false });
  }

  private answer(): void {
    const call = this.calls[this.answered];
    if (!call) throw new Error('no call to answer');
    this.answered += 1;
    this.take({
      type: 'call.succeeded',
      effectId: call.id,
      class: 'ok',
      status: 200,
      code: null,
      latencyMs: 90,
      messageId: `r${this.answered}`,
    });
    if (this.answered < 1_000) return;
    this.calls = this.calls.slice(this.answered);
    this.answered = 0;
  }
  private answered = 0;

  /** `messages` through the core while `inFlight` are always under way. */
  async run(messages: number, inFlight: number): Promise<Measured> {
    for (let i = 0; i < inFlight; i += 1) {
      this.receive();
      if (i % BATCH === 0) await this.flush();
    }
    await this.flush();
    for (const part of Object.keys(this.spent) as Part[]) this.spent[part] = 0n;
    this.records = 0;
    this.transitions = 0;
    const started = process.hrtime.bigint();
    for (let i = 0; i < messages; i += 1) {
      this.receive();
      this.answer();
      if (i % BATCH === BATCH - 1) await this.flush();
    }
    await this.flush();
    const total = Number(process.hrtime.bigint() - started) / 1_000;
    this.calls = this.calls.slice(this.answered);
    this.answered = 0;
    const per = (part: Part) => Number(this.spent[part]) / 1_000 / messages;
    const parts = { step: per('step'), append: per('append') };
    return {
      microseconds: total / messages,
      parts,
      records: this.records / messages,
      transitions: this.transitions / messages,
    };
  }
}

/** Notes every event that a run gives to a machine, to give the same ones to the machines alone. */
async function machinesAlone(messages: number): Promise<{ readonly tables: number; readonly xstate: number }> {
  type Noted = { folder: Folder; start?: unknown; snapshot?: AnyMachineSnapshot; event?: EventObject };
  const noted: Noted[] = [];
  const restore: (() => void)[] = [];
  for (const { machine } of Object.values(topology.machines)) {
    const folder = folderOf(machine) as { -readonly [key in keyof Folder]: Folder[key] };
    const { start, transition } = folder;
    folder.start = (input) => {
      noted.push({ folder, start: input });
      return start(input);
    };
    folder.transition = (snapshot, event) => {
      noted.push({ folder, snapshot: snapshot as AnyMachineSnapshot, event });
      return transition(snapshot, event);
    };
    restore.push(() => Object.assign(folder, { start, transition }));
  }
  const driver = new Driver(null, 1);
  await driver.boot(0);
  noted.length = 0;
  await driver.run(messages, 1);
  for (const undo of restore) undo();
  const timed = (fold: (noted: Noted) => void): number => {
    const started = process.hrtime.bigint();
    for (const one of noted) fold(one);
    return Number(process.hrtime.bigint() - started) / 1_000 / messages;
  };
  const tables = timed(({ folder, start, snapshot, event }) => {
    if (event && snapshot) folder.transition(snapshot, event);
    else folder.start(start);
  });
  const xstate = timed(({ folder: { machine }, start, snapshot, event }) => {
    if (event && snapshot) xstateTransition(machine, snapshot, event);
    else initialTransition(machine, start as never);
  });
  return { tables, xstate };
}

/** Records of a plausible size, straight into the journal. */
async function prefill(journal: Journal, epoch: number, records: number): Promise<void> {
  const fact = { type: 'event.unrecognised' as const, socket: 's', s: 1, name: 'X'.repeat(300), eventId: null, ver: 1 };
  for (let seq = 1; seq <= records; ) {
    const batch: Record[] = [];
    for (; batch.length < 1_000 && seq <= records; seq += 1) {
      batch.push({ seq, id: `p${seq}`, at: 1, epoch, fact, steps: [], effects: [] });
    }
    await journal.append(epoch, batch);
  }
}

async function measure(inFlight: number, prefilled: number): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'kintsugi-bench-'));
  const journal = await openSqliteJournal({ path: join(folder, 'bench.db') });
  try {
    const epoch = await journal.beginEpoch();
    await prefill(journal, epoch, prefilled);
    const driver = new Driver(journal, epoch, Math.max(500, 2 * inFlight));
    await driver.boot(prefilled);
    await driver.run(Math.min(MESSAGES, 2_000), inFlight); // warm
    return await driver.run(MESSAGES, 0);
  } finally {
    await journal.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Memory {
  readonly early: number;
  readonly late: number;
  readonly ratio: number;
  /** What is reachable: the rest of the resident memory is V8's, which gives pages back when it likes. */
  readonly heapEarly: number;
  readonly heapLate: number;
}

/** Memory in MB after 10,000 and after ten times as many messages, in one process. */
async function memory(): Promise<Memory> {
  const driver = new Driver(null, 1);
  await driver.boot(0);
  const megabytes = (): { readonly rss: number; readonly heap: number } => {
    global.gc?.();
    const { rss, heapUsed } = process.memoryUsage();
    return { rss: Math.round(rss / 2 ** 20), heap: Math.round((10 * heapUsed) / 2 ** 20) / 10 };
  };
  await driver.run(RSS_MESSAGES / 10, 1);
  const early = megabytes();
  await driver.run((RSS_MESSAGES * 9) / 10, 1);
  const late = megabytes();
  return { early: early.rss, late: late.rss, ratio: late.rss / early.rss, heapEarly: early.heap, heapLate: late.heap };
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const show = (m: Measured): string =>
  `${m.microseconds.toFixed(1)} us a message (step ${m.parts.step.toFixed(1)}, append ${m.parts.append.toFixed(1)}; ` +
  `${m.records.toFixed(1)} records, ${m.transitions.toFixed(1)} transitions)`;

// Memory first: what the other measurements leave behind would hide it.
const rss = await memory();
if (!isJson)
  print(
    `RSS ${rss.early} MB after ${RSS_MESSAGES / 10} messages, ${rss.late} MB after ${RSS_MESSAGES}: ${rss.ratio.toFixed(2)} times; heap ${rss.heapEarly} and ${rss.heapLate} MB`,
  );
await machinesAlone(1_000); // warm
const results: { [name: string]: Measured } = {};
for (const inFlight of [1, 100, 10_000]) {
  results[`inFlight${inFlight}`] = await measure(inFlight, 0);
  if (!isJson)
    print(`${String(inFlight).padStart(7)} in flight, empty journal:     ${show(results[`inFlight${inFlight}`]!)}`);
}
results.prefilled = await measure(1, PREFILL);
if (!isJson) print(`      1 in flight, ${PREFILL} records:    ${show(results.prefilled)}`);
const alone = await machinesAlone(MESSAGES);
const again = await measure(1, 0);
const ratio = again.microseconds / alone.tables;
const ratioToXstate = again.microseconds / alone.xstate;
if (!isJson) {
  print(
    `same events, machines alone:         ${alone.tables.toFixed(1)} us a message from tables, ${alone.xstate.toFixed(1)} with XState's transition()`,
  );
  print(
    `core, measured beside it:            ${show(again)}: ${ratio.toFixed(2)} and ${ratioToXstate.toFixed(2)} times the machines alone`,
  );
  const share = (part: number) => `${((100 * part) / again.microseconds).toFixed(0)} %`;
  const rest = again.microseconds - again.parts.step - again.parts.append;
  print(
    `shares: machines ${share(alone.tables)}, topology and state ${share(again.parts.step - alone.tables)}, append ${share(again.parts.append)}, rest ${share(rest)}`,
  );
}
const micros = Object.fromEntries(
  Object.entries(results).map(([name, m]) => [name, Math.round(m.microseconds * 10) / 10]),
);
if (isJson)
  print(
    JSON.stringify({
      ...micros,
      machinesAlone: alone,
      core: again.microseconds,
      ratio,
      ratioToXstate,
      parts: again.parts,
      rss,
    }),
  );
