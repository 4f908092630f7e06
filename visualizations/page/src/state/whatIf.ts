import { signal } from '@preact/signals';
import type { WhatIfResult } from '../../../../src/actors/whatIf/whatIf.js';
import type { Life, RecordDetail, WhatIfJob } from '../../../src/protocol.js';
import { AskError, ask, send } from './api.js';
import { overview, seq } from './data.js';
import { journal } from './place.js';
import { range } from './timeline.js';

export type OptionValue = string | number | boolean;
/** Options of the process life at this moment, by dotted name. */
export const options = signal<Readonly<Record<string, OptionValue>> | null>(null);
export const job = signal<WhatIfJob | null>(null);
export const problem = signal<string | null>(null);
export const resultOf = (done: WhatIfJob): WhatIfResult => done.result as WhatIfResult;

/** How often a job under way is asked for. */
const EVERY_MS = 250;

/** Reads the options from the record in which the process life of this moment began. */
export async function loadOptions(): Promise<void> {
  const lives: readonly Life[] = overview.peek()?.lives ?? [];
  const life = lives.findLast((one) => one.seq <= seq.peek()) ?? lives[0];
  if (!life) return;
  try {
    const { fact } = await ask<RecordDetail>('api/record', { seq: life.seq });
    const found = (fact.json as { options?: unknown } | null)?.options;
    options.value = found ? flattened(found) : {};
  } catch (error) {
    problem.value = error instanceof AskError ? error.message : String(error);
  }
}
function flattened(value: unknown, name = ''): Record<string, OptionValue> {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return { [name]: value };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  return Object.assign(
    {},
    ...Object.entries(value).map(([key, inner]) => flattened(inner, name === '' ? key : `${name}.${key}`)),
  );
}

/** A number or a yes where the recorded value is one; else the text. */
export function readValue(text: string, recorded: OptionValue | undefined): OptionValue {
  if (typeof recorded === 'number' && text.trim() !== '' && Number.isFinite(Number(text))) return Number(text);
  if (typeof recorded === 'boolean' && /^(true|false)$/.test(text)) return text === 'true';
  return text;
}

export async function runWhatIf(set: Readonly<Record<string, OptionValue>>): Promise<void> {
  const { from, to } = range.peek();
  problem.value = null;
  try {
    job.value = await send<WhatIfJob>('api/what-if', { body: { set, from, to, journal: journal.peek() } });
    while (job.peek()?.state === 'running') {
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
      const mine = job.peek();
      if (mine?.state !== 'running') return;
      job.value = await ask<WhatIfJob>('api/what-if', { id: mine.id });
    }
  } catch (error) {
    [job.value, problem.value] = [null, (error as Error).message];
  }
}
export async function stopWhatIf(): Promise<void> {
  const mine = job.peek();
  if (mine) job.value = await send<WhatIfJob>('api/what-if', { method: 'DELETE', query: { id: mine.id } });
}
