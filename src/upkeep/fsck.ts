// fsck, front door: judges a catalog that nobody serves from, promise by promise, and mends what can be mended without losing
// anything. It changes nothing unless told to.
import { currentRun } from '../objects/runs.ts';
import { type Check, type CheckResult, Findings, type FsckDeps } from './fsck/check.ts';
import { areasCheck } from './fsck/checks/areas.ts';
import { bucketsCheck } from './fsck/checks/buckets.ts';
import { bytesCheck } from './fsck/checks/bytes.ts';
import { digestsCheck } from './fsck/checks/digests.ts';
import { droppedCheck } from './fsck/checks/dropped.ts';
import { manifestsCheck } from './fsck/checks/manifests.ts';
import { nullVersionsCheck } from './fsck/checks/null-versions.ts';
import { ownersCheck } from './fsck/checks/owners.ts';
import { packsCheck } from './fsck/checks/packs.ts';
import { placesCheck } from './fsck/checks/places.ts';
import { referencesCheck } from './fsck/checks/references.ts';
import { rowsCheck } from './fsck/checks/rows.ts';
import { sequencesCheck } from './fsck/checks/sequences.ts';
import { sessionsCheck } from './fsck/checks/sessions.ts';
import { slicesCheck } from './fsck/checks/slices.ts';
import { uploadsCheck } from './fsck/checks/uploads.ts';
import { usageCheck } from './fsck/checks/usage.ts';
import { Ground } from './fsck/ground.ts';
import { wantCheckpoint } from './want-checkpoint.ts';

export type { CheckResult, FsckDeps } from './fsck/check.ts';

/** In this order; usage last, because what others mend changes it. */
export const checks: readonly Check[] = [
  rowsCheck,
  bucketsCheck,
  bytesCheck,
  placesCheck,
  ownersCheck,
  referencesCheck,
  droppedCheck,
  manifestsCheck,
  nullVersionsCheck,
  sequencesCheck,
  areasCheck,
  uploadsCheck,
  sessionsCheck,
  packsCheck,
  usageCheck,
  slicesCheck,
  digestsCheck,
];

export interface FsckOptions {
  readonly deep?: boolean;
  readonly repair?: boolean;
  readonly onProgress?: (check: string, looked: number) => void;
}

export interface FsckReport {
  /** As it was found. */
  readonly found: readonly CheckResult[];
  /** With `repair`: what was mended, and how it looks now. */
  readonly mended: number;
  readonly left: readonly CheckResult[];
}

export const brokenIn = (results: readonly CheckResult[]): number =>
  results.reduce((sum, { broken }) => sum + broken, 0);

export async function runFsck(deps: FsckDeps, options: FsckOptions = {}): Promise<FsckReport> {
  const chosen = checks.filter(({ deep }) => !deep || options.deep);
  const { results, mends } = await judge(deps, chosen, options);
  if (!options.repair || mends.length === 0) return { found: results, mended: 0, left: results };
  for (const mend of mends) {
    if (typeof mend === 'function') await mend();
    else await deps.catalog.commit(mend);
  }
  // What was mended stands in no log.
  const run = await currentRun(deps.catalog);
  await wantCheckpoint(deps.catalog, { reason: 'fsck mended rows', run, wallMs: deps.nowMs });
  const again = await judge(deps, chosen, options);
  return { found: results, mended: mends.length, left: again.results };
}

async function judge(deps: FsckDeps, chosen: readonly Check[], { onProgress }: FsckOptions) {
  const ground = new Ground(deps);
  const results: CheckResult[] = [];
  const mends: Findings['mends'] = [];
  for (const { name, promise, run } of chosen) {
    const findings = new Findings((count) => onProgress?.(name, count));
    try {
      await run(ground, findings);
    } catch (error) {
      findings.break(`the check could not be finished: ${(error as Error).message}`);
    }
    const { looked, broken, examples } = findings;
    results.push({ name, promise, looked, broken, examples });
    mends.push(...findings.mends);
  }
  return { results, mends };
}
