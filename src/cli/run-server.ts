// `up` and `serve`: both start the supervisor in this process and live until a signal; they differ in what they print.
import { relative } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import type { Loaded } from '../config/config.ts';
import { DataInUse } from '../main/lock.ts';
import { PortError } from '../main/ports.ts';
import type { Supervisor } from '../main/supervisor.ts';
import { startSupervisor } from '../main.ts';
import { CommandError, exitCodes } from './exit-codes.ts';
import { hint, say } from './print.ts';
import { version } from './version.ts';

const demoBucket = 'demo';
const sameWishMs = 500;

/** Ends the process by itself, with the exit code that the signal asks for. */
export async function runServer(load: () => Loaded, manner: 'up' | 'serve'): Promise<void> {
  const loaded = load();
  let supervisor: Supervisor | undefined;
  let signalledMs = Number.NEGATIVE_INFINITY;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (supervisor === undefined) process.exit(signal === 'SIGINT' ? 130 : 143);
    const now = systemClock.monotonicMs();
    // Ctrl-C under npm arrives twice, from the terminal and from npm: that is one wish.
    if (now - signalledMs < sameWishMs) return;
    signalledMs = now;
    void supervisor.stop();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  process.on('SIGHUP', () => {
    supervisor?.reload().then(
      (message) => manner === 'up' && hint(message),
      (error: Error) => hint(error.message),
    );
  });
  try {
    supervisor = await startSupervisor({
      loaded,
      reload: load,
      env: process.env,
      clock: systemClock,
      random: systemRandom,
      version,
      ...(manner === 'up' ? { firstBucket: demoBucket } : {}),
    });
  } catch (error) {
    throw startError(error as Error, loaded);
  }
  if (manner === 'up') {
    say(welcome(supervisor, loaded));
  } else if (supervisor.generated !== undefined) {
    hint(`Keys were generated into ${loaded.config.data}/credentials (readable by you alone).`);
  }
  await supervisor.done;
  if (manner === 'up') hint('Stopped. Everything acknowledged is on disk.');
  process.exit(exitCodes.done);
}

function startError(error: Error, loaded: Loaded): Error {
  if (error instanceof PortError) return new CommandError(error.message, { cause: error });
  if (error instanceof DataInUse) {
    return new CommandError(error.message, {
      next: `Stop that one first (kill ${error.pid}), or choose another directory: echogate up DIR --port P --admin-port A`,
    });
  }
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EROFS' || code === 'ENOTDIR' || code === 'ENOSPC') {
    return new CommandError(`cannot use the data directory ${loaded.config.data}: ${error.message}`, {
      next: 'Name one that this user may write: echogate up DIR',
    });
  }
  return error;
}

function welcome(supervisor: Supervisor, { config, origins }: Loaded): string {
  const data = relative(process.cwd(), config.data) || '.';
  const place = data.startsWith('..') ? config.data : `./${data}`;
  const where = place === './data' ? '' : ` --data ${place}`;
  const [first] = config.users;
  const keys =
    supervisor.generated !== undefined
      ? [
          `  Access key   ${supervisor.generated.accessKey}`,
          `  Secret key   ${supervisor.generated.secretKey}`,
          `               shown only this once; kept in ${place}/credentials, readable by you alone`,
        ]
      : first !== undefined
        ? [`  Access key   ${first.accessKey} (${origins.get('users')})`]
        : [`  Keys         as generated at the first start; see ${place}/credentials`];
  return [
    `echogate ${version} is running`,
    '',
    `  S3           ${supervisor.endpoint}   region ${config.region}`,
    `  Admin        ${supervisor.adminUrl}   /livez /readyz /metrics`,
    `  Data         ${place}   ${config.partitions.length} partitions, ${config.workers} workers`,
    ...keys,
    ...(supervisor.isFirstStart ? [`  Bucket       ${demoBucket}`] : []),
    '',
    'In another terminal, with aws-cli:',
    `  eval "$(npx echogate env${where})" && aws s3 cp README.md s3://${demoBucket}/`,
    'or with Node alone:',
    `  npx echogate put README.md s3://${demoBucket}/README.md${where}`,
    '',
    'Ctrl-C stops it.',
  ].join('\n');
}
