// Samples the anonymous memory of processes while something else goes on.
import { rssAnonMiB } from './process-figures.ts';

export interface MemoryWatch {
  /** The highest seen of any one of them; undefined where the kernel does not tell. */
  peakMiB(): number | undefined;
  stop(): void;
}

const everyMs = 200;

export function watchMemory(pids: readonly number[]): MemoryWatch {
  let peak: number | undefined;
  const look = (): void => {
    for (const pid of pids) {
      const mib = rssAnonMiB(pid);
      if (mib !== undefined && mib > (peak ?? 0)) peak = mib;
    }
  };
  look();
  const timer = setInterval(look, everyMs);
  return {
    peakMiB: () => peak,
    stop: () => {
      look();
      clearInterval(timer);
    },
  };
}
