/** One step of one client. */
export interface Row {
  readonly client: string;
  readonly version: string;
  readonly step: string;
  readonly passed: boolean;
  readonly seen: string;
}

const SEEN_MAX = 110;

export function renderTable(rows: readonly Row[]): string {
  const lines = [
    ['client', 'version', 'step', '', 'seen'],
    ...rows.map(({ client, version, step, passed, seen }) => [
      client,
      version,
      step,
      passed ? 'pass' : 'FAIL',
      passed ? seen.slice(0, SEEN_MAX) : seen,
    ]),
  ];
  const widths = [0, 1, 2, 3].map((i) => Math.max(...lines.map((line) => line[i]!.length)));
  return lines
    .map((line) =>
      line
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
