// Half an hour of constant overload: echoes are made once and stay. One that went because it had made its partition calm would come back at once.
import { setTimeout as sleep } from 'node:timers/promises';
import { ms } from '../trial-answer.ts';
import { fleetPerSec } from './fleet.ts';
import { percentile, runLoad } from './load.ts';
import { traceName, traceOrder } from './skew.ts';
import { type EchoTrial, loadShare, percent } from './trial.ts';

const crowdShare = 0.3;
const minutes = 30;
const lookMs = 5_000;

export const cycle: EchoTrial = {
  name: 'cycle',
  headline: 'half an hour of the same crowd',
  async run({ fleet, shelf, random, traces, scale, say }) {
    await fleet.serve(['echo: { header: true }']);
    const next = traceOrder(traces, shelf.objects);
    const crowd = new Set<string>();
    for (const { path } of shelf.cold) for (const { id } of await fleet.blocksOf(path)) crowd.add(id);
    let isOver = false;
    /** Of the crowd's blocks: how often an echo came that was not there at the look before. */
    const came = new Map<string, number>();
    const watch = async (): Promise<void> => {
      let there = new Set<string>();
      while (!isOver) {
        const echoes = await fleet.echoes();
        const now = new Set(
          echoes
            .filter(({ block, state }) => state === 'ready' && crowd.has(block))
            .map(({ block, partition }) => `${block} ${partition}`),
        );
        for (const name of now) if (!there.has(name)) came.set(name, (came.get(name) ?? 0) + 1);
        there = now;
        await sleep(lookMs);
      }
    };
    const watching = watch();
    const seconds = 60 * minutes * scale;
    const reads = await runLoad(fleet, {
      ...{ perSec: loadShare * fleetPerSec, random, seconds },
      pick: () => (random() < crowdShare ? shelf.cold[Math.floor(random() * shelf.cold.length)]! : next()),
    });
    isOver = true;
    await watching;
    const again = [...came.values()].filter((times) => times > 1);
    const most = Math.max(0, ...came.values());
    const refused = reads.filter(({ status }) => status !== 200).length / reads.length;
    const wrong = reads.filter(({ isRight }) => !isRight).length;
    say(`${came.size} echoes of the crowd's blocks, ${again.length} of them made again`);
    return {
      setting: [
        `${(loadShare * fleetPerSec).toFixed(0)} reads/s (${traceName}), ${percent(crowdShare, 0)} of them on sixteen objects of one partition for ${(seconds / 60).toFixed(0)} minutes; the echo map is looked at every ${lookMs / 1000} s.`,
      ],
      head: ['reads', 'refused', 'p99', 'echoes of the crowd', 'made again', 'most often made'],
      rows: [
        [
          reads.length.toLocaleString('en'),
          percent(refused),
          ms(percentile(reads, 0.99)),
          String(came.size),
          String(again.length),
          `${most} times`,
        ],
      ],
      verdicts: [
        {
          what: 'no echo is dropped and made again more than once',
          measured: `${most} times made at most`,
          isHeld: came.size > 0 && most <= 2,
        },
        { what: 'wrong bytes: none', measured: String(wrong), isHeld: wrong === 0 },
      ],
    };
  },
};
