import { folderOf, interpretedCount } from '../charts/inertScope.js';
import type { Log } from '../ports.js';
import type { Topology } from '../step/routes.js';

/** Tells once of each machine that XState itself runs, and why: that is slower, and right. */
export class Interpreted {
  private seen = 0;
  private readonly told = new Set<string>();

  constructor(
    private readonly machines: Topology['machines'],
    private readonly log: Log,
  ) {}

  tell(): void {
    if (this.seen === interpretedCount) return;
    for (const [name, { machine }] of Object.entries(this.machines)) {
      for (const why of folderOf(machine).interpreted) {
        const line = `Machine ${name} runs on XState itself, which is slower: ${why}`;
        if (!this.told.has(line)) this.log.info({ machine: name, why }, line);
        this.told.add(line);
      }
    }
    this.seen = interpretedCount;
  }
}
