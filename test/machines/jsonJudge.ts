/**
 * Whether JSON gives a value back, but for fields that are undefined. Contexts share most of their parts: each is looked at once.
 */
export function jsonJudge(): (value: unknown) => boolean {
  const seen = new WeakSet<object>();
  const isJson = (value: unknown): boolean => {
    if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
    if (typeof value !== 'object' || value === null) return ['string', 'boolean', 'object'].includes(typeof value);
    if (seen.has(value)) return true;
    const isPlain = [Array.prototype, Object.prototype].includes(Object.getPrototypeOf(value));
    const isSound = isPlain && Reflect.ownKeys(value).every((key) => isJsonKey(value, key));
    if (isSound) seen.add(value);
    return isSound;
  };
  const isJsonKey = (value: object, key: string | symbol): boolean => {
    const part = Reflect.get(value, key);
    return typeof key === 'string' && (isJson(part) || (part === undefined && !Array.isArray(value)));
  };
  return isJson;
}
