// `echogate simulate`: names, options and examples.
import type { Command } from 'commander';
import { examples } from './common-options.ts';
import type { SimulateOptions } from './simulate-command.ts';

export function addSimulateCommands(root: Command): void {
  const simulate = root
    .command('simulate')
    .description('run policies of placement against a simulated fleet with real loads, and compare them')
    .argument('<scenario>', 'YAML, see docs/SIMULATE.md; docs/simulate.schema.json is its JSON schema')
    .option('--seeds <a..b>', 'one run of each policy per seed', '1..10')
    .option('--check', 'look for mistakes and print what would be run, without running it')
    .option('--policies <list>', 'with commas, in place of those of the scenario')
    .option('--json <file>', 'write all figures')
    .option(
      '--out <dir>',
      'write demand, served load and quantiles of each partition and minute, and every move, as CSV',
    )
    .option('--cache <dir>', 'folder of kept forecasts (default: .cache/simulate)')
    .option('--threads <n>', 'runs at once (default: one per core)')
    .addHelpText(
      'after',
      examples(
        'echogate simulate --check batch.yaml',
        'echogate simulate batch.yaml --seeds 1..10 --json batch.json',
        'echogate simulate batch.yaml --seeds 3..3 --policies reactive,ours --out batch/',
      ),
    )
    .action(async (scenario: string, options: SimulateOptions) =>
      (await import('./simulate-command.ts')).runScenario(scenario, options),
    );

  simulate
    .command('forecasts')
    .description('make the forecasts that runs of a scenario need, and keep them')
    .argument('<scenario>')
    .option('--cache <dir>', 'folder of kept forecasts (default: .cache/simulate)')
    .option('--threads <n>', 'series at once (default: one per core)')
    .addHelpText('after', examples('echogate simulate forecasts batch.yaml --cache .cache/simulate'))
    .action(async (scenario: string, _: SimulateOptions, command: Command) =>
      (await import('./simulate-command.ts')).makeForecasts(scenario, command.optsWithGlobals()),
    );

  simulate
    .command('schema')
    .description('print the JSON schema of scenarios')
    .addHelpText('after', examples('echogate simulate schema > simulate.schema.json'))
    .action(async () => (await import('./simulate-command.ts')).printSchema());
}
