// Counts per id for very many ids: 16 bytes each instead of the hundred that a Map of strings takes. It knows 96 of an id's 128
// random bits, which is enough to tell any two apart that will ever meet.
const wordsPerSlot = 4; // three of the id, one of the count; count 0: empty
const slotsMin = 1024;

export class IdCounts {
  #slots = slotsMin;
  #used = 0;
  #words = new Uint32Array(slotsMin * wordsPerSlot);

  get size(): number {
    return this.#used;
  }

  /** Returns the new count. */
  add(id: string): number {
    if (this.#used * 5 >= this.#slots * 3) this.#grow();
    const at = this.#find(wordOf(id, 0), wordOf(id, 8), wordOf(id, 16));
    if (this.#words[at + 3] === 0) this.#used += 1;
    this.#words[at + 3]! += 1;
    return this.#words[at + 3]!;
  }

  get(id: string): number {
    return this.#words[this.#find(wordOf(id, 0), wordOf(id, 8), wordOf(id, 16)) + 3]!;
  }

  has(id: string): boolean {
    return this.get(id) > 0;
  }

  /** Place of the slot that holds the id, or of the empty one where it would stand. */
  #find(a: number, b: number, c: number): number {
    for (let slot = a % this.#slots; ; slot = (slot + 1) % this.#slots) {
      const at = slot * wordsPerSlot;
      const words = this.#words;
      if (words[at + 3] === 0) {
        words[at] = a;
        words[at + 1] = b;
        words[at + 2] = c;
        return at;
      }
      if (words[at] === a && words[at + 1] === b && words[at + 2] === c) return at;
    }
  }

  #grow(): void {
    const old = this.#words;
    this.#slots *= 2;
    this.#words = new Uint32Array(this.#slots * wordsPerSlot);
    for (let at = 0; at < old.length; at += wordsPerSlot) {
      if (old[at + 3] === 0) continue;
      this.#words[this.#find(old[at]!, old[at + 1]!, old[at + 2]!) + 3] = old[at + 3]!;
    }
  }
}

const wordOf = (id: string, digit: number): number => Number.parseInt(id.slice(digit, digit + 8), 16);
