// The section on the traces in docs/FORECAST.md: each one's backtest.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { geometricMean } from '../../src/forecast/forecast.ts';
import { machineLine, writeSection } from '../../test/support/page.ts';
import { aggregateOf, traceFile } from './band-fleet.ts';
import { inThreads } from './in-threads.ts';
import { keptAnswers } from './kept-answers.ts';
import type { BacktestScores, BacktestTask } from './task-thread.ts';

const horizons = [1, 12];

/** `keptIn`: a folder for what is done, so that a run that is stopped can go on. */
export async function writeTraces(
  page: string,
  traces: string,
  say: (line: string) => void,
  keptIn?: string,
): Promise<number> {
  const files = readdirSync(traces).filter((name) => traceFile.test(name));
  const tasks = horizons.flatMap((horizon) =>
    files.map(
      (file): BacktestTask => ({ kind: 'backtest', path: join(traces, file), aggregate: aggregateOf(file), horizon }),
    ),
  );
  let done = 0;
  const answers = await inThreads<BacktestTask, BacktestScores[]>(
    tasks,
    ({ path, horizon }) => say(`${++done} of ${tasks.length}: ${path}, ${horizon * 5} minutes`),
    keptAnswers(keptIn),
  );
  const lines = horizons.flatMap((horizon) =>
    section(horizon, answers.filter((_, at) => tasks[at]!.horizon === horizon).flat()),
  );
  for (const line of lines) say(line);
  await writeSection(page, 'measured', [`Measured on ${await machineLine()}.`, ...lines]);
  say(`written to ${page}`);
  return 0;
}

function section(horizon: number, results: readonly BacktestScores[]): string[] {
  const lines = [
    '',
    `### Next ${horizon * 5} minutes`,
    '',
    '| series | target | n | WQL | last | EWMA | mean of 12 | day ago | week ago | Prophet | × best simple | × Prophet | q05–q95 | ≤ q99 | MASE | s |',
    '|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|',
  ];
  const kinds = horizon === 1 ? (['mean'] as const) : (['mean', 'last'] as const);
  for (const kind of kinds) {
    const some = results.filter((each) => each.kind === kind);
    for (const { series, n, wql, ...each } of some) {
      const losses = [wql.mix, wql.last, wql.ewma, wql.mean12, wql.seasonalDay, wql.seasonalWeek, wql.prophet];
      const ratios = [each.ratioToBestSimple, each.ratioToProphet].map((ratio) => ratio.toFixed(3));
      lines.push(
        `| ${[series, kind, n, ...losses.map((loss) => loss.toFixed(4)), ...ratios, share(each.insideQ05Q95), share(each.belowQ99), each.mase.toFixed(2), each.seconds.toFixed(0)].join(' | ')} |`,
      );
    }
    const simple = some.map((each) => each.ratioToBestSimple);
    const prophet = some.map((each) => each.ratioToProphet);
    const mean = (of: (each: BacktestScores) => number): string =>
      share(some.reduce((sum, each) => sum + of(each), 0) / some.length);
    lines.push(
      `| **all** | ${kind} | | | | | | | | | **${geometricMean(simple).toFixed(3)}** (worst ${Math.max(...simple).toFixed(3)}) | **${geometricMean(prophet).toFixed(3)}** | ${mean((each) => each.insideQ05Q95)} | ${mean((each) => each.belowQ99)} | | |`,
    );
  }
  return lines;
}

const share = (value: number): string => `${(100 * value).toFixed(1)} %`;
