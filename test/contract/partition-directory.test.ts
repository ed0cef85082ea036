import { mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { seededRandom, systemRandom } from '../../src/base/random.ts';
import { DirectoryPartition } from '../../src/partition/adapters/directory-partition.ts';
import { PartitionHealth } from '../../src/partition/health.ts';
import type { Partition } from '../../src/partition/partition.ts';
import { Ration } from '../../src/partition/ration.ts';
import { type FaultRule, FaultyPartition } from '../../src/partition/wrappers/faulty-partition.ts';
import { LimitedPartition } from '../../src/partition/wrappers/limited-partition.ts';
import { MeasuredPartition } from '../../src/partition/wrappers/measured-partition.ts';
import { RetriedPartition } from '../../src/partition/wrappers/retried-partition.ts';
import { WatchedPartition } from '../../src/partition/wrappers/watched-partition.ts';
import { type PartitionBench, partitionContract } from './partition.contract.ts';

const eager = { policy: { retriesMax: 20, delayMs: 0, delayMsMax: 1 }, clock: systemClock, random: systemRandom };

async function directoryBench(wrap: (partition: Partition) => Partition = (bare) => bare): Promise<PartitionBench> {
  const directory = await mkdtemp(join(tmpdir(), 'echogate-partition-'));
  const mount = () => DirectoryPartition.mount({ id: 'p1', directory, clock: systemClock, random: systemRandom });
  const partition = wrap(await mount());
  const other = await mount();
  return {
    partition,
    other,
    cut: (pack, bytes) => truncate(join(directory, 'packs', pack.slice(0, 2), `${pack}.pack`), bytes),
    dispose: async () => {
      await partition.close();
      await other.close();
      await rm(directory, { recursive: true });
    },
  };
}

partitionContract('directory', () => directoryBench());

partitionContract('directory, measured', () =>
  directoryBench((bare) => new MeasuredPartition(bare, { note: () => undefined }, systemClock)),
);

partitionContract('directory, limited', () =>
  directoryBench(
    (bare) =>
      new LimitedPartition(bare, {
        rations: [new Ration({ readOps: 1e6, writeBytes: 1e12, concurrency: 4 })],
        clock: systemClock,
        waitMsMax: 5000,
      }),
  ),
);

partitionContract('directory, watched', () =>
  directoryBench((bare) => new WatchedPartition(bare, new PartitionHealth(), systemClock)),
);

partitionContract('directory, retried', () => directoryBench((bare) => new RetriedPartition(bare, eager)));

partitionContract('directory, made faulty without a rule', () =>
  directoryBench((bare) => new FaultyPartition(bare, { random: systemRandom, clock: systemClock })),
);

// What the retries are for: under faults of a third of all calls the contract still holds.
partitionContract('directory, faulty and retried', async () => {
  const random = seededRandom('contract');
  const operations = ['read', 'remove', 'list', 'stat'] as const;
  const rules: FaultRule[] = [
    { operations, probability: 0.2, fault: { kind: 'partition-down', partition: 'p1', message: 'on purpose' } },
    { operations, probability: 0.2, fault: { kind: 'partition-busy', partition: 'p1' }, when: 'after' },
  ];
  const faulty = (bare: Partition) => new FaultyPartition(bare, { random, clock: systemClock, rules });
  return { ...(await directoryBench((bare) => new RetriedPartition(faulty(bare), eager))), neverSmall: true };
});
