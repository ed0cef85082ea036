// `fsck`: judge the catalog, and mend it when told to.
import type { CheckResult, FsckReport } from '../compose/fsck-offline.ts';
import { exitCodes } from './exit-codes.ts';
import { configOf, noCatalog, type OfflineOptions, refuse } from './offline-data.ts';
import { counter, say, sayJson, table } from './print.ts';

export async function fsck(dir: string | undefined, options: OfflineOptions): Promise<void> {
  const config = configOf(dir, options);
  const { brokenIn, fsckOffline, hasCatalog } = await import('../compose/fsck-offline.ts');
  if (!hasCatalog(config)) throw noCatalog(config);
  const bar = counter();
  const [deep, repair] = [options.deep === true, options.repair === true];
  const onProgress = (check: string, looked: number): void => bar.add(check, looked);
  const report = await fsckOffline(config, Date.now(), { deep, repair, onProgress })
    .catch(refuse)
    .finally(() => bar.end());
  const broken = brokenIn(report.left);
  if (options.json) sayJson({ ok: broken === 0, ...report });
  else sayFsck(report, repair);
  if (broken > 0) process.exitCode = exitCodes.failed;
}

function sayFsck(report: FsckReport, repair: boolean): void {
  sayChecks(report.found);
  const broken = report.found.reduce((sum, one) => sum + one.broken, 0);
  const left = report.left.filter((one) => one.broken > 0);
  if (broken === 0) say('\nEverything holds.');
  else if (!repair) say(`\n${broken} broken. Nothing was changed; --repair mends what can be mended safely.`);
  else {
    say(`\n${report.mended} mended. ${left.length === 0 ? 'Everything holds now.' : 'What is left:'}`);
    if (left.length > 0) sayChecks(left);
  }
}

export function sayChecks(results: readonly CheckResult[]): void {
  const rows = results.map(({ name, looked, broken, promise }) => {
    return [broken === 0 ? 'holds' : 'BROKEN', name, String(looked), String(broken), promise];
  });
  say(table(rows, ['', 'CHECK', 'LOOKED AT', 'BROKEN', 'PROMISE']));
  for (const { name, broken, examples } of results) {
    for (const sentence of examples) say(`  ${name}: ${sentence}`);
    if (broken > examples.length) say(`  ${name}: and ${broken - examples.length} more`);
  }
}
