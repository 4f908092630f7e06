import type { Divergence } from '../../actors/fold/difference.js';
import { fold } from '../../actors/fold/fold.js';
import { machineVersionsOf } from '../../actors/fold/machineVersions.js';
import type { Journal } from '../../actors/ports.js';
import type { SystemState } from '../../actors/step/state.js';
import { topology } from '../../actors/wiring/topology.js';
import { type FoldShares, measureFold } from './meter.js';
import type { ReplayTexts } from './texts.js';

export interface Verification {
  readonly seq: number;
  readonly at: number;
  readonly records: number;
  readonly epochs: number;
  /** Records a second, the measuring of the shares included. */
  readonly rate: number;
  readonly shares: FoldShares;
  readonly divergence: (Divergence & { readonly at: number; readonly recordedBy: Writer }) | null;
}
/** The process life that wrote a record, and the version of the actor's machine then and now; null: not told. */
interface Writer {
  readonly epoch: number;
  readonly machine: string | null;
  readonly version: string | null;
  readonly present: string | null;
}

/** Folds from the first record and compares everything with what was recorded. */
export async function verify(journal: Journal, upTo: number, onProgress: (seq: number) => void): Promise<Verification> {
  const { result, seconds, shares } = await measureFold(journal, topology, (metered, options) =>
    fold(metered, topology, { ...options, fromStart: true, upTo, onProgress }),
  );
  await journal.read(upTo, 1); // at its end a journal tells what is missing there
  const { state, records, divergence } = result;
  const machine = divergence && machineOf(state, divergence.actor);
  const found = divergence && { ...divergence, ...(await recordedBy(journal, divergence.seq, machine)) };
  const rate = Math.round(records / Math.max(seconds, 1e-9));
  return { seq: state.seq, at: state.at, records, epochs: state.epoch, rate, shares, divergence: found };
}

function machineOf(state: SystemState, actor: string): string | null {
  return state.actor(actor)?.machine ?? state.ended(actor, state.at)?.machine ?? null;
}

/** When a record was written, and by which machines: told by the last `run.started` before it. */
async function recordedBy(
  journal: Journal,
  seq: number,
  machine: string | null,
): Promise<{ at: number; recordedBy: Writer }> {
  const [record] = await journal.read(seq - 1, 1);
  const epoch = record?.epoch ?? 0;
  const versions = await versionsOf(journal, seq, epoch);
  const present = machineVersionsOf(topology);
  const version = machine === null ? null : (versions[machine] ?? null);
  const writer = { epoch, machine, version, present: machine === null ? null : (present[machine] ?? null) };
  return { at: record?.at ?? 0, recordedBy: writer };
}

async function versionsOf(journal: Journal, seq: number, epoch: number): Promise<{ [machine: string]: string }> {
  for (let to = seq; to > 0; to -= LOOK_BACK) {
    const batch = await journal.read(Math.max(0, to - LOOK_BACK), Math.min(LOOK_BACK, to));
    const started = batch.findLast((one) => one.fact.type === 'run.started' && one.epoch === epoch);
    if (started?.fact.type === 'run.started') return started.fact.machineVersions;
  }
  return {};
}
const LOOK_BACK = 1_000;

export function verificationText(
  { records, epochs, rate, shares, divergence }: Verification,
  texts: ReplayTexts,
): string {
  const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
  const parts = (Object.keys(texts.parts) as (keyof FoldShares)[])
    .map((name) => `${texts.parts[name]} ${percent(shares[name])}`)
    .join(', ');
  if (!divergence) return `${texts.verified(records, epochs, rate)}\n${texts.shares(parts)}`;
  const { seq, at, actor, recorded, recomputed, recordedBy: writer } = divergence;
  return [
    texts.differs(seq, new Date(at).toISOString(), actor),
    `  ${texts.wasRecorded} ${recorded}`,
    `  ${texts.isRecomputed} ${recomputed}`,
    `  ${texts.recordedBy(writer.epoch, writer.machine, writer.version, writer.present)}`,
  ].join('\n');
}
