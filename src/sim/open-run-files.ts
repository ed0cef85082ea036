// What a watched run says, as CSV: a line per minute and partition, a line per move.
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { MinuteRow, MoveRow, RunWatcher } from './watch.ts';

const bufferedMax = 1 << 18;
const minuteHeader = 'minute,partition,demand,served,q50,q90,q99';
const moveHeader = 'area,from,to,bytes,cause,start_minute,end_minute,crossing_minute,verdict';

export function openRunFiles(folder: string, policy: string, seed: number): RunWatcher & { close(): void } {
  mkdirSync(folder, { recursive: true });
  const minutes = lines(join(folder, `${policy}-${seed}-minutes.csv`), minuteHeader);
  const moves = lines(join(folder, `${policy}-${seed}-moves.csv`), moveHeader);
  return {
    minute: ({ minute, partition, demand, served, quantiles }: MinuteRow) =>
      minutes.add([minute, partition, short(demand), short(served), ...quantileCells(quantiles)]),
    move: (row: MoveRow) =>
      moves.add([
        row.area,
        row.from,
        row.to,
        row.bytes,
        row.cause,
        row.startMinute,
        row.endMinute ?? '',
        row.crossingMinute ?? '',
        row.verdict,
      ]),
    close() {
      minutes.close();
      moves.close();
    },
  };
}

const short = (value: number): string => value.toFixed(4);

const quantileCells = (quantiles: MinuteRow['quantiles']): string[] =>
  quantiles === undefined ? ['', '', ''] : [quantiles.q50, quantiles.q90, quantiles.q99].map(short);

function lines(path: string, header: string) {
  const file = openSync(path, 'w');
  let text = `${header}\n`;
  const flush = (): void => {
    writeSync(file, text);
    text = '';
  };
  return {
    add(cells: readonly (string | number)[]): void {
      text += `${cells.join(',')}\n`;
      if (text.length > bufferedMax) flush();
    },
    close(): void {
      flush();
      closeSync(file);
    },
  };
}
