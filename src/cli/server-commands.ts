// `up` and `serve`.
import { statSync } from 'node:fs';
import { CommandError, exitCodes } from './exit-codes.ts';
import { runServer } from './run-server.ts';
import { knobFlags, settings } from './settings.ts';

export async function up(dir: string | undefined, options: Readonly<Record<string, unknown>>): Promise<void> {
  const found = dir === undefined ? undefined : statSync(dir, { throwIfNoEntry: false });
  if (found !== undefined && !found.isDirectory()) {
    throw new CommandError(`${dir} is a file, not a directory`, {
      exitCode: exitCodes.usage,
      next: 'echogate up DIR makes DIR.',
    });
  }
  const flags = { ...knobFlags(options), ...(dir === undefined ? {} : { data: dir }) };
  // On a terminal people read the welcome; the log speaks up when something is wrong.
  await runServer(() => settings(flags, { defaults: { logLevel: 'warn' } }), 'up');
}

export async function serve(options: Readonly<Record<string, unknown>>): Promise<void> {
  const file = options.config as string | undefined;
  await runServer(() => settings(knobFlags(options), { file }), 'serve');
}
