// `echogate plan`, `apply`, `pause`, `resume`, `rebalance`, `moves`, `journal` and `replay`: names, options and examples.
import type { Command } from 'commander';
import { configOption, dataOption, examples, jsonOption } from './common-options.ts';

type Options = Record<string, string | boolean | undefined>;

export function addPilotCommands(root: Command): void {
  const commands = () => import('./pilot-commands.ts');
  const journals = () => import('./journal-commands.ts');

  admin(root.command('plan'))
    .description('what the pilot would do now about uneven load, and why; nothing is done')
    .addHelpText('after', examples('echogate plan', 'echogate plan --json'))
    .action(async (options: Options) => (await commands()).plan(options));

  admin(root.command('apply').argument('<plan>', 'its number, as plan and journal show it'))
    .description('carry out a plan; one that is no longer good is refused')
    .addHelpText('after', examples('echogate apply 17'))
    .action(async (id: string, options: Options) => (await commands()).apply(id, options));

  admin(root.command('pause'))
    .description('let the pilot begin nothing, also over restarts; it goes on planning')
    .addHelpText('after', examples('echogate pause'))
    .action(async (options: Options) => (await commands()).pause(true, options));

  admin(root.command('resume'))
    .description('let a paused pilot act again')
    .addHelpText('after', examples('echogate resume'))
    .action(async (options: Options) => (await commands()).pause(false, options));

  admin(root.command('rebalance'))
    .description('level load and stored bytes now, however calm the fleet is; asks before it begins')
    .option('--dry-run', 'show what would be done')
    .option('--yes', 'do not ask')
    .addHelpText('after', examples('echogate rebalance --dry-run', 'echogate rebalance --yes'))
    .action(async (options: Options) => (await commands()).rebalance(options));

  admin(root.command('moves'))
    .description('what is under way')
    .option('--watch', 'until it is over')
    .addHelpText('after', examples('echogate moves', 'echogate moves --watch'))
    .action(async (options: Options) => (await commands()).moves(options));

  const journal = admin(root.command('journal'))
    .description('what the pilot decided, why, and what came of it')
    .option('--limit <n>', 'so many of the last decisions, up to 1000', '20')
    .addHelpText('after', examples('echogate journal --limit 5', 'echogate journal export decisions.jsonl.gz'))
    .action(async (options: Options) => (await journals()).showJournal(options));
  admin(journal.command('export').argument('<file>', 'JSON lines; compressed where it ends with .gz'))
    .description('write the journal into a file, with what the last decisions were made by')
    .addHelpText('after', examples('echogate journal export decisions.jsonl.gz'))
    .action(async (file: string, _: Options, command: Command) =>
      (await journals()).exportJournal(file, command.optsWithGlobals()),
    );

  admin(root.command('replay').argument('[journal]', 'an exported file, or the number of a decision (default: all)'))
    .description('make decisions again from what they were made by, and say whether they are the same')
    .addHelpText('after', examples('echogate replay', 'echogate replay 17', 'echogate replay decisions.jsonl.gz'))
    .action(async (what: string | undefined, options: Options) => (await journals()).replayJournal(what, options));
}

const admin = (command: Command): Command =>
  command.addOption(dataOption()).addOption(configOption()).addOption(jsonOption());
