// N−1: what each partition would have to do more if any one of the others died, its echoes being read instead. No echo is put where that would be
// more than the partition can spare: the fleet must carry the loss of one. Where nobody knows what it can do, nothing is held against it.
import type { PartitionId } from '../model/ids.ts';

/** Of a heat (reads, each halved every minute): reads per second that go on like this. */
export const readsPerSec = (heat: number): number => (heat * Math.LN2) / 60;

export class Spill {
  readonly #spare: ReadonlyMap<PartitionId, number>;
  readonly #onto = new Map<string, number>();

  /** `spare`: reads per second that a partition can do beyond what it is asked for; absent: not known. */
  constructor(spare: ReadonlyMap<PartitionId, number>) {
    this.#spare = spare;
  }

  get isKnown(): boolean {
    return this.#spare.size > 0;
  }

  /** An echo on `partition` of a block of `home` that so many reads per second would come to. */
  add(home: PartitionId, partition: PartitionId, perSec: number): void {
    const name = nameOf(home, partition);
    this.#onto.set(name, (this.#onto.get(name) ?? 0) + perSec);
  }

  fits(home: PartitionId, partition: PartitionId, perSec: number): boolean {
    const spare = this.#spare.get(partition);
    return spare === undefined || (this.#onto.get(nameOf(home, partition)) ?? 0) + perSec <= spare;
  }
}

const nameOf = (home: PartitionId, partition: PartitionId): string => `${home} ${partition}`;
