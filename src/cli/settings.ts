// How commands read settings: their flags, the environment, a file. A configuration that is wrong ends the command with every mistake.
import { ConfigError, type Loaded, loadConfig, type Sources } from '../config/config.ts';
import { CommandError, exitCodes } from './exit-codes.ts';

export type Flags = Sources['flags'];

export function settings(
  flags: Flags,
  options: { file?: string | undefined; defaults?: Sources['defaults']; env?: NodeJS.ProcessEnv } = {},
): Loaded {
  const { file, defaults, env = process.env } = options;
  try {
    return loadConfig({
      flags,
      env,
      cwd: process.cwd(),
      ...(file === undefined ? {} : { file }),
      ...(defaults === undefined ? {} : { defaults }),
    });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new CommandError(error.message, {
      exitCode: exitCodes.badConfig,
      next: 'Correct these and start again; `echogate config check FILE` looks without starting.',
    });
  }
}

/** Flags of the command line that are knobs, under the knobs' names. */
export function knobFlags(options: Readonly<Record<string, unknown>>): Flags {
  const names = [
    'listen',
    'port',
    'admin',
    'adminPort',
    'data',
    'region',
    'domains',
    'profile',
    'workers',
    'tlsCert',
    'tlsKey',
    'logLevel',
    'logAccess',
  ] as const;
  const flags: Record<string, string | boolean> = {};
  for (const name of names) {
    const value = options[name];
    if (typeof value !== 'string' && typeof value !== 'boolean') continue;
    flags[name === 'logAccess' ? 'accessLog' : name] = value;
  }
  return flags as Flags;
}
