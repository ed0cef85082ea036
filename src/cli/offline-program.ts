// The commands that work on a data directory while no server runs on it.
import type { Command } from 'commander';
import { configOption, examples, jsonOption } from './common-options.ts';

type Options = Record<string, string | boolean | undefined>;

export function addOfflineCommands(root: Command): void {
  const offline = (command: Command): Command =>
    command.argument('[dir]', 'data directory (default: ./data)').addOption(configOption()).addOption(jsonOption());

  offline(root.command('fsck'))
    .description('look for broken promises in a catalog that nobody serves; changes nothing unless told to')
    .option('--deep', 'read all bytes too, and compute ETags and checksums anew')
    .option('--repair', 'mend what can be mended without losing anything')
    .addHelpText('after', examples('echogate fsck', 'echogate fsck /srv/echogate --deep', 'echogate fsck --repair'))
    .action(async (dir: string | undefined, options: Options) =>
      (await import('./fsck-command.ts')).fsck(dir, options),
    );

  offline(root.command('rebuild'))
    .description('write a lost catalog anew from what lies on the partitions')
    .option('--replace', 'also where there is one: it is moved aside')
    .option('--without <partitions>', 'go on without these, with commas, though they cannot be read')
    .addHelpText('after', examples('echogate rebuild /srv/echogate', 'echogate rebuild --config echogate.yaml'))
    .action(async (dir: string | undefined, options: Options) =>
      (await import('./rebuild-command.ts')).rebuild(dir, options),
    );

  offline(root.command('scrub'))
    .description('read everything that is stored against its checksums; mends from other copies where there are any')
    .option('--rate <MiB/s>', 'read no faster')
    .option('--anew', 'from the start, also where an earlier round was broken off')
    .addHelpText('after', examples('echogate scrub', 'echogate scrub /srv/echogate --rate 50'))
    .action(async (dir: string | undefined, options: Options) =>
      (await import('./scrub-command.ts')).scrub(dir, options),
    );
}
