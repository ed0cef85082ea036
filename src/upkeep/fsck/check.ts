// What a check of the catalog is: a promise, a walk that counts what it looked at and names what breaks the promise, and for
// some breaks a way to mend them that can lose nothing.
import type { Random } from '../../base/random.ts';
import type { Catalog, Change } from '../../catalog/catalog.ts';
import type { SeatMap } from '../../objects/seats.ts';
import type { Ground } from './ground.ts';

export interface FsckDeps {
  /** Nobody else may write to it meanwhile. */
  readonly catalog: Catalog;
  readonly partitions: SeatMap;
  readonly random: Random;
  readonly nowMs: number;
}

export interface Check {
  readonly name: string;
  readonly promise: string;
  /** Reads the bytes of blocks: only when asked for. */
  readonly deep?: true;
  run(ground: Ground, findings: Findings): Promise<void>;
}

/** Rows to be rewritten; or whatever else it takes. */
export type Mend = Change | (() => Promise<void>);

export interface CheckResult {
  readonly name: string;
  readonly promise: string;
  /** Rows, packs, blocks or objects. */
  readonly looked: number;
  readonly broken: number;
  /** The first of the breaks, a sentence each. */
  readonly examples: readonly string[];
}

const examplesMax = 20;

export class Findings {
  looked = 0;
  broken = 0;
  readonly examples: string[] = [];
  readonly mends: Mend[] = [];
  readonly #onLook: (count: number) => void;

  constructor(onLook: (count: number) => void) {
    this.#onLook = onLook;
  }

  look(count = 1): void {
    this.looked += count;
    this.#onLook(count);
  }

  break(sentence: string, mend?: Mend): void {
    this.broken += 1;
    if (this.examples.length < examplesMax) this.examples.push(sentence);
    if (mend !== undefined) this.mends.push(mend);
  }
}
