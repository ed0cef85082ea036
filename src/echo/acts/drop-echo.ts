// Takes one echo away. The entry first: from then on nobody is sent there; its bytes are counted off, and die once no running read can be inside
// them. Dying in between leaves a pack that no entry names, which the sweeper finds.
import { reached } from '../../base/crash-points.ts';
import type { Change } from '../../catalog/catalog.ts';
import { encodeDelta } from '../../catalog/records/delta.ts';
import type { Echo } from '../../model/echo.ts';
import type { PackId } from '../../model/ids.ts';
import { packedBytes } from '../../objects/packed-bytes.ts';
import type { EchoMap } from '../echo.ts';

export interface DropDeps {
  readonly map: Pick<EchoMap, 'change'>;
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

export async function countOff(
  { commit, deltaKey }: Omit<DropDeps, 'map'>,
  pack: PackId,
  bytes: number,
): Promise<void> {
  const delta = encodeDelta({ packs: [[pack, -bytes]], areas: [], buckets: [] });
  await commit({ checks: [], writes: [[deltaKey(), delta]] });
}
