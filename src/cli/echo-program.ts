// `echogate echo list|pin|drop|explain`: names, options and examples.
import type { Command } from 'commander';
import { configOption, dataOption, examples, jsonOption } from './common-options.ts';

type Options = Record<string, string | boolean | undefined>;

export function addEchoCommands(root: Command): void {
  const echo = root
    .command('echo')
    .description('read-only copies of hot blocks on other partitions')
    .addHelpText(
      'after',
      examples(
        'echogate echo list',
        'echogate echo explain s3://demo/hot',
        'echogate echo pin s3://demo/hot --count 3',
      ),
    );

  admin(echo.command('list'))
    .description('the echoes there are')
    .option('--bucket <name>', 'of this bucket only')
    .option('--limit <n>', 'show so many at most, up to 10000', '1000')
    .addHelpText('after', examples('echogate echo list --bucket demo --json'))
    .action(async (options: Options) => (await import('./echo-commands.ts')).listEchoes(options));

  admin(echo.command('pin').argument('<s3://bucket/key>'))
    .description('give the blocks of an object so many echoes now, and keep them; another version has other blocks')
    .requiredOption('--count <n>', '1 to 4; 0 takes the pin back, and its echoes go')
    .addHelpText(
      'after',
      examples('echogate echo pin s3://demo/hot --count 3', 'echogate echo pin s3://demo/hot --count 0'),
    )
    .action(async (url: string, options: Options) => (await import('./echo-commands.ts')).pinEchoes(url, options));

  admin(echo.command('drop').argument('[s3://bucket/key]', 'all echoes of its blocks'))
    .description('take echoes away, pinned ones with their pins; a crowd may make new ones')
    .option('--block <id>', 'of one block: its id, or the last digits as they are listed')
    .option('--all', 'every echo')
    .option('--partition <id>', 'with --all: those on this partition only')
    .addHelpText('after', examples('echogate echo drop s3://demo/hot', 'echogate echo drop --all --partition p3'))
    .action(async (url: string | undefined, options: Options) =>
      (await import('./echo-commands.ts')).dropEchoes(url, options),
    );

  admin(echo.command('explain').argument('<s3://bucket/key>'))
    .description('which copies an object has, how many are wanted and why, and which one a read would try now')
    .addHelpText('after', examples('echogate echo explain s3://demo/hot'))
    .action(async (url: string, options: Options) => (await import('./echo-commands.ts')).explainEchoes(url, options));
}

const admin = (command: Command): Command =>
  command.addOption(dataOption()).addOption(configOption()).addOption(jsonOption());
