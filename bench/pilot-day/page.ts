// The day as one HTML page that needs nothing else: no script, no font, no picture from outside. A pure function of the record.
import type { PartitionDay, StepEffect } from './effect.ts';
import { coverageOf, effectsOf, isActed, overOf, partitionDays, partText, sumDay, timeText } from './effect.ts';
import { drawPlot, escaped, type Mark } from './plot.ts';
import type { DayRecord } from './record.ts';
import { style } from './style.ts';

export function dayPage(record: DayRecord): string {
  const days = partitionDays(record);
  const effects = effectsOf(record, days);
  const acted = effects.filter(({ step }) => isActed(step));
  const idle = effects.filter(({ step }) => !isActed(step));
  const untilSec = record.fromSec + record.bins.length * record.stepSec;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>echogate: a day with the pilot</title>
<style>${style}</style>
</head>
<body><main>
<h1>A day with the pilot</h1>
<p>Real traces, ${timeText(record.fromSec)} to ${timeText(untilSec)}, replayed ${record.factor} times as fast as real S3 requests at a running gateway, its pilot in mode <b>auto</b>. ${record.partitions.filter(({ isMade }) => !isMade).length} partitions in as many capacity domains are granted so little that the first would pass it in its busy hours.</p>
<p class="soft">Measured on ${escaped(record.measuredOn)}; ${record.trees} series with boosted trees.</p>
${tiles(record, days)}
<h2>Partitions</h2>
<p class="soft">Reads a second, as they were sent, over bins of ${record.stepSec / 60} minutes. Point at a mark to read why.</p>
${key}
${days.map((day) => partitionCard(record, day, effects, topOf(days))).join('\n')}
<h2>Requests</h2>
${requestsCard(record, acted)}
<h2>Decisions that did something</h2>
<p class="soft">Pressure is demand over capacity of the partition that is relieved: over the quarter of an hour before, half an hour later, and as it would have been then had nothing been moved all day.</p>
${stepsTable(acted, 'Nothing had to be done.')}
${idle.length === 0 ? '' : `<h2>Steps that waited, were only shown or were refused</h2>${stepsTable(idle.slice(0, idleMax), '')}${idle.length > idleMax ? `<p class="soft">and ${idle.length - idleMax} more</p>` : ''}`}
${refusalsTable(record)}
<h2>Whose load is where</h2>
${areasTable(record)}
</main></body>
</html>
`;
}

const idleMax = 40;

const key = `<ul class="key"><li><i class="k-demand"></i>demand</li><li><i class="k-median"></i>forecast of five minutes ahead, median</li><li><i class="k-band"></i>its 5 % to 90 %</li><li><i class="k-stayed"></i>demand had nothing been moved</li><li><i class="k-bound"></i>capacity</li><li><i class="k-acted"></i>done</li><li><i class="k-idle"></i>waited or refused</li></ul>`;

function tiles(record: DayRecord, days: readonly PartitionDay[]): string {
  const sums = sumDay(record, days);
  const { inside, count } = sums.coverage;
  const steps = Object.entries(sums.steps)
    .map(([name, times]) => `${times} ${name}`)
    .join(', ');
  const acted = record.decisions.flatMap((each) => each.steps).filter(isActed).length;
  const tile = (figure: string, what: string) =>
    `<div class="tile"><b>${escaped(figure)}</b><span>${escaped(what)}</span></div>`;
  return `<div class="tiles">${[
    tile(
      `${sums.overMinutes} min`,
      `of partitions asked for more than they can; ${sums.overMinutesOtherwise} min had nothing been moved`,
    ),
    tile(String(acted), `steps done, in ${record.ticks} ticks (${steps || 'none planned'})`),
    tile(sums.requests.toLocaleString('en'), `requests: ${sums.failed} failed, ${sums.slow} took more than a second`),
    tile(partText(inside / count), `of ${count} bins inside the published 90 % band of the next five minutes`),
  ].join('')}</div>`;
}

/** One scale for all partitions, so that they can be compared. */
const topOf = (days: readonly PartitionDay[]): number =>
  Math.max(
    ...days.flatMap(({ demand, stayed, foreseen }) => [
      ...[...demand, ...stayed].filter((each) => each !== undefined),
      ...foreseen.flatMap((each) => each?.q90 ?? []),
    ]),
  );

function partitionCard(record: DayRecord, day: PartitionDay, effects: readonly StepEffect[], top: number): string {
  const { id, domain, capacity, isMade, demand, stayed, foreseen } = day;
  const { inside, count } = coverageOf(day);
  const whose = record.areas.filter(({ home }) => home === id).map(({ trace }) => trace);
  const ours = effects.filter(({ step }) => step.from === id || step.to === id);
  const plot = drawPlot({
    label: `Demand, forecast and capacity of ${id}`,
    ...{ fromSec: record.fromSec, stepSec: record.stepSec, bound: capacity, top },
    band: foreseen.map((each) => each && ([each.q05, each.q90] as const)),
    lines: [
      { name: 'median', values: foreseen.map((each) => each?.median) },
      { name: 'stayed', values: stayed },
      { name: 'demand', values: demand },
    ],
    marks: ours.map(markOf),
  });
  const story = isMade ? 'made from the pool during the day' : whose.join(' and ');
  const minutes = (rows: PartitionDay['demand']): number => (overOf(rows, capacity) * record.stepSec) / 60;
  const facts = [
    `above capacity <b>${minutes(demand)} min</b> (unmoved ${minutes(stayed)} min)`,
    `<b>${inside} of ${count}</b> bins inside the 90 % band`,
  ];
  return `<section class="card"><h3>${escaped(id)} <span class="soft">${escaped(domain)}, ${capacity.toFixed(0)} reads a second: ${escaped(story)}</span></h3><p class="soft">${facts.join(' · ')}</p>${plot}</section>`;
}

const markOf = ({ atSec, step }: StepEffect): Mark => ({
  sec: atSec,
  kind: isActed(step) ? 'acted' : 'idle',
  text: `${timeText(atSec)} ${step.what}\nbecause ${step.because}\n${step.outcome}: ${step.outcomeBecause}`,
});

function requestsCard(record: DayRecord, acted: readonly StepEffect[]): string {
  const of = (name: 'failed' | 'slow') => record.bins.map(({ requests }) => requests[name]);
  const plot = drawPlot({
    label: 'Requests that failed or were slow',
    ...{ fromSec: record.fromSec, stepSec: record.stepSec },
    lines: [
      { name: 'slow', values: of('slow') },
      { name: 'failed', values: of('failed') },
    ],
    marks: acted.map(markOf),
  });
  return `<section class="card"><p class="soft">In each bin: requests that took more than a second (dashed), and that failed (red). While the forecaster learned, before the day: ${record.warmUp.ended} requests, ${record.warmUp.failed} failed, ${record.warmUp.slow} slow; they are in no sum.</p>${plot}</section>`;
}

function stepsTable(effects: readonly StepEffect[], none: string): string {
  if (effects.length === 0) return `<p>${none}</p>`;
  const rows = effects.map(
    ({ decision, atSec, step, source }) =>
      `<tr${isActed(step) ? '' : ' class="idle"'}><td>${timeText(atSec)}<small>plan ${decision}</small></td><td>${escaped(step.what)}<small>${escaped(step.because)}</small></td><td>${escaped(step.outcome)}<small>${escaped(step.outcomeBecause)}</small></td><td class="n" data-h="before">${partText(source?.before)}</td><td class="n" data-h="after">${partText(source?.after)}</td><td class="n" data-h="unmoved">${partText(source?.otherwise)}</td></tr>`,
  );
  return `<div class="wide"><table class="steps"><thead><tr><th>When</th><th>What, and why</th><th>Outcome</th><th class="n">Before</th><th class="n">After</th><th class="n">Unmoved</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function refusalsTable({ refusals }: DayRecord): string {
  if (refusals.length === 0) return '';
  const rows = refusals.map(({ why, times }) => `<tr><td class="n">${times}</td><td>${escaped(why)}</td></tr>`);
  return `<h2>What it left alone, and why</h2><div class="wide"><table><thead><tr><th class="n">Ticks</th><th>Why (figures as #)</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function areasTable({ areas, bins }: DayRecord): string {
  const last = bins.findLast(({ isWatched }) => isWatched);
  const rows = areas.map(({ id, name, trace, home }) => {
    const now = last?.demand.filter(({ area }) => area === id).map(({ partition }) => partition) ?? [];
    return `<tr><td>${escaped(name)}</td><td>${escaped(trace)}</td><td>${escaped(home)}</td><td>${escaped([...new Set(now)].sort().join(', '))}</td></tr>`;
  });
  return `<div class="wide"><table><thead><tr><th>Area</th><th>Trace</th><th>At first</th><th>In the last bin</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}
