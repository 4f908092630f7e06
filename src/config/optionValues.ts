import { z } from 'zod';
import { nearest } from '../base/nearest.js';
import { type Option, type OptionKind, optionsIn } from '../machines/vocabulary/options/kinds.js';
import type { BotOptions } from '../machines/vocabulary/options/options.js';
import { OPTIONS } from '../machines/vocabulary/options/rows.js';
import type { ExpectedTexts, Problem } from './configTexts.js';
import { presets } from './presets.js';

/** What each kind takes, and the words that say so. */
const KINDS: {
  readonly [kind in OptionKind]: {
    readonly schema: (option: Option<unknown>) => z.ZodType;
    readonly expected: (texts: ExpectedTexts, option: Option<unknown>) => string;
  };
} = {
  count: {
    schema: ({ min, max }) => z.int().min(min).max(max),
    expected: (texts, { min, max }) => texts.whole(min, max),
  },
  ms: { schema: ({ min, max }) => z.int().min(min).max(max), expected: (texts, { min }) => texts.ms(min) },
  share: { schema: ({ min, max }) => z.number().min(min).max(max), expected: (texts) => texts.share },
  factor: {
    schema: ({ min, max }) => z.number().min(min).max(max),
    expected: (texts, { min, max }) => texts.factor(min, max),
  },
  flag: { schema: () => z.boolean(), expected: (texts) => texts.flag },
  choice: {
    schema: ({ choices }) => z.literal(choices as string[]),
    expected: (texts, { choices }) => texts.oneOf(choices as readonly string[]),
  },
  bits: { schema: ({ min, max }) => z.int().min(min).max(max), expected: (texts) => texts.bits },
  shares: { schema: () => z.array(z.number().gt(0).max(1)).min(1).max(100), expected: (texts) => texts.shares },
  shard: {
    schema: () => z.tuple([z.int().min(0), z.int().min(1).max(10_000)]).refine(([index, count]) => index < count),
    expected: (texts) => texts.shard,
  },
  address: { schema: () => z.nullable(z.url({ protocol: /^wss?$/ })), expected: (texts) => texts.gatewayUrl },
};

const rows: ReadonlyMap<string, Option<unknown>> = new Map(optionsIn(OPTIONS));
/** Every option by its dotted name, with its default. */
export const optionDefaults: ReadonlyMap<string, unknown> = new Map(
  [...rows].map(([name, { fallback }]) => [name, fallback]),
);

function* flatten(value: object, prefix: string): Generator<[string, unknown]> {
  for (const [key, part] of Object.entries(value)) {
    if (typeof part === 'object' && part !== null && !Array.isArray(part)) yield* flatten(part, `${prefix}${key}.`);
    else yield [`${prefix}${key}`, part];
  }
}

/** Options being put together: later settings win; what is wrong is collected. */
export class OptionSettings {
  private readonly values = new Map(optionDefaults);
  /** Who has set it. */
  private readonly named = new Map<string, string>();
  constructor(private readonly problems: Problem[]) {}

  /** `from` names the source in the message. */
  set(name: string, value: unknown, from: string): void {
    if (name === 'preset') {
      this.usePreset(value, from);
      return;
    }
    const option = rows.get(name);
    if (!option) {
      const near = nearest(name, [...optionDefaults.keys()]);
      this.problems.push((texts) => texts.unknownOption(from, name, near));
      return;
    }
    const { schema, expected } = KINDS[option.kind];
    this.named.set(name, from);
    if (schema(option).safeParse(value).success) this.values.set(name, value);
    else
      this.problems.push((texts) =>
        texts.wrongOption(from, name, JSON.stringify(value), expected(texts.expected, option)),
      );
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
  /** Some options may not be above others. */
  private compare(): void {
    for (const [name, { atMost }] of rows) {
      if (atMost === undefined) continue;
      const other = `${name.slice(0, name.lastIndexOf('.'))}.${atMost}`;
      const [value, most] = [this.values.get(name) as number, this.values.get(other) as number];
      const from = this.named.get(name) ?? this.named.get(other) ?? '';
      if (value > most) this.problems.push((texts) => texts.aboveOther(from, name, value, other, most));
    }
  }
  build(): BotOptions {
    this.compare();
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
