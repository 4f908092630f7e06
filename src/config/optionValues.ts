import { z } from 'zod';
import { nearest } from '../base/nearest.js';
import { type BotOptions, defaultOptions } from '../machines/vocabulary/options.js';
import type { ExpectedTexts, Problem } from './configTexts.js';
import { presets } from './presets.js';

/** What may stand behind one option name, with the words that say so. */
interface Rule {
  readonly schema: z.ZodType;
  readonly expected: (texts: ExpectedTexts) => string;
}

const CHOICES: { readonly [name: string]: readonly string[] } = {
  'circuitBreaker.mode': ['enabled', 'observing', 'disabled'],
  'circuitBreaker.targetFailures': ['once', 'each'],
  'circuitBreaker.openJitter': ['equal', 'none'],
  'retry.jitter': ['full', 'none'],
  'delivery.uncertainReplies': ['atLeastOnce', 'atMostOnce'],
  'gateway.source': ['socket', 'webhook'],
  locale: ['en', 'zh'],
};
/** The longest time that an option may name: about 68 years. */
const MS_MAX = 2 ** 31 * 1_000;

function ruleFor(name: string): Rule {
  const choices = CHOICES[name];
  if (choices) return { schema: z.enum(choices as [string, ...string[]]), expected: (texts) => texts.oneOf(choices) };
  if (name === 'gateway.url') {
    return {
      schema: z.nullable(z.url({ protocol: /^wss?$/ })),
      expected: (texts) => texts.gatewayUrl,
    };
  }
  if (name === 'circuitBreaker.rampShares') {
    return {
      schema: z.array(z.number().gt(0).max(1)).min(1).max(100),
      expected: (texts) => texts.shares,
    };
  }
  if (name === 'gateway.shard') {
    return {
      schema: z.tuple([z.int().min(0), z.int().min(1).max(10_000)]).refine(([index, count]) => index < count),
      expected: (texts) => texts.shard,
    };
  }
  if (/intents$/i.test(name))
    return {
      schema: z
        .int()
        .min(0)
        .max(2 ** 31 - 1),
      expected: (texts) => texts.bits,
    };
  if (/replyWindowMs/.test(name) || name.endsWith('Ms'))
    return { schema: z.int().min(0).max(MS_MAX), expected: (texts) => texts.ms };
  if (name.endsWith('Rate')) return { schema: z.number().min(0).max(1), expected: (texts) => texts.share };
  if (name.endsWith('.heapMax') || name === 'health.rateMin')
    return { schema: z.number().min(0).max(1), expected: (texts) => texts.share };
  if (typeof optionDefaults.get(name) === 'boolean') return { schema: z.boolean(), expected: (texts) => texts.flag };
  if (/factor$/i.test(name)) return { schema: z.number().min(1).max(100), expected: (texts) => texts.factor };
  if (name === 'retry.retriesMax') return { schema: z.int().min(0).max(1_000), expected: (texts) => texts.retries };
  return { schema: z.int().min(1).max(1_000_000), expected: (texts) => texts.whole };
}

/** Every option by its dotted name, with its default. */
export const optionDefaults: ReadonlyMap<string, unknown> = new Map(flatten(defaultOptions, ''));

function* flatten(value: object, prefix: string): Generator<[string, unknown]> {
  for (const [key, part] of Object.entries(value)) {
    if (typeof part === 'object' && part !== null && !Array.isArray(part)) yield* flatten(part, `${prefix}${key}.`);
    else yield [`${prefix}${key}`, part];
  }
}

/** Options being put together: later settings win; what is wrong is collected. */
export class OptionSettings {
  private readonly values = new Map(optionDefaults);
  private readonly named = new Set<string>();
  constructor(private readonly problems: Problem[]) {}

  /** `from` names the source in the message. */
  set(name: string, value: unknown, from: string): void {
    if (name === 'preset') {
      this.usePreset(value, from);
      return;
    }
    if (!optionDefaults.has(name)) {
      const near = nearest(name, [...optionDefaults.keys()]);
      this.problems.push((texts) => texts.unknownOption(from, name, near));
      return;
    }
    const { schema, expected } = ruleFor(name);
    this.named.add(name);
    if (schema.safeParse(value).success) this.values.set(name, value);
    else this.problems.push((texts) => texts.wrongOption(from, name, JSON.stringify(value), expected(texts.expected)));
  }
  get(name: string): unknown {
    return this.values.get(name);
  }
  /** Whether someone has set it. */
  isSet(name: string): boolean {
    return this.named.has(name);
  }
  private usePreset(value: unknown, from: string): void {
    const preset = presets[String(value)];
    if (!preset) {
      this.problems.push((texts) => texts.preset(from, JSON.stringify(value), Object.keys(presets)));
      return;
    }
    for (const [name, part] of Object.entries(preset)) this.set(name, part, `preset ${String(value)}`);
  }
  /** A whole tree, as in kintsugi.config.json. */
  setAll(tree: object, from: string): void {
    const settings = [...flatten(tree, '')];
    // A preset is a ground to build on, wherever it stands in the file.
    settings.sort(([a], [b]) => Number(b === 'preset') - Number(a === 'preset'));
    for (const [name, value] of settings) this.set(name, value, from);
  }
  /** `name=value` of `--set`; the value is JSON, or else text. */
  setText(text: string): void {
    const cut = text.indexOf('=');
    if (cut < 1) {
      this.problems.push((texts) => texts.setForm(text));
      return;
    }
    this.set(text.slice(0, cut), jsonOrText(text.slice(cut + 1)), '--set');
  }
  build(): BotOptions {
    const options: { [key: string]: unknown } = {};
    for (const [name, value] of this.values) {
      const path = name.split('.');
      let at = options;
      for (const key of path.slice(0, -1)) {
        at[key] ??= {};
        at = at[key] as { [key: string]: unknown };
      }
      at[path.at(-1)!] = value;
    }
    return options as unknown as BotOptions;
  }
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
