// Removes a partition's directory once nothing is left in it but what marks it as one. What else lies there is never touched.
import { dirname, join } from 'node:path';
import { reached } from '../../base/crash-points.ts';
import type { PartitionId } from '../../model/ids.ts';
import { directoryFault, errorCode } from './directory-faults.ts';
import { markerName, readMarker } from './directory-marker.ts';
import { type FileLayer, systemFileLayer } from './file-layer.ts';

/** Of probes and claims whose process died. */
const leftover = /^(probe\.\d+\.\d+|partition\.json\.[0-9a-f]{32})$/;

/** Undefined: it is gone; else what is in the way. */
export async function removeDirectory(
  directory: string,
  partition: PartitionId,
  files: FileLayer = systemFileLayer,
): Promise<string | undefined> {
  try {
    return await removeEmpty(files, directory, partition);
  } catch (error) {
    throw directoryFault(error, partition);
  }
}

async function removeEmpty(files: FileLayer, directory: string, partition: PartitionId): Promise<string | undefined> {
  const names = await namesIn(files, directory);
  if (names === undefined) return undefined;
  const owner = await readMarker(files, join(directory, markerName));
  if (owner !== undefined && owner !== partition) return `${directory} belongs to partition ${owner}`;
  const packs = join(directory, 'packs');
  const folders = (await namesIn(files, packs)) ?? [];
  for (const folder of folders) {
    const [pack] = /^[0-9a-f]{2}$/.test(folder) ? ((await namesIn(files, join(packs, folder))) ?? []) : [''];
    if (pack !== undefined) return `${directory} is not empty: it holds ${join('packs', folder, pack)}`;
  }
  const other = names.find((name) => name !== markerName && name !== 'packs' && !leftover.test(name));
  if (other !== undefined) return `${directory} is not empty: it holds ${other}`;

  for (const folder of folders) await files.removeDirectory(join(packs, folder));
  if (names.includes('packs')) await files.removeDirectory(packs);
  // The marker goes last: until then it is this partition.
  for (const name of names.filter((each) => leftover.test(each))) await files.unlink(join(directory, name));
  if (names.includes(markerName)) await files.unlink(join(directory, markerName));
  reached('directory: marker removed');
  await files.removeDirectory(directory);
  await files.syncDirectory(dirname(directory));
  return undefined;
}

async function namesIn(files: FileLayer, directory: string): Promise<string[] | undefined> {
  try {
    return await files.names(directory);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
