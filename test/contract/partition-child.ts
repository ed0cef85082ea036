// Appends framed blocks to one pack until it is killed, and tells its parent of each block when its flush has resolved.
import { createHash } from 'node:crypto';
import { systemClock } from '../../src/base/clock.ts';
import { randomId, systemRandom } from '../../src/base/random.ts';
import { PackAssembly, sliceCrcsOf } from '../../src/pack/pack.ts';
import { DirectoryPartition } from '../../src/partition/adapters/directory-partition.ts';

export interface Written {
  readonly pack: string;
  readonly id: string;
  readonly offset: number;
  readonly length: number;
}

/** The payload that belongs to an id: the parent knows it too. */
export function payloadOf(id: string, length: number): Buffer {
  const seed = createHash('sha512').update(id).digest();
  return Buffer.alloc(length, seed);
}

async function run(directory: string): Promise<void> {
  const partition = await DirectoryPartition.mount({ id: 'p1', directory, clock: systemClock, random: systemRandom });
  const writer = await partition.open(randomId(systemRandom));
  const assembly = new PackAssembly({ pack: writer.pack, partition: 'p1', createdMs: systemClock.wallMs() });
  writer.append([assembly.header]);
  const append = async (): Promise<void> => {
    for (;;) {
      const id = randomId(systemRandom);
      const length = systemRandom.bytes(2).readUInt16BE() * 3;
      const payload = payloadOf(id, length);
      const frame = assembly.frame('block', id, length);
      writer.append([frame.header, payload, frame.trailer(sliceCrcsOf(payload))]);
      await writer.flush();
      process.send?.({ pack: writer.pack, id, offset: frame.offset, length } satisfies Written);
    }
  };
  await Promise.all(Array.from({ length: 8 }, append));
}

if (process.send && process.argv[2] !== undefined) await run(process.argv[2]);
