// What a crowd of requests leaves behind: anonymous memory of the workers over time, its slope, and whether it still climbs.
import type { FuzzServer } from './served.ts';

const sampleMs = 500;
/** A heap breathes by so much between collections. */
const breathMiB = 48;
const anonMiBMax = 250;

export interface MemoryWatch {
  /** Figures and what is wrong with them. */
  end(): Promise<{ figures: [string, string][]; broken: string[] }>;
}

export function watchMemory(server: FuzzServer): MemoryWatch {
  const samples: number[] = [];
  let ended = false;
  const watching = (async () => {
    while (!ended) {
      const { anonMiB } = await server.held();
      if (anonMiB === undefined) return;
      samples.push(anonMiB);
      await new Promise((done) => setTimeout(done, sampleMs));
    }
  })();
  return {
    async end() {
      ended = true;
      await watching;
      if (samples.length === 0) return { figures: [['memory', 'this system does not tell']], broken: [] };
      const most = Math.max(...samples);
      const quarter = (at: number): number =>
        median(samples.slice(Math.floor((samples.length * at) / 4), Math.ceil((samples.length * (at + 1)) / 4)));
      const climb = quarter(3) - quarter(1);
      const perMinute = (slope(samples) * 60_000) / sampleMs;
      const broken = [];
      if (most > anonMiBMax) broken.push(`a worker held ${most.toFixed(0)} MiB, more than ${anonMiBMax}`);
      if (climb > breathMiB) broken.push(`the workers' memory climbed by ${climb.toFixed(0)} MiB`);
      return {
        figures: [
          ['RssAnon of the largest worker, most', `${most.toFixed(0)} MiB`],
          ['its slope over the second half', `${perMinute.toFixed(1)} MiB a minute`],
          ['last quarter against second', `${climb >= 0 ? '+' : ''}${climb.toFixed(1)} MiB`],
        ],
        broken,
      };
    },
  };
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Least squares over the second half, per sample. */
function slope(samples: readonly number[]): number {
  const ys = samples.slice(Math.floor(samples.length / 2));
  const meanX = (ys.length - 1) / 2;
  const meanY = ys.reduce((sum, y) => sum + y, 0) / ys.length;
  let above = 0;
  let below = 0;
  ys.forEach((y, x) => {
    above += (x - meanX) * (y - meanY);
    below += (x - meanX) ** 2;
  });
  return below === 0 ? 0 : above / below;
}
