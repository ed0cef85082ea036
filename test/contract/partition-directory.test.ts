import { mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { DirectoryPartition } from '../../src/partition/adapters/directory-partition.ts';
import type { Partition } from '../../src/partition/partition.ts';
import { type PartitionBench, partitionContract } from './partition.contract.ts';

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
