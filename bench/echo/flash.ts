// A crowd that nobody foresaw: almost a third of all reads falls on sixteen cold objects of one partition, for a minute.

import { ms } from '../trial-answer.ts';
import { fleetPerSec } from './fleet.ts';
import { between, percentile, type Read, runLoad } from './load.ts';
import { objectBytes } from './shelf.ts';
import { traceName, traceOrder } from './skew.ts';
import { type EchoTrial, loadShare, percent, type TrialFrame } from './trial.ts';

const crowdShare = 0.3;
const warmSec = 20;
const quietSec = 60;
const crowdSec = 60;
const onsetSec = 10;

interface Arm {
  readonly name: string;
  readonly settings: readonly string[];
}

const arms: readonly Arm[] = [
  { name: 'with echoes', settings: ['echo: { header: true }'] },
  { name: 'without', settings: ['echo: { header: true, count: 0 }'] },
];

interface Measured {
  readonly quietP99: number;
  readonly crowdP99: number;
  readonly onsetP99: number;
  readonly crowd: readonly Read[];
  readonly echoBytes: number;
}

export const flash: EchoTrial = {
  name: 'flash',
  headline: 'a crowd on sixteen cold objects of one partition',
  async run(frame) {
    const measured: Measured[] = [];
    for (const arm of arms) measured.push(await measure(frame, arm));
    const [on, off] = measured as [Measured, Measured];
    const hedges = shareOf(on.crowd, ({ copy }) => copy === 'hedge');
    return {
      setting: [
        `Offered: ${(loadShare * fleetPerSec).toFixed(0)} reads/s of ${objectBytes / 1024} KiB (${percent(loadShare, 0)} of all quotas), Poisson arrivals, objects in the order of ${traceName}; ${percent(crowdShare, 0)} of them go to the crowd's objects for ${crowdSec * frame.scale} s. Identical reads at once are one in both arms.`,
      ],
      head: [
        'arm',
        'p99 quiet',
        `p99 in the first ${onsetSec} s`,
        'p99 after that',
        'refused',
        'from echoes',
        'hedged',
      ],
      rows: measured.map((arm, at) => [
        arms[at]!.name,
        ms(arm.quietP99),
        ms(arm.onsetP99),
        ms(arm.crowdP99),
        percent(shareOf(arm.crowd, ({ status }) => status !== 200)),
        percent(shareOf(arm.crowd, ({ copy }) => copy?.startsWith('echo:') ?? false)),
        percent(shareOf(arm.crowd, ({ copy }) => copy === 'hedge')),
      ]),
      verdicts: [
        {
          what: 'p99 from ten seconds after its onset on: ≤ 1.3 × quiet',
          measured: `${(on.crowdP99 / on.quietP99).toFixed(2)} ×`,
          isHeld: on.crowdP99 <= 1.3 * on.quietP99,
        },
        {
          what: 'the same without echoes: ≥ 5 × as long',
          measured: `${(off.crowdP99 / on.crowdP99).toFixed(1)} ×`,
          isHeld: off.crowdP99 >= 5 * on.crowdP99,
        },
        {
          what: 'bytes of echoes: ≤ 2 % of what is stored',
          measured: percent(on.echoBytes / frame.shelf.bytes),
          isHeld: on.echoBytes <= 0.02 * frame.shelf.bytes,
        },
        { what: 'hedged: ≤ 2 % of reads', measured: percent(hedges), isHeld: hedges <= 0.02 },
        {
          what: 'wrong bytes: none',
          measured: String(measured.flatMap(({ crowd }) => crowd).filter(({ isRight }) => !isRight).length),
          isHeld: measured.every(({ crowd }) => crowd.every(({ isRight }) => isRight)),
        },
      ],
    };
  },
};

const timeline = (reads: readonly Read[], untilMs: number): string[] =>
  Array.from({ length: Math.ceil(untilMs / 10_000) }, (_, at) =>
    percentile(between(reads, at * 10_000, (at + 1) * 10_000), 0.99).toFixed(0),
  );

const shareOf = (reads: readonly Read[], is: (read: Read) => boolean): number => reads.filter(is).length / reads.length;

async function measure({ fleet, shelf, random, traces, scale, say }: TrialFrame, arm: Arm): Promise<Measured> {
  await fleet.serve(arm.settings);
  const next = traceOrder(traces, shelf.objects);
  const quietMs = 1000 * quietSec * scale;
  const crowdMs = 1000 * crowdSec * scale;
  const load = { perSec: loadShare * fleetPerSec, random };
  await runLoad(fleet, { ...load, seconds: warmSec, pick: next });
  const reads = await runLoad(fleet, {
    ...load,
    seconds: (quietMs + crowdMs) / 1000,
    pick: (atMs) =>
      atMs >= quietMs && random() < crowdShare ? shelf.cold[Math.floor(random() * shelf.cold.length)]! : next(),
  });
  const onsetMs = quietMs + 1000 * onsetSec;
  const measured = {
    quietP99: percentile(between(reads, 0, quietMs), 0.99),
    onsetP99: percentile(between(reads, quietMs, onsetMs), 0.99),
    crowdP99: percentile(between(reads, onsetMs, quietMs + crowdMs), 0.99),
    crowd: between(reads, quietMs, quietMs + crowdMs),
    echoBytes: ((await fleet.admin('GET', '/v1/echoes?limit=1')) as { readonly bytes: number }).bytes,
  };
  say(`p99 of each ten seconds: ${timeline(reads, quietMs + crowdMs).join(' ')} ms`);
  say(
    `${arm.name}: p99 ${ms(measured.quietP99)} quiet, ${ms(measured.onsetP99)} at its onset, ${ms(measured.crowdP99)} after`,
  );
  const later = between(reads, onsetMs, quietMs + crowdMs);
  const cold = new Set(shelf.cold);
  const home = shelf.cold[0]!.home;
  const kinds: Readonly<Record<string, readonly Read[]>> = {
    'of the crowd from echoes': later.filter(({ object, copy }) => cold.has(object) && copy?.startsWith('echo:')),
    'of the crowd from home': later.filter(({ object, copy }) => cold.has(object) && !copy?.startsWith('echo:')),
    'others of that partition': later.filter(({ object }) => !cold.has(object) && object.home === home),
    'of the rest': later.filter(({ object }) => object.home !== home),
  };
  for (const [kind, some] of Object.entries(kinds)) {
    const [middle, high] = [percentile(some, 0.5), percentile(some, 0.99)];
    say(`  after the onset, ${some.length} reads ${kind}: median ${ms(middle)}, p99 ${ms(high)}`);
  }
  return measured;
}
