// Walks a range of catalog rows in bounded chunks and can jump ahead: inside the chunk by search, beyond it by a new look-up.
import { setImmediate as turnOfOthers } from 'node:timers/promises';
import type { Catalog, Row } from '../catalog/catalog.ts';
import { after } from '../catalog/keys.ts';

const chunkRowsFirst = 64;
const chunkRowsMin = 8;
const chunkRowsMax = 1024;
/** After so many rows other requests of this process get a turn. */
const rowsPerTurn = 4096;

export interface RowCursor {
  /** The row at the cursor, or undefined at the end. */
  peek(): Promise<Row | undefined>;
  advance(): void;
  /** Moves on to the first row whose key is not less than `key`; never back. */
  seek(key: Buffer): void;
}

/** `expectedRows`: how many will probably be wanted when nobody seeks. */
export function createRowCursor(catalog: Catalog, from: Buffer, to: Buffer, expectedRows = 0): RowCursor {
  let rows: Row[] = [];
  let at = 0;
  let next = from; // where the following chunk starts
  let ended = false;
  let chunkRows = Math.min(Math.max(expectedRows, chunkRowsFirst), chunkRowsMax);
  let rowsThisTurn = 0;

  async function fill(): Promise<void> {
    if (rowsThisTurn >= rowsPerTurn) {
      rowsThisTurn = 0;
      await turnOfOthers();
    }
    rows = await catalog.range(next, to, { limit: chunkRows });
    rowsThisTurn += rows.length + 1;
    at = 0;
    ended = rows.length < chunkRows;
    const last = rows.at(-1);
    if (last !== undefined) next = after(last.key);
    chunkRows = Math.min(chunkRows * 2, chunkRowsMax);
  }

  return {
    async peek() {
      while (at >= rows.length) {
        if (ended) return undefined;
        await fill();
      }
      return rows[at];
    },
    advance() {
      at += 1;
    },
    seek(key) {
      let low = at;
      let high = rows.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (Buffer.compare(rows[middle]!.key, key) < 0) low = middle + 1;
        else high = middle;
      }
      at = low;
      if (at < rows.length || Buffer.compare(key, next) <= 0) return;
      next = key;
      // `fill` will double it; whoever jumps out of every chunk soon reads small ones.
      chunkRows = Math.max(Math.floor(chunkRows / 4), chunkRowsMin);
    },
  };
}
