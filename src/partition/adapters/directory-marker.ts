// A partition's directory names its partition, so that no two partitions share one by a slip of the configuration.
import { dirname, join } from 'node:path';
import { reached } from '../../base/crash-points.ts';
import { type Random, randomId } from '../../base/random.ts';
import type { PartitionId } from '../../model/ids.ts';
import { errorCode } from './directory-faults.ts';
import type { FileLayer } from './file-layer.ts';

export const markerName = 'partition.json';

export class WrongMarker extends Error {
  override readonly name = 'WrongMarker';
}

/**
 * Makes a directory and what is missing above it, each level's entry durable. One that is there is synced too: whoever made it may
 * have failed or died before that.
 */
export async function makeDurableDirectory(files: FileLayer, directory: string): Promise<void> {
  const parent = dirname(directory);
  if (await exists(files, directory)) {
    await files.syncDirectory(parent).catch((error) => {
      if (errorCode(error) !== 'EACCES') throw error; // a parent of somebody else's that may not even be read
    });
    return;
  }
  await makeDurableDirectory(files, parent);
  await files.makeDirectory(directory);
  await files.syncDirectory(parent);
}

async function exists(files: FileLayer, path: string): Promise<boolean> {
  try {
    await files.facts(path);
    return true;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    return false;
  }
}

/** Finds the marker, or leaves one if `create`; throws WrongMarker where another partition lives. */
export async function claimDirectory(
  files: FileLayer,
  random: Random,
  directory: string,
  partition: PartitionId,
  create: boolean,
): Promise<void> {
  const marker = join(directory, markerName);
  const found = (await readMarker(files, marker)) ?? (create ? await leaveMarker() : undefined);
  if (found === undefined) throw new WrongMarker(`${directory} holds no partition: ${markerName} is missing`);
  if (found !== partition)
    throw new WrongMarker(
      `${directory} belongs to partition ${JSON.stringify(found)}, not ${JSON.stringify(partition)}`,
    );

  async function leaveMarker(): Promise<string | undefined> {
    const draft = join(directory, `${markerName}.${randomId(random)}`);
    const fd = await files.open(draft, 'wx');
    try {
      await files.writev(fd, [Buffer.from(`${JSON.stringify({ format: 1, partition })}\n`)], 0);
      await files.fdatasync(fd);
    } finally {
      await files.close(fd);
    }
    reached('directory: marker drafted');
    try {
      await files.link(draft, marker); // unlike a rename it fails if another process was quicker
      reached('directory: marker linked');
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    } finally {
      await files.unlink(draft);
    }
    await files.syncDirectory(directory);
    return await readMarker(files, marker);
  }
}

/** Undefined: nobody has claimed it. */
export async function readMarker(files: FileLayer, marker: string): Promise<string | undefined> {
  let text: string;
  try {
    text = (await files.readWhole(marker)).toString('utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { format, partition } = JSON.parse(text) as { format?: unknown; partition?: unknown };
    if (format === 1 && typeof partition === 'string') return partition;
  } catch {
    // said below
  }
  throw new WrongMarker(`${marker} is not a marker that this version can read`);
}
