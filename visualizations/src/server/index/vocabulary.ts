/** Words that repeat, as small numbers; the number 0 stands for all that came after `max` different ones. */
export class Vocabulary {
  private readonly numbers = new Map<string, number>();
  private readonly words: string[] = [''];
  private readonly counts: number[] = [0];

  constructor(private readonly max: number) {}

  /** The number of a word, counted. */
  note(word: string): number {
    let number = this.numbers.get(word);
    if (number === undefined) {
      if (this.words.length >= this.max) return 0;
      number = this.words.push(word) - 1;
      this.counts.push(0);
      this.numbers.set(word, number);
    }
    this.counts[number]! += 1;
    return number;
  }
  /** undefined: it never came, or came too late to have a number (`isFull`). */
  find(word: string): number | undefined {
    return this.numbers.get(word);
  }
  word(number: number): string {
    return this.words[number] ?? '';
  }
  get isFull(): boolean {
    return this.words.length >= this.max;
  }
  /** Numbers of words for which `wanted` holds; with those that have none when the vocabulary is full. */
  matching(wanted: (word: string) => boolean): Set<number> {
    const found = new Set(this.isFull ? [0] : []);
    this.words.forEach((word, number) => {
      if (number > 0 && wanted(word)) found.add(number);
    });
    return found;
  }
  /** Most frequent first. */
  byCount(max: number): string[] {
    return this.words
      .map((word, number) => [word, this.counts[number]!] as const)
      .slice(1)
      .sort((a, b) => b[1] - a[1])
      .slice(0, max)
      .map(([word]) => word);
  }
}
