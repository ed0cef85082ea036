// `echogate partition …`: names, arguments and examples.
import type { Command } from 'commander';
import { configOption, dataOption, examples, jsonOption } from './common-options.ts';

type Options = Record<string, string | boolean | undefined>;

export function addPartitionCommands(root: Command): void {
  const partition = root
    .command('partition')
    .description('partitions that come and go while the server runs')
    .addHelpText('after', examples('echogate partition list', 'echogate partition add spare'));

  admin(partition.command('list'))
    .description('all partitions, those of pools included, and what they may and hold')
    .addHelpText('after', examples('echogate partition list --json'))
    .action(async (options: Options) => (await import('./partition-commands.ts')).listPartitions(options));

  admin(partition.command('add').argument('<pool>', 'a pool, or a partition that drains or is retired'))
    .description('make a partition from a pool of the configuration, or bring one back online')
    .addHelpText('after', examples('echogate partition add spare', 'echogate partition add spare-1'))
    .action(async (name: string, options: Options) =>
      (await import('./partition-commands.ts')).changePartition('add', name, options),
    );

  admin(partition.command('drain').argument('<id>'))
    .description('let a partition take nothing new, so that it can be emptied')
    .addHelpText('after', examples('echogate partition drain spare-1'))
    .action(async (id: string, options: Options) =>
      (await import('./partition-commands.ts')).changePartition('drain', id, options),
    );

  admin(partition.command('retire').argument('<id>'))
    .description('take a drained partition out of use; refused while it holds anything')
    .addHelpText('after', examples('echogate partition retire spare-1'))
    .action(async (id: string, options: Options) =>
      (await import('./partition-commands.ts')).changePartition('retire', id, options),
    );
}

const admin = (command: Command): Command =>
  command.addOption(dataOption()).addOption(configOption()).addOption(jsonOption());
