// A partition is killed under load: what has an echo is read on, what has none is refused at once.
import { setTimeout as sleep } from 'node:timers/promises';
import { ms } from '../trial-answer.ts';
import { fleetPerSec, partitionName } from './fleet.ts';
import { percentile, type Read, runLoad } from './load.ts';
import type { Shelved } from './shelf.ts';
import { traceName, traceOrder } from './skew.ts';
import { type EchoTrial, loadShare, percent } from './trial.ts';

const killed = 2;
/** Echoes of what is hot are there by then. */
const beforeSec = 150;
const downSec = 60;
const refusedMsMax = 2_000;
const budgetShare = 0.02;
const echoCount = 2;

export const down: EchoTrial = {
  name: 'down',
  headline: 'a partition killed under load',
  async run({ fleet, shelf, random, traces, scale, say }) {
    await fleet.serve([`echo: { header: true, count: ${echoCount}, budgetShare: ${budgetShare} }`]);
    const next = traceOrder(traces, shelf.objects);
    const load = { perSec: loadShare * fleetPerSec, random, pick: next };
    await runLoad(fleet, { ...load, seconds: beforeSec * scale });
    const name = partitionName(killed);
    const echoed = await echoedPaths(fleet, shelf.objects);
    say(`${echoed.size} objects have echoes; ${name} is killed`);
    await fleet.order({ partition: killed, factor: 1, isDown: true });
    const [reads, heads] = await Promise.all([
      runLoad(fleet, { ...load, seconds: downSec * scale }),
      askHeads(fleet, shelf.objects, name, downSec * scale),
    ]);
    await fleet.order({ partition: killed, factor: 1, isDown: false });
    await sleep(3_000);

    const onKilled = reads.filter(({ object }) => object.home === name);
    const ofEchoed = onKilled.filter(({ object }) => echoed.has(object.path));
    const others = onKilled.filter(({ object }) => !echoed.has(object.path));
    const good = ofEchoed.filter(({ status, isRight }) => status === 200 && isRight).length / ofEchoed.length;
    const isQuickRefusal = ({ status, retryAfter, tookMs }: Read): boolean =>
      status === 200 || (status === 503 && retryAfter !== undefined && tookMs < refusedMsMax);
    const quickly = others.filter(isQuickRefusal).length / others.length;
    const share = reads.filter(({ object }) => echoed.has(object.path)).length / reads.length;
    const best = hindsight(reads, Math.floor((budgetShare * shelf.objects.length) / echoCount));
    const wrong = reads.filter(({ isRight }) => !isRight).length;
    return {
      setting: [
        `${beforeSec * scale} s of load as above (${traceName}), then one of twelve partitions refuses every connection for ${downSec * scale} s. Budget ${percent(budgetShare, 0)} of what is stored, ${echoCount} echoes of a block.`,
      ],
      head: [
        'reads of its echoed blocks',
        'succeeded',
        'p99',
        'its other reads',
        'refused or read within 2 s',
        'HEADs good',
      ],
      rows: [
        [
          String(ofEchoed.length),
          percent(good),
          ms(percentile(ofEchoed, 0.99)),
          String(others.length),
          percent(quickly),
          `${heads.good} of ${heads.asked}`,
        ],
      ],
      verdicts: [
        {
          what: 'reads of echoed blocks that succeed from the first second on: ≥ 99.9 %',
          measured: `${percent(good)} of ${ofEchoed.length}`,
          isHeld: ofEchoed.length > 0 && good >= 0.999,
        },
        {
          what: 'share of all reads that falls on echoed blocks: ≥ 0.9 × that of the best choice in hindsight',
          measured: `${percent(share)} of ${percent(best)}`,
          isHeld: share >= 0.9 * best,
        },
        {
          what: 'other reads of the partition: 503 with Retry-After within 2 s',
          measured: percent(quickly),
          isHeld: quickly === 1,
        },
        { what: 'HEAD keeps working', measured: `${heads.good} of ${heads.asked}`, isHeld: heads.good === heads.asked },
        { what: 'wrong bytes: none', measured: String(wrong), isHeld: wrong === 0 },
      ],
    };
  },
};

type Fleet = Parameters<EchoTrial['run']>[0]['fleet'];

/** Paths of the objects whose block has an echo that is ready. */
export async function echoedPaths(fleet: Fleet, objects: readonly Shelved[]): Promise<Set<string>> {
  const ready = (await fleet.echoes()).filter(({ state }) => state === 'ready');
  const blocks = new Set(ready.map(({ block }) => block));
  const found = new Set<string>();
  for (const { path } of objects) {
    if ((await fleet.blocksOf(path)).some(({ id }) => blocks.has(id))) found.add(path);
  }
  return found;
}

/** Share of the reads that the `count` objects get that were read most. */
export function hindsight(reads: readonly Read[], count: number): number {
  const counts = new Map<string, number>();
  for (const { object } of reads) counts.set(object.path, (counts.get(object.path) ?? 0) + 1);
  const most = [...counts.values()].sort((a, b) => b - a).slice(0, count);
  return most.reduce((sum, each) => sum + each, 0) / reads.length;
}

async function askHeads(fleet: Fleet, objects: readonly Shelved[], home: string, seconds: number) {
  const own = objects.filter((object) => object.home === home);
  const untilMs = performance.now() + 1000 * seconds;
  let asked = 0;
  let good = 0;
  while (performance.now() < untilMs) {
    const { path } = own[asked % own.length]!;
    const { status } = await fleet.ask('HEAD', fleet.target('HEAD', `/${path}`));
    asked += 1;
    if (status === 200) good += 1;
    await sleep(100);
  }
  return { asked, good };
}
