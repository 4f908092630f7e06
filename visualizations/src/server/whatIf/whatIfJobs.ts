import { Worker } from 'node:worker_threads';
import type { WhatIfResult } from '../../../../src/actors/whatIf/whatIf.js';
import { configTextsFor, type Problem } from '../../../../src/config/configTexts.js';
import { OptionSettings } from '../../../../src/config/optionValues.js';
import type { WhatIfJob, WhatIfRequest } from '../../protocol.js';
import { RequestError } from '../http/parameters.js';
import type { OpenJournal } from '../journals.js';
import { WHAT_IF_JOBS_MAX } from '../serverLimits.js';

/** What the worker is started with, and what it says. */
export interface WhatIfWork {
  /** Of the journal. */
  readonly address: string;
  readonly set: { readonly [option: string]: unknown };
  readonly from?: number;
  readonly to?: number;
}
export type WhatIfSaid =
  | { readonly progress: number }
  | { readonly result: WhatIfResult }
  | { readonly failure: string };

/** What-ifs, each in a thread of its own so that it can be stopped at any time; one at a time a journal. */
export class WhatIfJobs {
  private readonly jobs = new Map<string, WhatIfJob>();
  private readonly running = new Map<string, { readonly id: string; readonly worker: Worker }>();
  private count = 0;

  /** Throws RequestError (400) for an option that there is not, or a value that it cannot have. */
  start({ id: journal, source, index }: OpenJournal, request: WhatIfRequest): WhatIfJob {
    const set = checkedOptions(request.set);
    const current = this.running.get(journal);
    if (current) this.cancel(current.id);
    this.count += 1;
    const id = `whatif${this.count}`;
    const { from, to } = request;
    const of = Math.max(0, Math.min(to ?? index.last.seq, index.last.seq) - (from ?? index.first.seq) + 1);
    this.put({ id, state: 'running', done: 0, of, result: null, message: null });
    const work: WhatIfWork = {
      address: source.address,
      set,
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
    };
    const module = new URL('./whatIfWorker.ts', import.meta.url).href;
    const worker = new Worker(new URL('../thread.mjs', import.meta.url), {
      workerData: { module, ...work },
      execArgv: [],
    });
    this.running.set(journal, { id, worker });
    const end = (change: Partial<WhatIfJob>): void => {
      if (this.running.get(journal)?.id === id) this.running.delete(journal);
      void worker.terminate();
      if (this.get(id).state === 'running') this.put({ ...this.get(id), ...change });
    };
    worker.on('message', (said: WhatIfSaid) => {
      if ('progress' in said) this.put({ ...this.get(id), done: Math.min(of, Math.round(said.progress * of)) });
      else if ('result' in said) end({ state: 'done', done: of, result: said.result });
      else end({ state: 'failed', message: said.failure });
    });
    worker.on('error', (error) => end({ state: 'failed', message: error.message }));
    worker.on('exit', () => end({ state: 'failed', message: 'the what-if ended without a result' }));
    return this.get(id);
  }
  /** Throws RequestError (404). */
  get(id: string): WhatIfJob {
    const job = this.jobs.get(id);
    if (!job) throw new RequestError(404, (texts) => texts.noWhatIf(id));
    return job;
  }
  cancel(id: string): WhatIfJob {
    const job = this.get(id);
    if (job.state !== 'running') return job;
    this.put({ ...job, state: 'cancelled' });
    for (const { id: running, worker } of this.running.values()) if (running === id) void worker.terminate();
    return this.get(id);
  }
  close(): void {
    for (const { id } of this.running.values()) this.cancel(id);
  }

  private put(job: WhatIfJob): void {
    this.jobs.set(job.id, job);
    for (const [id, { state }] of this.jobs) {
      if (this.jobs.size <= WHAT_IF_JOBS_MAX) break;
      if (state !== 'running') this.jobs.delete(id);
    }
  }
}

/** The changes with values of the kinds that the options have. */
function checkedOptions(changes: WhatIfRequest['set']): { readonly [option: string]: unknown } {
  const problems: Problem[] = [];
  const settings = new OptionSettings(problems);
  for (const [name, value] of Object.entries(changes)) {
    if (typeof value === 'string') settings.setText(`${name}=${value}`);
    else settings.set(name, value, 'set');
  }
  if (Object.keys(changes).length === 0)
    problems.push(() => 'set: name at least one option, such as circuitBreaker.failureThreshold');
  if (problems.length > 0) {
    const texts = configTextsFor('en');
    throw new RequestError(400, problems.map((problem) => problem(texts)).join('; '));
  }
  return Object.fromEntries(Object.keys(changes).map((name) => [name, settings.get(name)]));
}
