import { folderOf } from '../charts/inertScope.js';
import type { Log } from '../ports.js';
import type { Topology } from '../step/routes.js';

/** Tells once of each machine that XState itself runs, and why: that is slower, and right. */
export class Interpreted {
  /** `told`: so many of its reasons; they only grow, in order. */
  private readonly charts: { readonly name: string; readonly reasons: ReadonlySet<string>; told: number }[];

  constructor(
    machines: Topology['machines'],
    private readonly log: Log,
  ) {
    this.charts = Object.entries(machines).map(([name, { machine }]) => {
      return { name, reasons: folderOf(machine).interpreted, told: 0 };
    });
  }

  tell(): void {
    for (const chart of this.charts) {
      const { name, reasons, told } = chart;
      if (reasons.size === told) continue;
      for (const why of [...reasons].slice(told))
        this.log.info({ machine: name, why }, `Machine ${name} runs on XState itself, which is slower: ${why}`);
      chart.told = reasons.size;
    }
  }
}
