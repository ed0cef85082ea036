// Trials as tests: each with the volumes that CI can afford.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { seeded, type Trial } from './trial.ts';

const seed = 20_261_127;

export function shortTrials(trials: readonly Trial[]): void {
  const inCi = trials.filter(({ onlyByHand }) => onlyByHand === undefined);
  describe.each(inCi.map((trial) => [trial.name, trial] as const))('%s', (_name, trial) => {
    it(trial.promise, { timeout: 300_000 }, async () => {
      expect(trial.unable?.()).toBeUndefined();
      const dir = await mkdtemp(join(tmpdir(), `echogate-${trial.name}-`));
      try {
        const said: string[] = [];
        const tools = { seed, random: seeded(seed), dir, say: (line: string) => void said.push(line) };
        const { broken } = await trial.run(trial.short, tools);
        expect(broken, said.slice(-40).join('\n')).toEqual([]);
      } finally {
        await rm(dir, { recursive: true, force: true });
      }
    });
  });
}
