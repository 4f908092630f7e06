import type { Place } from '../base.js';
import type { FormFeature } from './features.js';
import type { Form } from './forms.js';

interface RungRow {
  /** The feature that it needs; null: it always goes. */
  readonly feature: FormFeature | null;
  /** Whether the reply can be said so. */
  readonly fits: (form: Form, kind: Place['kind']) => boolean;
  /** What it shows by itself; the rest stands as words in its text. */
  readonly shows: (form: Form) => {
    readonly buttons?: boolean;
    readonly picture?: boolean;
    readonly markdown?: boolean;
  };
  /** The channel shows it as it was sent, so that it can be read back. */
  readonly isReadable: boolean;
}
const isGuild = (kind: Place['kind']): boolean => kind === 'guild' || kind === 'direct';
const NOTHING = {} as const;

/**
 * Forms of one reply, best first, each one row; how QQ writes them stands in `adapters/qq/encode.ts`. Embeds are for
 * guilds only; one with a picture shows it as its thumbnail. `leanEmbed` is the embed without description and colour.
 */
export const RUNG_ROWS = {
  keyboard: {
    feature: 'interactiveButtons',
    fits: ({ buttons, markdown }) => buttons !== undefined || markdown !== undefined,
    shows: ({ markdown }) => ({ buttons: true, markdown: markdown !== undefined }),
    isReadable: false,
  },
  ark: { feature: 'richEmbeds', fits: ({ ark }) => ark !== undefined, shows: () => NOTHING, isReadable: false },
  embed: {
    feature: 'richEmbeds',
    fits: ({ embed }, kind) => embed && isGuild(kind),
    shows: ({ image }) => ({ picture: image !== undefined }),
    isReadable: true,
  },
  leanEmbed: {
    feature: 'richEmbeds',
    fits: ({ embed }, kind) => embed && isGuild(kind),
    shows: ({ image }) => ({ picture: image !== undefined }),
    isReadable: true,
  },
  image: {
    feature: 'fileUploads',
    fits: ({ image, imageFile }) => image !== undefined || imageFile !== undefined,
    shows: () => ({ picture: true }),
    isReadable: false,
  },
  text: { feature: null, fits: () => true, shows: () => NOTHING, isReadable: true },
} as const satisfies { readonly [rung: string]: RungRow };
export type Rung = keyof typeof RUNG_ROWS;
export const RUNGS = Object.keys(RUNG_ROWS) as readonly Rung[];
export const rungRow = (rung: Rung): RungRow => RUNG_ROWS[rung];

/** Forms in which the reply can be said, best first. A text that is too long for one message goes as text. */
export function ladderOf(form: Form, { kind }: Place, textMax: number): readonly Rung[] {
  if (Math.max(form.text.length, form.markdown?.length ?? 0) > textMax) return ['text'];
  return RUNGS.filter((rung) => rungRow(rung).fits(form, kind));
}
