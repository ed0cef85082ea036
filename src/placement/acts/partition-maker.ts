// Makes a partition and tries it out before anybody uses it. Its row stands before anything else, so whoever leads next finds what was begun and
// ends it; what cannot be made leaves nothing behind.
import { reached } from '../../base/crash-points.ts';
import { Fault } from '../../base/fault.ts';
import type { MadePartition } from '../../catalog/records/partition.ts';
import type { PackId, PartitionId } from '../../model/ids.ts';
import type { Partition } from '../../partition/partition.ts';
import type { Places } from './pools.ts';

/** Always the same, so that what a try that died left behind is found by the next one. */
const trialPack: PackId = '0'.repeat(32);
const trialBytes = Buffer.from('echogate tries out whether this place keeps what it is given\n');

/** Undefined: it is there and does what it should; else why not. */
export async function makePartition(places: Places, id: PartitionId, made: MadePartition): Promise<string | undefined> {
  let partition: Partition | undefined;
  try {
    partition = await places.make(id, made);
    reached('partition: made');
    await tryOut(partition);
    reached('partition: tried out');
    return undefined;
  } catch (error) {
    return reasonOf(error);
  } finally {
    await partition?.close();
  }
}

async function tryOut(partition: Partition): Promise<void> {
  await partition.remove([trialPack]);
  for await (const { pack } of partition.list())
    throw new Error(`it holds packs of an earlier life, such as ${pack}; move them away, or remove them`);
  const writer = await partition.open(trialPack, trialBytes.length);
  try {
    writer.append([trialBytes]);
    await writer.seal();
  } catch (error) {
    await writer.abort().catch(() => {});
    throw error;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of partition.read(trialPack, [{ start: 0, end: trialBytes.length }])) chunks.push(chunk);
  if (!Buffer.concat(chunks).equals(trialBytes)) throw new Error('it does not give back what it was given');
  await partition.remove([trialPack]);
}

export const reasonOf = (error: unknown): string => {
  if (error instanceof Fault && 'message' in error.fault) return String(error.fault.message);
  return error instanceof Error ? error.message : String(error);
};
