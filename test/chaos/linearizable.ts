// Linearizability: many clients on few keys through several processes, while packs are compacted and collected, areas split, checkpoints
// written and workers killed. Whatever the answers were, some order explains them all.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Trial, TrialTools, Verdict, Volumes } from '../support/trial.ts';
import { runRegisters } from './support/register-world.ts';
import type { World } from './support/world.ts';

export const linearizable: Trial = {
  name: 'linearizable',
  promise: 'whatever happens at the same time, every answer is one that a single register per key would give',
  full: { operations: 1_000_000, clients: 16, keys: 64, workers: 2, kills: 20 },
  short: { operations: 8_000, clients: 16, keys: 64, workers: 2, kills: 2 },
  async run(volumes: Volumes, tools: TrialTools): Promise<Verdict> {
    const kills = volumes.kills!;
    let killed = 0;
    return await runRegisters(volumes, tools, {
      mayLose: kills > 0,
      // A killed worker's packs are sealed, so there is something to compact; and what it had not answered stays open for ever.
      async meanwhile({ world, share, isEnough }) {
        while (killed < kills && !isEnough()) {
          if (share() > (killed + 0.5) / kills && (await killOne(world, killed))) killed += 1;
          await sleep(100);
        }
      },
      figures: () => [['workers killed meanwhile', `${killed}`]],
    });
  },
};

async function killOne(world: World, turn: number): Promise<boolean> {
  const { workers } = await world.status();
  const victim = workers.length < 2 ? undefined : workers[turn % workers.length];
  return victim !== undefined && world.kill(victim.pid);
}
