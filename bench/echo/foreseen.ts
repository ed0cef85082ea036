// The same crowd, declared beforehand as a hot spot: its echoes are there before it comes.

import { ms } from '../trial-answer.ts';
import { fleetPerSec } from './fleet.ts';
import { between, percentile, runLoad } from './load.ts';
import { traceName, traceOrder } from './skew.ts';
import { type EchoTrial, loadShare, percent } from './trial.ts';

const crowdShare = 0.3;
const warmSec = 20;
const quietSec = 60;
const crowdSec = 30;
const onsetSec = 10;
/** Between the declaration and the crowd. */
const aheadSec = warmSec + quietSec;

export const foreseen: EchoTrial = {
  name: 'foreseen',
  headline: 'the same crowd, declared as a hot spot before it comes',
  async run({ fleet, shelf, random, traces, scale, say }) {
    await fleet.serve(['echo: { header: true }']);
    const [bucket] = shelf.cold[0]!.path.split('/');
    const prefix = 'crowd/';
    const fromMs = Date.now() + 1000 * (warmSec + quietSec * scale);
    const at = (timeMs: number): string => new Date(timeMs).toISOString();
    const span = { from: at(fromMs), to: at(fromMs + 600_000) };
    await fleet.admin('POST', '/v1/hints', { name: 'crowd', bucket, prefix, ...span, factor: 100 });
    const next = traceOrder(traces, shelf.objects);
    const load = { perSec: loadShare * fleetPerSec, random };
    await runLoad(fleet, { ...load, seconds: warmSec, pick: next });
    const quietMs = 1000 * quietSec * scale;
    const crowdMs = 1000 * crowdSec * scale;
    let madeBefore = 0;
    const counted = new Promise<void>((resolve) => {
      setTimeout(async () => {
        madeBefore = await fleet.metric(/^echogate_echo_fills_total\{result="made"/);
        resolve();
      }, quietMs - 500);
    });
    const reads = await runLoad(fleet, {
      ...load,
      seconds: (quietMs + crowdMs) / 1000,
      pick: (atMs) =>
        atMs >= quietMs && random() < crowdShare ? shelf.cold[Math.floor(random() * shelf.cold.length)]! : next(),
    });
    await counted;
    await fleet.admin('DELETE', '/v1/hints/crowd');
    const quiet = percentile(between(reads, 0, quietMs), 0.99);
    const onset = percentile(between(reads, quietMs, quietMs + 1000 * onsetSec), 0.99);
    const crowd = percentile(between(reads, quietMs, quietMs + crowdMs), 0.99);
    const crowdReads = between(reads, quietMs, quietMs + crowdMs).filter(({ object }) => shelf.cold.includes(object));
    const fromEchoes = crowdReads.filter(({ copy }) => copy?.startsWith('echo:')).length / crowdReads.length;
    const wrong = reads.filter(({ isRight }) => !isRight).length;
    say(`${madeBefore} echoes before it came; p99 ${ms(quiet)} quiet, ${ms(onset)} in its first ${onsetSec} s`);
    return {
      setting: [
        `As above; declared ${aheadSec} s ahead by \`echogate hint add\` for the prefix of its objects (${traceName} elsewhere).`,
      ],
      head: [
        'echoes before',
        'p99 quiet',
        `p99 in the first ${onsetSec} s`,
        'p99 of the crowd',
        'crowd read from echoes',
      ],
      rows: [[String(madeBefore), ms(quiet), ms(onset), ms(crowd), percent(fromEchoes)]],
      verdicts: [
        {
          what: `an echo of each of its ${shelf.cold.length} objects at least is ready before it starts`,
          measured: String(madeBefore),
          isHeld: madeBefore >= shelf.cold.length,
        },
        {
          what: 'p99 in its first ten seconds: ≤ 1.3 × quiet',
          measured: `${(onset / quiet).toFixed(2)} ×`,
          isHeld: onset <= 1.3 * quiet,
        },
        { what: 'wrong bytes: none', measured: String(wrong), isHeld: wrong === 0 },
      ],
    };
  },
};
