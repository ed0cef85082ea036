// Memory of the workers: idle, and at its highest under every bench that ran before this one.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from './bench.ts';
import { rssAnonMiB } from './process-figures.ts';

const idleSeconds = 15;
const idleMiBMax = 120;
const loadedMiBMax = 250;

export const memory: Bench = {
  name: 'memory',
  headline: "RssAnon of echogate's workers (mapped pages of the catalog are page cache)",
  async run({ startEchogate, peaksMiB, say }) {
    const arm = await startEchogate('echogate');
    say(`idle for ${idleSeconds} s`);
    await sleep(idleSeconds * 1000);
    const idle = arm.pids.map(rssAnonMiB).filter((mib) => mib !== undefined);
    await arm.stop();
    const idleMiB = idle.length === 0 ? undefined : Math.max(...idle);
    const rows = [...peaksMiB].map(([name, mib]) => [name, mib.toFixed(0)]);
    const highest = Math.max(...peaksMiB.values());
    return {
      tables: [{ head: ['bench', 'highest of any worker, MiB'], rows }],
      verdicts: [
        {
          what: `idle: ≤ ${idleMiBMax} MiB`,
          measured: idleMiB === undefined ? 'not told by this system' : `${idleMiB.toFixed(0)} MiB`,
          reached: idleMiB === undefined ? undefined : idleMiB <= idleMiBMax,
        },
        {
          what: `under all of the above: ≤ ${loadedMiBMax} MiB`,
          measured: rows.length === 0 ? 'nothing ran before' : `${highest.toFixed(0)} MiB`,
          reached: rows.length === 0 ? undefined : highest <= loadedMiBMax,
        },
      ],
      errors: 0,
      peakMiB: idleMiB,
      notes: [`Sampled five times a second from /proc/<pid>/status; idle: ${idleSeconds} s after the start.`],
      raw: { idle, peaksMiB: Object.fromEntries(peaksMiB) },
    };
  },
};
