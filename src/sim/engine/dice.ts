// Chance of a simulation: the same for the same seed (mulberry32), and a stream of its own for each purpose, so that one more draw for jobs does
// not deal all areas anew.

export class Dice {
  #state: number;

  constructor(seed: number, purpose: string) {
    let hash = 0x811c9dc5 ^ seed;
    for (let at = 0; at < purpose.length; at++) hash = Math.imul(hash ^ purpose.charCodeAt(at), 0x01000193);
    this.#state = Math.imul(hash ^ (seed + 0x9e3779b9), 0x85ebca6b) >>> 0;
  }

  /** In [0, 1). */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(count: number): number {
    return Math.floor(this.fraction() * count);
  }

  /** Of a standard normal distribution (Box and Muller 1958). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.fraction())) * Math.cos(2 * Math.PI * this.fraction());
  }

  /** `count` of `all`, each once. */
  draw(count: number, all: number): number[] {
    const left = Array.from({ length: all }, (_, at) => at);
    return Array.from({ length: Math.min(count, all) }, () => left.splice(this.below(left.length), 1)[0]!);
  }
}
