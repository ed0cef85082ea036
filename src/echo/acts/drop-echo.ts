// Takes one echo away. The entry first: from then on nobody is sent there; its bytes are counted off, and die once no running read can be inside
// them. Dying in between leaves a pack that no entry names, which the sweeper finds. A pack that has become a block's only copy (a move made
// the echo the primary) is never counted off, however old an entry of the map comes back.
import { reached } from '../../base/crash-points.ts';
import type { Catalog, Change } from '../../catalog/catalog.ts';
import { keys } from '../../catalog/keys.ts';
import { encodeDelta } from '../../catalog/records/delta.ts';
import { decodePack } from '../../catalog/records/pack.ts';
import type { Echo } from '../../model/echo.ts';
import type { PackId } from '../../model/ids.ts';
import { packedBytes } from '../../objects/packed-bytes.ts';
import type { EchoMap } from '../echo.ts';

export interface DropDeps {
  readonly map: Pick<EchoMap, 'change'>;
  readonly catalog: Pick<Catalog, 'get'>;
  /** Under the right of whoever drops: the leader's, or a worker's session. */
  readonly commit: (change: Change) => Promise<'done' | 'conflict'>;
  readonly deltaKey: () => Buffer;
}

/** False: it was no longer what it was thought to be, and nothing was changed. `isCounted`: whether its pack's bytes are still counted. */
export async function dropEcho(
  deps: DropDeps,
  echo: Echo,
  isCounted: (pack: PackId) => Promise<boolean> = async () => true,
): Promise<boolean> {
  if (!(await deps.map.change(echo, echo, undefined))) return false;
  reached('echo: entry gone');
  if (echo.place !== undefined && (await isCounted(echo.place.pack)))
    await countOff(deps, echo.place.pack, packedBytes(echo.length));
  return true;
}

/** The pack's row is written again as it is: whoever would make a block of the echo meanwhile is told that it has changed. */
export async function countOff(
  { catalog, commit, deltaKey }: Omit<DropDeps, 'map'>,
  pack: PackId,
  bytes: number,
): Promise<void> {
  const delta = encodeDelta({ packs: [[pack, -bytes]], areas: [], buckets: [] });
  for (;;) {
    const row = await catalog.get(keys.pack(pack));
    if (row === undefined || decodePack(row.value).holds !== 'echo') return;
    const change: Change = {
      checks: [[row.key, row.version]],
      writes: [
        [deltaKey(), delta],
        [row.key, row.value],
      ],
    };
    if ((await commit(change)) === 'done') return;
  }
}
