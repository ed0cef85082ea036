// The section on partition bands in docs/FORECAST.md.
import { machineLine, writeSection } from '../../test/support/page.ts';
import { areaCount, partitionCount, readTraces } from './band-fleet.ts';
import { type BandScore, bandDays, measureBands, type Way } from './bands.ts';

const seed = 1;

export async function writeBands(page: string, traces: string, say: (line: string) => void): Promise<number> {
  const series = readTraces(traces);
  const startedMs = process.cpuUsage().user / 1000;
  const tell = (line: string): void =>
    say(`${line} (${((process.cpuUsage().user / 1000 - startedMs) / 1000).toFixed(0)} s of CPU)`);
  const measured = [true, false].map((withShock) => {
    const scores = measureBands(series, withShock, seed, tell);
    const lines = table(scores);
    for (const line of lines) say(line);
    return { name: withShock ? 'With a common shock' : 'Decorrelated', lines };
  });
  const seconds = (process.cpuUsage().user / 1000 - startedMs) / 1000;
  const { past, warm, scored } = bandDays;
  await writeSection(page, 'bands', [
    `Measured on ${await machineLine()}; ${seconds.toFixed(0)} s of CPU.`,
    '',
    `${partitionCount} partitions, ${areaCount} areas: each one of the ${series.length} traces by a random phase, of a log-normal size. The shock multiplies all areas by`,
    'the same log-normal factor (deviation 0.3, half-life 1 h). Once an hour, on the average, an area moves. To stay within minutes on one core the areas',
    `begin with ${past} days, run for ${warm} day, and are scored for ${scored}; they have no trees and are refitted every ten hours instead of hourly; seed ${seed}. "Gaussian": the areas' bands as`,
    `independent normal errors. "Direct": the same experts and width control on the re-aggregated history alone. "Sum": the areas' quantiles added up. All`,
    'ways have the same forecasts of areas. Actual load is that of the areas that lay on the partition when the forecast was made.',
    ...measured.flatMap(({ name, lines }) => ['', `### ${name}`, '', ...lines]),
  ]);
  say(`written to ${page}`);
  return 0;
}

function table(scores: readonly BandScore[]): string[] {
  const lines = [
    '| target | n | WQL | Gaussian | direct | sum | × best of Gaussian and direct | q05–q95 | ≤ q99 | Gaussian q05–q95 | direct | sum |',
    '|---|---|---|---|---|---|---|---|---|---|---|---|',
  ];
  for (const target of new Set(scores.map((each) => each.target))) {
    const of = (way: Way): BandScore | undefined => scores.find((each) => each.target === target && each.way === way);
    const ours = of('ours')!;
    const others = (['Gaussian', 'direct', 'sum of quantiles'] as const).map(of);
    const best = Math.min(...others.slice(0, 2).map((each) => each?.wql ?? Number.NaN));
    lines.push(
      `| ${[
        target,
        ours.n,
        ours.wql.toFixed(4),
        ...others.map((each) => each?.wql.toFixed(4) ?? ''),
        Number.isNaN(best) ? '' : `**${(ours.wql / best).toFixed(3)}**`,
        `**${percent(ours.inside)}**`,
        percent(ours.belowQ99),
        ...others.map((each) => (each === undefined ? '' : percent(each.inside))),
      ].join(' | ')} |`,
    );
  }
  return lines;
}

const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;
