import type { ProcessClock } from '../../actors/ports.js';

/**
 * How long somebody else may take: `ms` of time that this process had. Time in which it stood still does not count, and
 * `isOver` is called after what had arrived has been read. `renew` begins anew, for what makes progress.
 */
export class Patience {
  private until = 0;
  private cancel: () => void = () => undefined;

  constructor(
    private readonly clock: ProcessClock,
    private readonly ms: number,
    private readonly isOver: () => void,
  ) {
    this.renew();
    this.wait();
  }
  renew(): void {
    this.until = this.clock.livedMs() + this.ms;
  }
  end(): void {
    this.cancel();
  }
  private wait(): void {
    const left = this.until - this.clock.livedMs();
    this.cancel = this.clock.schedule(this.clock.now() + left, () => {
      if (this.clock.livedMs() < this.until) this.wait();
      else this.isOver();
    });
  }
}
