/**
 * Text as QQ carries it in `content`: users' `&`, `<` and `>` arrive as entities, and tags between `<` and `>` are
 * mentions. Whoever echoes a user's text escapes it, or the user speaks with the bot's rights.
 */

/**
 * Takes out the mentions (`<@!id>`, `<@id>`) of these ids, with the blanks around them; between words one blank stays.
 */
export function stripMentions(text: string, ids: readonly string[]): string {
  let stripped = text;
  for (const id of ids) {
    const mention = `<@!?${escapePattern(id)}>[ \\u00a0]*`;
    // A run of blanks is tried from its first one only: from each, a long run costs the square of its length.
    stripped = stripped.replace(new RegExp(`(?<![ \\u00a0])[ \\u00a0]*(?:${mention})+`, 'g'), ' ');
  }
  return stripped.trim();
}

/** Ids of those whom a text mentions, each once, in their order; to be asked before entities are undone. */
export function mentionsIn(text: string): readonly string[] {
  return [...new Set([...text.matchAll(/<@!?([\w-]{1,64})>/g)].map(([, id]) => id!))];
}

/** Undoes QQ's entities; to be done after mentions are taken out, or a typed `&lt;@1&gt;` would become one. */
export function unescapeEntities(text: string): string {
  return text.replace(/&(lt|gt|amp);/g, (_, name: string) => (name === 'lt' ? '<' : name === 'gt' ? '>' : '&'));
}

/** Makes a user's text harmless in `content`: no tags, no `@everyone`. */
export function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/@(?=everyone|all|全体成员)/gi, '@\u200b');
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
