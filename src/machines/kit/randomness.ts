const { imul } = Math;

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * A number in [0, 1) that depends on nothing but the text: the only source of jitter in the machines, so that a replay
 * waits exactly as the past did. Pass the id of the fact being handled; add a purpose when one step needs several
 * numbers (`randomFrom(id, 'openMs')`). 32 bits of resolution; even, but not for secrets.
 *
 * FNV-1a over the UTF-16 code units, then a 32-bit finaliser, because FNV alone leaves ids that differ only in their
 * last character close together.
 */
export function randomFrom(id: string, purpose = ''): number {
  const text = purpose === '' ? id : `${id}\n${purpose}`;
  let hash = FNV_OFFSET;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    hash = imul(hash ^ (unit & 0xff), FNV_PRIME);
    hash = imul(hash ^ (unit >>> 8), FNV_PRIME);
  }
  hash ^= hash >>> 16;
  hash = imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = imul(hash, 0xc2b2ae35);
  hash ^= hash >>> 16;
  return (hash >>> 0) / 0x1_0000_0000;
}
