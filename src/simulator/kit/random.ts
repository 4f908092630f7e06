const { imul } = Math;

/** Seeded randomness (mulberry32): the same seed, the same ids and the same luck. */
export class Random {
  private state: number;
  constructor(seed: number) {
    this.state = seed >>> 0;
  }
  /** In [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = imul(t ^ (t >>> 15), t | 1);
    t ^= t + imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }
  /** Lower-case hexadecimal digits. */
  hex(digits: number): string {
    let text = '';
    while (text.length < digits) text += Math.floor(this.next() * 16).toString(16);
    return text;
  }
  base36(digits: number): string {
    return this.from('0123456789abcdefghijklmnopqrstuvwxyz', digits);
  }
  /** Letters and digits of both cases. */
  token(digits: number): string {
    return this.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', digits);
  }
  private from(alphabet: string, digits: number): string {
    let text = '';
    while (text.length < digits) text += alphabet[Math.floor(this.next() * alphabet.length)];
    return text;
  }
  uuid(): string {
    return `${this.hex(8)}-${this.hex(4)}-4${this.hex(3)}-a${this.hex(3)}-${this.hex(12)}`;
  }
}
