// The `echogate` command: names, arguments and examples. What a command does is imported only when it runs, so that `--help` is quick.
import { Command, CommanderError } from 'commander';
import { configOption, dataOption, examples, jsonOption } from './common-options.ts';
import { addDeclaredCommands } from './declared-program.ts';
import { addEchoCommands } from './echo-program.ts';
import { CommandError, exitCodes } from './exit-codes.ts';
import { addForecastCommands } from './forecast-program.ts';
import { addOfflineCommands } from './offline-program.ts';
import { addPartitionCommands } from './partition-program.ts';
import { addPilotCommands } from './pilot-program.ts';
import { explain, hint } from './print.ts';
import { addSimulateCommands } from './simulate-program.ts';
import { version } from './version.ts';

type Options = Record<string, string | boolean | undefined>;

function serverOptions(command: Command): Command {
  return command
    .option('--listen <host:port>', 'address of the S3 endpoint')
    .option('--port <port>', 'port of the S3 endpoint; 0 picks a free one')
    .option('--admin <host:port>', 'address of health, metrics and admin API')
    .option('--admin-port <port>', 'port of health, metrics and admin API')
    .option('--region <name>', 'region that clients sign for')
    .option('--domains <list>', 'domains whose sub-domains are buckets, with commas')
    .option('--profile <aws|rgw>', 'whom to follow where AWS and Ceph differ')
    .option('--workers <n>', 'gateway processes')
    .option('--tls-cert <file>', 'certificate chain in PEM: serve https')
    .option('--tls-key <file>', 'its private key in PEM')
    .option('--log-level <level>', 'silent, error, warn, info or debug')
    .option('--log-access', 'log a line per request');
}

export function program(): Command {
  const root = new Command('echogate')
    .description('One S3 endpoint over many buckets and directories.')
    .version(version, '-V, --version')
    .showHelpAfterError('(echogate --help shows what there is)')
    .exitOverride()
    .addHelpText(
      'after',
      examples('echogate up', 'eval "$(echogate env)" && aws s3 ls', 'echogate put file.txt s3://demo/file.txt'),
    );

  serverOptions(root.command('up'))
    .description('run everything over one data directory; keys and a bucket are made at the first start')
    .argument('[dir]', 'data directory (default: ./data)')
    .addHelpText('after', examples('echogate up', 'echogate up /srv/echogate --port 9100 --admin-port 9101'))
    .action(async (dir: string | undefined, options: Options) =>
      (await import('./server-commands.ts')).up(dir, options),
    );

  serverOptions(root.command('serve').option('--data <dir>', 'data directory'))
    .description('run by a configuration file; flags beat the file')
    .addOption(configOption())
    .addHelpText(
      'after',
      examples('echogate serve --config echogate.yaml', 'echogate serve --config echogate.yaml --port 8000'),
    )
    .action(async (options: Options) => (await import('./server-commands.ts')).serve(options));

  root
    .command('env')
    .description('print the variables that aws-cli and the SDKs read')
    .addOption(dataOption())
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText('after', examples('eval "$(echogate env)" && aws s3 ls'))
    .action(async (options: Options) => (await import('./env-command.ts')).printEnv(options));

  root
    .command('put')
    .description('store a file as an object; - reads standard input')
    .argument('<file>')
    .argument('<s3://bucket/key>')
    .option('--content-type <type>', 'media type of the object')
    .option('--quiet', 'no progress')
    .addOption(dataOption())
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples('echogate put photo.jpg s3://demo/photos/', 'tar c . | echogate put - s3://demo/backup.tar'),
    )
    .action(async (file: string, target: string, options: Options) =>
      (await import('./put-command.ts')).put(file, target, options),
    );

  root
    .command('get')
    .description('fetch an object into a file; - writes standard output')
    .argument('<s3://bucket/key>')
    .argument('[file]', "default: the key's last part")
    .option('--quiet', 'no progress')
    .addOption(dataOption())
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples('echogate get s3://demo/photos/photo.jpg', 'echogate get s3://demo/backup.tar - | tar t'),
    )
    .action(async (source: string, file: string | undefined, options: Options) =>
      (await import('./get-command.ts')).get(source, file, options),
    );

  const admin = (command: Command): Command =>
    command.addOption(dataOption()).addOption(configOption()).addOption(jsonOption());

  const bucket = root
    .command('bucket')
    .description('buckets')
    .addHelpText('after', examples('echogate bucket create photos', 'echogate bucket list'));
  admin(
    bucket.command('create').argument('<name>').option('--owner <user>', 'user that owns it (default: the first user)'),
  )
    .description('make a bucket')
    .addHelpText('after', examples('echogate bucket create photos'))
    .action(async (name: string, options: Options) =>
      (await import('./admin-commands.ts')).createBucket(name, options),
    );
  admin(bucket.command('list'))
    .description('all buckets of all users')
    .addHelpText('after', examples('echogate bucket list --json'))
    .action(async (options: Options) => (await import('./admin-commands.ts')).listBuckets(options));
  admin(bucket.command('rm').argument('<name>'))
    .description('remove an empty bucket')
    .addHelpText('after', examples('echogate bucket rm photos'))
    .action(async (name: string, options: Options) =>
      (await import('./admin-commands.ts')).removeBucket(name, options),
    );

  const key = root
    .command('key')
    .description('access keys')
    .addHelpText('after', examples('echogate key create backup', 'echogate key list'));
  admin(key.command('create').argument('<user>', 'a new user, or one that gets a further key'))
    .description('make an access key; its secret is shown once')
    .option('--display-name <text>', 'name that listings show')
    .option('--email <address>', 'address that grants may name')
    .addHelpText('after', examples('echogate key create backup', 'echogate key create ada --email ada@example.com'))
    .action(async (user: string, options: Options) => (await import('./admin-commands.ts')).createKey(user, options));
  admin(key.command('list'))
    .description('all access keys, without their secrets')
    .addHelpText('after', examples('echogate key list'))
    .action(async (options: Options) => (await import('./admin-commands.ts')).listKeys(options));
  admin(key.command('rm').argument('<access-key>'))
    .description('withdraw an access key')
    .addHelpText('after', examples('echogate key rm EGABCDEFGH234567IJKL'))
    .action(async (accessKey: string, options: Options) =>
      (await import('./admin-commands.ts')).removeKey(accessKey, options),
    );

  admin(
    root.command('info').argument('<s3://bucket/key>').option('--version-id <id>', 'a version that is not the newest'),
  )
    .description('where an object lies: its blocks, their packs and partitions')
    .addHelpText('after', examples('echogate info s3://demo/photos/photo.jpg'))
    .action(async (url: string, options: Options) => (await import('./admin-commands.ts')).info(url, options));

  admin(root.command('status'))
    .description('the running processes')
    .addHelpText('after', examples('echogate status --json'))
    .action(async (options: Options) => (await import('./admin-commands.ts')).status(options));

  addOfflineCommands(root);
  addForecastCommands(root);
  addDeclaredCommands(root);
  addEchoCommands(root);
  addPilotCommands(root);
  addPartitionCommands(root);
  addSimulateCommands(root);

  const config = root
    .command('config')
    .description('the configuration')
    .addHelpText('after', examples('echogate config check echogate.yaml', 'echogate config show'));
  serverOptions(config.command('check').argument('[file]').option('--data <dir>', 'data directory'))
    .description('look for mistakes, all at once, without starting')
    .addOption(jsonOption())
    .addHelpText('after', examples('echogate config check echogate.yaml'))
    .action(async (file: string | undefined, options: Options) =>
      (await import('./config-commands.ts')).check(file, options),
    );
  serverOptions(config.command('show').argument('[file]').option('--data <dir>', 'data directory'))
    .description('every value and where it came from; secrets are masked')
    .addOption(jsonOption())
    .addHelpText('after', examples('echogate config show echogate.yaml', 'echogate config show --json'))
    .action(async (file: string | undefined, options: Options) =>
      (await import('./config-commands.ts')).show(file, options),
    );

  config
    .command('knobs')
    .description('every setting there is, with its bounds and the reason for its default')
    .addHelpText('after', examples('echogate config knobs'))
    .action(async () => (await import('./config-commands.ts')).knobs());

  for (const each of [root, ...allCommands(root)]) each.exitOverride();
  return root;
}

const allCommands = (command: Command): Command[] => command.commands.flatMap((each) => [each, ...allCommands(each)]);

export async function main(argv: readonly string[]): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', readerLeft);
  try {
    await program().parseAsync([...argv]);
  } catch (error) {
    process.exitCode = told(error);
  }
}

/** `… | head` has read enough: what is said after that goes nowhere, and the exit code stays what it is. */
function readerLeft(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

function told(error: unknown): number {
  // Commander has said it already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  if (error instanceof CommandError) {
    hint(explain(error));
    return error.exitCode;
  }
  const unexpected = error instanceof Error ? error : new Error(String(error));
  hint(explain(unexpected));
  if (process.env.ECHOGATE_DEBUG) hint(unexpected.stack ?? '');
  return exitCodes.failed;
}

await main(process.argv);
