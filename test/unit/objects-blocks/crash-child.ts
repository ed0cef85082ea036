// A worker that writes objects without pause and says of each when it is durable and published, until it is killed.
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { systemClock } from '../../../src/base/clock.ts';
import { systemRandom } from '../../../src/base/random.ts';
import { openLmdbCatalog } from '../../../src/catalog/adapters/lmdb-catalog.ts';
import { openStorage } from '../../../src/objects/open-storage.ts';
import { DirectoryPartition } from '../../../src/partition/adapters/directory-partition.ts';

export interface Acknowledged {
  readonly blocks: readonly { id: string; length: number }[];
  readonly size: number;
  readonly sha: string;
}

const folder = process.argv[2]!;
const bucket = '0b'.repeat(16);
const clock = systemClock;
const random = systemRandom;

const catalog = openLmdbCatalog({ path: join(folder, 'catalog') });
const partitions = new Map();
for (const id of ['p1', 'p2']) {
  const partition = await DirectoryPartition.mount({ id, directory: join(folder, id), clock, random });
  partitions.set(id, { partition, capacityWeight: 1 });
}
const storage = await openStorage({
  catalog,
  partitions,
  clock,
  random,
  pid: process.pid,
  reserveBytes: 0,
  onFailed: () => process.exit(3),
});

async function* body(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

async function writeForEver(writer: number): Promise<never> {
  for (let n = 0; ; n++) {
    const size = n % 10 === 0 ? 1_000_000 + randomBytes(2).readUInt16BE() : randomBytes(2).readUInt16BE();
    const bytes = randomBytes(size);
    const written = await storage.blocks.write({ bucket, key: `${writer}/${n}` }, body(bytes), { length: size });
    if ((await storage.catalog.commit(written)) !== 'done') process.exit(4);
    written.settle();
    const report: Acknowledged = {
      blocks: written.blocks,
      size,
      sha: createHash('sha256').update(bytes).digest('hex'),
    };
    process.send!(report);
  }
}

await Promise.all(Array.from({ length: 8 }, (_, writer) => writeForEver(writer)));
