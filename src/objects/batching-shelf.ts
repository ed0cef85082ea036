// S3: a pack is one backend write. Small blocks gather while earlier packs are being written, so a batch grows with the load
// and an idle worker waits for nothing; big blocks become packs of their own.
import { reached } from '../base/crash-points.ts';
import { MiB } from '../base/units.ts';
import { sealedPackBytes } from '../pack/pack.ts';
import { OpenPack } from './open-pack.ts';
import type { NewBlock, PackShelf, PlacedBlock, ShelfDeps } from './pack-shelf.ts';

const bigBytes = 1 * MiB;
const batchBytesMax = 8 * MiB;
const batchBlocksMax = 1000;
const smallLanes = 4;
const bigLanes = 8;

interface Waiting {
  readonly block: NewBlock;
  readonly resolve: (placed: PlacedBlock) => void;
  readonly reject: (error: unknown) => void;
}

class Lane {
  readonly waiting: Waiting[] = [];
  readonly width: number;
  running = 0;
  constructor(width: number) {
    this.width = width;
  }
}

export class BatchingShelf implements PackShelf {
  readonly #deps: ShelfDeps;
  readonly #small = new Lane(smallLanes);
  readonly #big = new Lane(bigLanes);
  readonly #running = new Set<Promise<void>>();

  /** `probe` only told what kind of partition this is. */
  constructor(deps: ShelfDeps, probe: OpenPack) {
    this.#deps = deps;
    this.#track(probe.end());
  }

  put(block: NewBlock): Promise<PlacedBlock> {
    const lane = block.length >= bigBytes ? this.#big : this.#small;
    return new Promise((resolve, reject) => {
      lane.waiting.push({ block, resolve, reject });
      this.#advance(lane);
    });
  }

  /** Its packs end with every batch. */
  tidy(): void {}

  async close(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  #advance(lane: Lane): void {
    while (lane.running < lane.width && lane.waiting.length > 0) {
      const batch = nextBatch(lane.waiting);
      lane.running += 1;
      const written = this.#write(batch).finally(() => {
        lane.running -= 1;
        this.#advance(lane);
      });
      this.#track(written);
    }
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    const placed: PlacedBlock[] = [];
    let pack: OpenPack | undefined;
    try {
      const lengths = batch.map(({ block }) => block.length);
      pack = await OpenPack.open(this.#deps, sealedPackBytes(this.#deps.partition.id, lengths));
      for (const { block } of batch) placed.push(pack.append(block));
      reached('batch: pack opened');
      await pack.end();
      reached('batch: pack written');
    } catch (error) {
      await pack?.end().catch(() => {});
      for (const one of placed) one.settle();
      for (const { reject } of batch) reject(error);
      return;
    }
    batch.forEach(({ resolve }, at) => {
      resolve(placed[at]!);
    });
  }

  #track(work: Promise<void>): void {
    this.#running.add(work);
    const done = () => this.#running.delete(work);
    work.then(done, done);
  }
}

/** The oldest waiting blocks that fit into one pack; a big block stands alone. */
function nextBatch(waiting: Waiting[]): Waiting[] {
  let bytes = 0;
  let count = 0;
  for (const { block } of waiting) {
    if (count > 0 && (bytes + block.length > batchBytesMax || block.length >= bigBytes)) break;
    bytes += block.length;
    count += 1;
    if (count === batchBlocksMax || block.length >= bigBytes) break;
  }
  return waiting.splice(0, count);
}
