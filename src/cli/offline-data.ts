// What the offline commands have in common: which data directory is meant, and how it is told that it cannot be had.
import { resolve } from 'node:path';
import type { Config } from '../config/config.ts';
import { DataInUse } from '../main/lock.ts';
import { CommandError, exitCodes } from './exit-codes.ts';
import { settings } from './settings.ts';

export type OfflineOptions = Readonly<Record<string, string | boolean | undefined>>;

export function configOf(dir: string | undefined, options: OfflineOptions): Config {
  const file = typeof options.config === 'string' ? options.config : undefined;
  return settings(dir === undefined ? {} : { data: resolve(dir) }, { file }).config;
}

export const noCatalog = ({ data }: Config): CommandError =>
  new CommandError(`there is no catalog in ${data}`, {
    next: 'If it was lost, write it anew from the partitions with: echogate rebuild',
  });

export function refuse(error: Error): never {
  if (error instanceof DataInUse)
    throw new CommandError(error.message, {
      exitCode: exitCodes.temporary,
      next: `This command needs the data directory to itself: stop the server first (kill ${error.pid}).`,
    });
  if ((error as NodeJS.ErrnoException).code === 'ENOENT')
    throw new CommandError(`there is no data directory here: ${error.message}`, { exitCode: exitCodes.usage });
  throw error;
}
