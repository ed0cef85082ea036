// What people and scripts read: data on stdout (JSON when asked), hints and progress on stderr, bars only on a terminal.
import type { CommandError } from './exit-codes.ts';

export const say = (text: string): void => void process.stdout.write(`${text}\n`);
export const hint = (text: string): void => void process.stderr.write(`${text}\n`);

/** Data as one JSON document with a version, so that a script can tell when its shape changes. */
export const sayJson = (data: object): void => say(JSON.stringify({ ...data, version: 1 }));

export function table(rows: readonly (readonly string[])[], header: readonly string[]): string {
  const all = [header, ...rows];
  const widths = header.map((_, at) => Math.max(...all.map((row) => (row[at] ?? '').length)));
  return all
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function humanBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let at = 0;
  while (value >= 1024 && at < units.length - 1) {
    value /= 1024;
    at += 1;
  }
  return `${at === 0 ? value : value.toFixed(value < 10 ? 2 : 1)} ${units[at]}`;
}

export function explain(error: CommandError | (Error & { next?: string })): string {
  return `echogate: ${error.message}${error.next === undefined ? '' : `\n  ${error.next}`}`;
}

export interface Progress {
  add(bytes: number): void;
  end(): void;
}

/** A bar on a terminal; silence elsewhere. */
export function progress(label: string, totalBytes: number | undefined, quiet: boolean): Progress {
  const stream = process.stderr;
  if (quiet || !stream.isTTY) return { add: () => {}, end: () => {} };
  const startedMs = performance.now();
  let bytes = 0;
  let drawnMs = Number.NEGATIVE_INFINITY;
  const draw = (): void => {
    drawnMs = performance.now();
    const perSec = bytes / Math.max(0.001, (drawnMs - startedMs) / 1000);
    const share = totalBytes === undefined || totalBytes === 0 ? 0 : Math.min(1, bytes / totalBytes);
    const width = 24;
    const filled = Math.round(share * width);
    const bar =
      totalBytes === undefined
        ? ''
        : `[${'#'.repeat(filled)}${'-'.repeat(width - filled)}] ${Math.floor(share * 100)}% `;
    stream.write(`\r\x1b[K${label} ${bar}${humanBytes(bytes)} ${humanBytes(perSec)}/s`);
  };
  return {
    add: (more) => {
      bytes += more;
      if (performance.now() - drawnMs > 100) draw();
    },
    end: () => {
      draw();
      stream.write('\n');
    },
  };
}

export interface Counter {
  /** So many more of what `label` names. */
  add(label: string, count: number): void;
  end(): void;
}

/** Counts on a terminal, of one thing after the other; silence elsewhere. */
export function counter(): Counter {
  const stream = process.stderr;
  if (!stream.isTTY) return { add: () => {}, end: () => {} };
  let current = '';
  let total = 0;
  let drawnMs = Number.NEGATIVE_INFINITY;
  return {
    add: (label, count) => {
      if (label !== current) total = 0;
      current = label;
      total += count;
      if (performance.now() - drawnMs < 100) return;
      drawnMs = performance.now();
      stream.write(`\r\x1b[K${label} ${total.toLocaleString('en')}`);
    },
    end: () => stream.write('\r\x1b[K'),
  };
}
