// What a watched run says, as CSV: a line per minute and partition, a line per move.
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { MinuteRow, MoveRow } from './engine/engine.ts';

const bufferedMax = 1 << 18;
const minuteHeader = 'minute,partition,reads,writes,served_reads,capacity,q50,q90';
const moveHeader = 'minute,area,from,to,bytes,cause,because';

export interface RunFiles {
  minute(row: MinuteRow): void;
  move(row: MoveRow): void;
  close(): void;
}

export function openRunFiles(folder: string, policy: string, seed: number): RunFiles {
  mkdirSync(folder, { recursive: true });
  const minutes = lines(join(folder, `${policy}-${seed}-minutes.csv`), minuteHeader);
  const moves = lines(join(folder, `${policy}-${seed}-moves.csv`), moveHeader);
  return {
    minute: ({ minute, partition, capacity, ...loads }) => {
      const { reads, writes, servedReads, q50, q90 } = loads;
      minutes.add([
        minute,
        partition,
        short(reads),
        short(writes),
        short(servedReads),
        capacity,
        short(q50),
        short(q90),
      ]);
    },
    move: ({ minute, area, from, to, bytes, cause, because }) =>
      moves.add([minute, area, from, to, bytes, cause, `"${because.replaceAll('"', '""')}"`]),
    close() {
      minutes.close();
      moves.close();
    },
  };
}

const short = (value: number | undefined): string => value?.toFixed(4) ?? '';

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
