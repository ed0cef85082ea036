// Compares a store with what it promised: every acknowledged object there, whole and unchanged, every removed version gone, every
// acknowledged part fit to be completed, and new writes taken.
import { bytesOf, type Content } from './content.ts';
import type { Promised } from './promised.ts';
import type { Store, Where } from './store.ts';

export interface Verified {
  /** Objects, versions and parts that were looked at. */
  readonly looked: number;
  readonly broken: readonly string[];
}

export async function verifyPromised(promised: Promised, store: Store): Promise<Verified> {
  const broken: string[] = [];
  let looked = 0;
  const say = (where: Where, what: string): void => void broken.push(`${where.bucket}/${where.key}: ${what}`);
  const read = async (where: Where, versionId?: string): Promise<Buffer | undefined> => {
    looked += 1;
    try {
      return await store.get(where, versionId);
    } catch (error) {
      say(where, `cannot be read: ${(error as Error).message}`);
      throw error;
    }
  };
  for (const { where, current, versions, gone } of promised.keys()) {
    try {
      const found = await read(where);
      if (!current.some((one) => isSame(found, one)))
        say(where, `${told(found)} instead of ${current.map(named).join(' or ')}`);
      for (const [versionId, content] of versions) {
        const version = await read(where, versionId);
        if (!isSame(version, content))
          say(where, `version ${versionId} is ${told(version)} instead of ${named(content)}`);
      }
      for (const versionId of gone) {
        if ((await read(where, versionId)) !== undefined) say(where, `version ${versionId} is back after its removal`);
      }
    } catch {
      // said above
    }
  }
  for (const { where, uploadId, parts } of promised.uploads()) {
    if (parts.length === 0) continue;
    looked += parts.length;
    try {
      await store.completeUpload(
        where,
        uploadId,
        parts.map(([part, etag]) => [part, etag]),
      );
      const whole = parts.flatMap(([, , content]) => content);
      const found = await store.get(where);
      if (!isSame(found, whole)) say(where, `completed, its parts give ${told(found)} instead of ${named(whole)}`);
    } catch (error) {
      say(where, `its acknowledged parts cannot be completed: ${(error as Error).message}`);
    }
  }
  await goOn(promised, store).catch((error) => broken.push(`takes no new object: ${(error as Error).message}`));
  return { looked, broken };
}

/** A store that survived must also take, overwrite and remove objects. */
async function goOn(promised: Promised, store: Store): Promise<void> {
  const [first] = promised.keys();
  if (first === undefined) return;
  const where = { ...first.where, key: 'afterwards' };
  const bytes = bytesOf([{ name: 'afterwards', size: 5_000 }]);
  await store.put(where, Buffer.alloc(10));
  await store.put(where, bytes);
  if (!(await store.get(where))?.equals(bytes)) throw new Error('what was written does not come back');
  await store.remove(where);
}

const isSame = (found: Buffer | undefined, content: Content | undefined): boolean =>
  content === undefined ? found === undefined : found?.equals(bytesOf(content)) === true;

const told = (found: Buffer | undefined): string =>
  found === undefined ? 'nothing' : `${found.length} other bytes (${found.subarray(0, 12).toString('hex')}…)`;

const named = (content: Content | undefined): string =>
  content === undefined ? 'nothing' : content.map(({ name, size }) => `${name} of ${size} bytes`).join(' + ');
