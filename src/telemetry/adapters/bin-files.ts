// Reads what all processes added: a folder per bin, named after its start, with a file per process in it.
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BinCounts, CounterBatch, HeatedBlock } from '../counter-store.ts';
import { foldBins } from '../fold-bins.ts';
import { scoreOf, sumScores } from '../heat.ts';
import { batchesIn } from './counter-lines.ts';

export type ScoredBlock = Pick<HeatedBlock, 'block' | 'area'> & { readonly score: number; readonly timeSec: number };

/** Of old bins so many go at once: whoever tidies may not take long. */
const droppedMax = 1000;
const isStart = /^\d{1,12}$/;

export class BinFiles {
  readonly #path: string;
  /** The blocks of a file that has not changed since, by its path. */
  #scored = new Map<string, { readonly size: number; readonly blocks: readonly ScoredBlock[] }>();

  constructor(path: string) {
    this.#path = path;
  }

  /** Starts of bins in [fromSec, toSec), in order. */
  async starts(fromSec: number, toSec: number): Promise<number[]> {
    const starts = (await namesIn(this.#path)).filter((name) => isStart.test(name)).map(Number);
    return starts.filter((start) => start >= fromSec && start < toSec).sort((a, b) => a - b);
  }

  /** Undefined when nobody reported into it. */
  async bin(startSec: number): Promise<BinCounts | undefined> {
    const files = await Promise.all((await this.#filesOf(startSec)).map(batchesOf));
    const batches = files.flat();
    if (batches.length === 0) return undefined;
    const watched = new Map<string, number>();
    for (const { process, seconds } of batches) watched.set(process, (watched.get(process) ?? 0) + seconds);
    const sums = foldBins(
      startSec,
      batches.map((batch) => ({ startSec, ...batch })),
    );
    return { ...sums, seconds: Math.max(...watched.values()) };
  }

  /** All blocks that any bin tells of. */
  async blocks(): Promise<ScoredBlock[]> {
    const starts = await this.starts(0, Number.POSITIVE_INFINITY);
    const paths = (await Promise.all(starts.map((start) => this.#filesOf(start)))).flat();
    const scored = await Promise.all(paths.map(async (path) => [path, await this.#scoredIn(path)] as const));
    this.#scored = new Map(scored.filter(([, { size }]) => size > 0)); // without those that are gone
    const all = new Map<string, ScoredBlock>();
    for (const [, { blocks }] of scored) addScores(all, blocks);
    return [...all.values()];
  }

  /** Bins that start before `beforeSec`. */
  async drop(beforeSec: number): Promise<void> {
    const old = (await this.starts(0, beforeSec)).slice(0, droppedMax);
    for (const start of old) await rm(join(this.#path, String(start)), { recursive: true, force: true });
  }

  async #filesOf(startSec: number): Promise<string[]> {
    const folder = join(this.#path, String(startSec));
    return (await namesIn(folder)).map((name) => join(folder, name));
  }

  async #scoredIn(path: string) {
    const size = await sizeOf(path);
    const known = this.#scored.get(path);
    if (known?.size === size) return known;
    const blocks = new Map<string, ScoredBlock>();
    for (const { timeSec, blocks: read } of await batchesOf(path)) {
      const counted = read.filter(({ reads }) => reads > 0);
      addScores(
        blocks,
        counted.map(({ block, area, reads }) => ({ block, area, score: scoreOf(reads, timeSec), timeSec })),
      );
    }
    return { size, blocks: [...blocks.values()] };
  }
}

/** A block's area is the one that was last named. */
function addScores(sums: Map<string, ScoredBlock>, blocks: readonly ScoredBlock[]): void {
  for (const fresh of blocks) {
    const old = sums.get(fresh.block);
    if (old === undefined) sums.set(fresh.block, fresh);
    else {
      const newer = fresh.timeSec >= old.timeSec ? fresh : old;
      sums.set(fresh.block, { ...newer, score: sumScores(old.score, fresh.score) });
    }
  }
}

const batchesOf = async (path: string): Promise<CounterBatch[]> => {
  const text = await unlessGone(readFile(path, 'utf8'));
  return text === undefined ? [] : batchesIn(text);
};
const sizeOf = async (path: string): Promise<number> => (await unlessGone(stat(path)))?.size ?? 0;
const namesIn = async (folder: string): Promise<string[]> => (await unlessGone(readdir(folder))) ?? [];

/** Another process may have tidied it away. */
async function unlessGone<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
