// Pages in docs/ that commands write: each section stands between two marks and is replaced as a whole, in the order of first writing.
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';

export async function writeSection(page: string, name: string, lines: readonly string[]): Promise<void> {
  const text = await readFile(page, 'utf8').catch(() => '');
  const open = `<!-- ${name} -->`;
  const close = `<!-- /${name} -->`;
  const section = [open, '', ...lines, '', close].join('\n');
  const start = text.indexOf(open);
  const end = text.indexOf(close);
  const next =
    start >= 0 && end > start
      ? text.slice(0, start) + section + text.slice(end + close.length)
      : `${text.trimEnd()}\n\n${section}\n`;
  await writeFile(page, next);
}

/** Date, processor, Node and what a flush costs here, for the head of a section. */
export async function machineLine(): Promise<string> {
  const [cpu] = cpus();
  const date = new Date().toISOString().slice(0, 10);
  return `${date} · ${cpus().length} × ${cpu?.model.trim() ?? 'unknown processor'} · Node ${process.versions.node} · fdatasync of 4 KiB ${fdatasyncMs().toFixed(2)} ms (median of 200)`;
}

/** Appends 4 KiB and flushes, 200 times; the median in milliseconds. */
export function fdatasyncMs(dir: string = tmpdir()): number {
  const folder = mkdtempSync(join(dir, 'echogate-flush-'));
  const file = openSync(join(folder, 'file'), 'w');
  const bytes = Buffer.alloc(4096, 1);
  const times = Array.from({ length: 200 }, () => {
    const startedNs = process.hrtime.bigint();
    writeSync(file, bytes);
    fdatasyncSync(file);
    return Number(process.hrtime.bigint() - startedNs) / 1e6;
  });
  closeSync(file);
  rmSync(folder, { recursive: true });
  return times.sort((a, b) => a - b)[100]!;
}
