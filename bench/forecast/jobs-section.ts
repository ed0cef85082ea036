// The section on declared jobs in docs/FORECAST.md.
import { machineLine, writeSection } from '../../test/support/page.ts';
import { readNamedTraces } from './band-fleet.ts';
import { inThreads } from './in-threads.ts';
import { type JobScore, jobFactor } from './jobs.ts';
import { keptAnswers } from './kept-answers.ts';
import type { JobsTask } from './task-thread.ts';

const seeds = Array.from({ length: 10 }, (_, at) => at + 1);
const horizons = [1, 12];

type Figure = Exclude<keyof JobScore, 'horizon' | 'runs'>;
const figures: readonly (readonly [name: string, figure: Figure])[] = [
  ['right', 'right'],
  ['right, first run', 'rightFirst'],
  ['half', 'half'],
  ['twice, first run', 'twiceFirst'],
  ['twice, from the third', 'twiceFromThird'],
  ['no job at all', 'best'],
];

/** `keptIn`: a folder for what is done, so that a run that is stopped can go on. */
export async function writeJobs(
  page: string,
  traces: string,
  say: (line: string) => void,
  keptIn?: string,
): Promise<number> {
  const tasks = readNamedTraces(traces).flatMap(({ name, values }) =>
    seeds.map((seed): JobsTask => ({ kind: 'jobs', name, trace: values, horizons, seed })),
  );
  let done = 0;
  const answers = await inThreads<JobsTask, JobScore[]>(
    tasks,
    ({ name, seed }) => say(`${++done} of ${tasks.length}: ${name}, seed ${seed}`),
    keptAnswers(keptIn),
  );
  const names = [...new Set(tasks.map(({ name }) => name))];
  const rows = horizons.flatMap((horizon, place) => [
    '',
    `### Jobs, next ${horizon * 5} minutes`,
    '',
    `| series | ${figures.map(([name]) => name).join(' | ')} |`,
    `|---|${figures.map(() => '---|').join('')}`,
    ...names.map((name) => {
      const scores = answers.filter((_, at) => tasks[at]!.name === name).map((each) => each[place]!);
      return `| ${name} | ${figures.map(([, figure]) => ratioOf(scores, figure)).join(' | ')} |`;
    }),
  ]);
  for (const line of rows) say(line);
  await writeSection(page, 'jobs', [
    `Measured on ${await machineLine()}.`,
    '',
    `Bursts of 30 minutes and ${jobFactor} × the trace's mean are added to each trace, from 40 % of it on one each 8 to 25 hours; seeds 1–10.`,
    'Figures are WQL over the origins whose target lies within an hour of a run, as a part of the same without a declaration: the median of the ten seeds,',
    `and the greatest. Refits come hourly from an hour before such origins on, and each ten hours where nothing is scored. "No job at all" is the loss on the trace without any bursts: nothing that is declared can do better than know them exactly. Without trees.`,
    ...rows,
  ]);
  say(`written to ${page}`);
  return 0;
}

function ratioOf(scores: readonly JobScore[], figure: Figure): string {
  const sorted = scores.map((score) => score[figure]).sort((a, b) => a - b);
  return `${sorted[Math.floor(sorted.length / 2)]!.toFixed(2)} (${sorted.at(-1)!.toFixed(2)})`;
}
