/** Fields of an event that say where it happened. */
const FIELDS = ['channel_id', 'guild_id', 'group_openid', 'openid', 'user_openid'] as const;

/** The channel, direct-message session, group or user that an event is about, by every id that it gives. */
export function placesOf(d: unknown): readonly unknown[] {
  const { author, message, ...body } = fieldsOf(d);
  return [body, fieldsOf(author), fieldsOf(message)].flatMap((part) => FIELDS.flatMap((field) => part[field] ?? []));
}

function fieldsOf(value: unknown): { readonly [field: string]: unknown } {
  return typeof value === 'object' && value !== null ? (value as { [field: string]: unknown }) : {};
}
