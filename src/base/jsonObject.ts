/** A JSON object from a text; null when it is something else. */
export function jsonObject(text: string): { readonly [key: string]: unknown } | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as { readonly [key: string]: unknown })
      : null;
  } catch {
    return null;
  }
}
