// `echogate forecast …` and `echogate map`: what load there is, and what is to come.
import type { Command } from 'commander';
import type { BacktestOptions } from './backtest-command.ts';
import { configOption, dataOption, examples, jsonOption } from './common-options.ts';

type Options = Record<string, string | boolean | undefined>;

export function addForecastCommands(root: Command): void {
  admin(root.command('map').argument('[place]', 'a partition, an area (its id, or bucket/key), or s3://bucket/key'))
    .description('partitions and their areas; an area and its blocks; an object, its blocks and their echoes')
    .addHelpText(
      'after',
      examples(
        'echogate map',
        'echogate map p1',
        'echogate map demo/photos/',
        'echogate map s3://demo/photos/photo.jpg',
      ),
    )
    .action(async (place: string | undefined, options: Options) =>
      (await import('./map-command.ts')).showMap(place, options),
    );

  const forecast = root
    .command('forecast')
    .description('what load is to come')
    .addHelpText('after', examples('echogate forecast backtest requests.csv.gz --horizon 12 --aggregate sum'));

  admin(forecast.command('show').argument('[partition]', 'one of them; all when not told'))
    .description('what the running server expects of its partitions')
    .option('--resource <name>', 'readOps, writeOps, readBytes or writeBytes (default: what drives the pressure)')
    .option('--horizon <time>', 'one of the configured horizons, such as 1h (default: the longest)')
    .addHelpText(
      'after',
      examples('echogate forecast show p1', 'echogate forecast show p1 --resource readBytes --json'),
    )
    .action(async (partition: string | undefined, options: Options) =>
      (await import('./forecast-show-command.ts')).showForecast(partition, options),
    );

  forecast
    .command('backtest')
    .description('forecast files as if they were happening, refitted only on the past, and score the last 30 %')
    .argument('<file...>', 'timestamp,value as CSV (also .gz): ISO 8601 UTC or epoch seconds, gaps allowed')
    .option('--step <seconds>', 'length of a bin; bins start at the first timestamp', '300')
    .option('--horizon <bins>', 'how far ahead: 1 is the next bin', '1')
    .option('--aggregate <how>', 'what a bin is of its samples: sum or mean', 'mean')
    .option('--jobs <file>', 'declared jobs: JSON, a list of {"name", "series"?, "start", "durationSec", "load"}')
    .option('--no-trees', 'without the boosted trees, as series are that are not hot')
    .option(
      '--prophet <which>',
      'who fits "Prophet alone": own, or wasm (@bsull/augurs; slower, the same model)',
      'own',
    )
    .option('--json <file>', 'write the scores')
    .option('--out <csv>', 'write every forecast of the scored part')
    .addHelpText(
      'after',
      `${examples(
        'echogate forecast backtest cpu.csv --step 300 --horizon 1',
        'echogate forecast backtest requests.csv.gz --horizon 12 --aggregate sum --json scores.json --out forecasts.csv',
      )}
A job's "start" is ISO 8601 UTC or epoch seconds, one or a list of them (its runs); "load" is what it adds to each bin while it runs,
in the unit of the bins. "series" is a file's name without .csv or .csv.gz; without it a job belongs to all files.
`,
    )
    .action(async (files: string[], options: BacktestOptions) =>
      (await import('./backtest-command.ts')).backtestFiles(files, options),
    );
}

const admin = (command: Command): Command =>
  command.addOption(dataOption()).addOption(configOption()).addOption(jsonOption());
