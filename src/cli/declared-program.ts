// `echogate job`, `echogate hint` and `echogate calendar`: names, options and examples.
import type { Command } from 'commander';
import { configOption, dataOption, examples, jsonOption } from './common-options.ts';

type Options = Record<string, string | boolean | undefined>;
type Kind = 'jobs' | 'hints' | 'calendars';

interface Group {
  readonly kind: Kind;
  readonly word: string;
  readonly about: string;
  readonly added: string;
  readonly options: readonly (readonly [flags: string, what: string])[];
  readonly examples: readonly string[];
}

const groups: readonly Group[] = [
  {
    kind: 'jobs',
    word: 'job',
    about: 'load that comes by the clock, so that the forecast knows it before it was ever seen',
    added: 'declare a job; what its runs show corrects it',
    options: [
      ['--cron <fields>', 'when it runs: minute hour day month weekday'],
      ['--time-zone <zone>', 'whose clock, such as Europe/Berlin (default: UTC)'],
      ['--bucket <name>', 'where it reads and writes (default: all buckets)'],
      ['--prefix <text>', 'how its keys begin'],
      ['--requests <n>', 'requests of one run'],
      ['--read-bytes <size>', 'bytes that one run reads, such as 40GiB'],
      ['--write-bytes <size>', 'bytes that one run writes'],
      ['--reads <part>', 'part of the requests that read, 0 to 1 (default: by the bytes)'],
      ['--duration <time>', 'how long a run takes, such as 30m or 6h; 7 days at most'],
    ],
    examples: [
      'echogate job add nightly --cron "30 2 * * *" --time-zone Europe/Berlin --bucket backups --requests 20000 --write-bytes 400GiB --duration 1h',
      'echogate job list',
      'echogate job rm nightly',
    ],
  },
  {
    kind: 'hints',
    word: 'hint',
    about: 'keys that will be hot for a while',
    added: 'declare a hot spot; of two for the same keys at the same time the larger factor counts',
    options: [
      ['--bucket <name>', 'its bucket'],
      ['--prefix <text>', 'how its keys begin (default: the whole bucket)'],
      ['--from <time>', 'begins, such as 2026-11-27T06:00:00Z'],
      ['--to <time>', 'ends'],
      ['--factor <n>', 'how many times the usual demand, above 0 and at most 1000'],
    ],
    examples: [
      'echogate hint add launch --bucket shop --prefix images/ --from 2026-11-27T06:00:00Z --to 2026-11-28T06:00:00Z --factor 5',
      'echogate hint list',
      'echogate hint rm launch',
    ],
  },
  {
    kind: 'calendars',
    word: 'calendar',
    about: 'days that are unlike others of their weekday',
    added: 'declare days that are like another weekday, or busier or calmer, or both',
    options: [
      ['--days <list>', 'dates and ranges, with commas: 2026-12-25,2026-12-28..2026-12-31'],
      ['--time-zone <zone>', 'whose days, such as Europe/Berlin (default: UTC)'],
      ['--bucket <name>', 'whose load (default: that of all buckets)'],
      ['--like <weekday>', 'sunday, monday …: which weekday they are like'],
      ['--factor <n>', 'how many times the load of that weekday'],
    ],
    examples: [
      'echogate calendar add holidays --days 2026-12-25,2026-12-28..2026-12-31 --time-zone Europe/Berlin --like sunday',
      'echogate calendar add sale --days 2026-11-27 --factor 3 --bucket shop',
      'echogate calendar list',
    ],
  },
];

export function addDeclaredCommands(root: Command): void {
  for (const { kind, word, about, added, options, ...group } of groups) {
    const parent = root
      .command(word)
      .description(about)
      .addHelpText('after', examples(...group.examples));
    const add = parent.command('add').argument('<name>').description(added);
    for (const [flags, what] of options) add.option(flags, what);
    const keys = options.map(([flags]) => camel(/^--([a-z-]+)/.exec(flags)![1]!));
    admin(add)
      .addHelpText('after', examples(...group.examples.filter((line) => line.includes(' add '))))
      .action(async (name: string, given: Options) =>
        (await import('./declared-commands.ts')).addDeclared(kind, name, given as never, keys),
      );
    admin(parent.command('list'))
      .description(`all ${kind}, those of the configuration file included`)
      .addHelpText('after', examples(`echogate ${word} list --json`))
      .action(async (given: Options) => (await import('./declared-commands.ts')).listDeclared(kind, given as never));
    admin(parent.command('rm').argument('<name>'))
      .description(`take back a ${word} that was declared at run time`)
      .addHelpText('after', examples(`echogate ${word} rm some-name`))
      .action(async (name: string, given: Options) =>
        (await import('./declared-commands.ts')).removeDeclared(kind, name, given as never),
      );
  }
}

const camel = (flag: string): string => flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

const admin = (command: Command): Command =>
  command.addOption(dataOption()).addOption(configOption()).addOption(jsonOption());
