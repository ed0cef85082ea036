// `run.json` in the data directory: where the running server listens, for commands on the same machine. No secrets.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface RunFile {
  readonly pid: number;
  readonly endpoint: string;
  readonly adminUrl: string;
  readonly region: string;
}

const fileName = 'run.json';

export function writeRunFile(data: string, run: RunFile): void {
  const path = join(data, fileName);
  writeFileSync(`${path}.new`, `${JSON.stringify(run)}\n`, { mode: 0o644 });
  renameSync(`${path}.new`, path);
}

export const removeRunFile = (data: string): void => rmSync(join(data, fileName), { force: true });

export function readRunFile(data: string): RunFile | undefined {
  try {
    return JSON.parse(readFileSync(join(data, fileName), 'utf8')) as RunFile;
  } catch {
    return undefined;
  }
}
