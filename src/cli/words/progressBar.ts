const WIDTH = 24;
const SHOWN_AFTER_MS = 1_000;
const EVERY_MS = 100;

export interface ProgressBar {
  /** `share`: 0 to 1. */
  update(share: number): void;
  /** Wipes it away. */
  end(): void;
}

/** A bar on standard error for what takes longer than a second; nothing where that is no terminal. */
export function progressBar(label: string, isShown = process.stderr.isTTY === true): ProgressBar {
  const startedAt = Date.now();
  let drawnAt = 0;
  let drawn = 0;
  return {
    update(share) {
      const now = Date.now();
      if (!isShown || now - startedAt < SHOWN_AFTER_MS || now - drawnAt < EVERY_MS) return;
      drawnAt = now;
      const done = Math.max(0, Math.min(1, share));
      const full = Math.round(done * WIDTH);
      const seconds = done > 0.02 ? Math.ceil(((now - startedAt) * (1 - done)) / done / 1_000) : null;
      const left = seconds === null ? '' : `  ${seconds} s`;
      const line = `${label} ${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${Math.floor(done * 100)} %${left}`;
      process.stderr.write(`\r${line.padEnd(drawn)}`);
      drawn = line.length;
    },
    end() {
      if (drawn > 0) process.stderr.write(`\r${' '.repeat(drawn)}\r`);
      drawn = 0;
    },
  };
}
