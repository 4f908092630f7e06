/** Nesting of a body; a deeper one could not be written out again. */
export const DEPTH_MAX = 100;

/** The value of a JSON text; undefined for none at all. Throws SyntaxError, also for one that is nested too deeply. */
export function readJson(text: string): unknown {
  if (text.trim() === '') return undefined;
  if (depthOf(text) > DEPTH_MAX) throw new SyntaxError(`nested more than ${DEPTH_MAX} deep`);
  return JSON.parse(text) as unknown;
}

function depthOf(text: string): number {
  let [depth, deepest, isInString] = [0, 0, false];
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (isInString) {
      if (code === 0x5c) i += 1;
      else if (code === 0x22) isInString = false;
    } else if (code === 0x22) isInString = true;
    else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return deepest;
}
