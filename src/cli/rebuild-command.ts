// `rebuild`: a lost catalog anew, then what fsck says of it.

import type { Rebuilt } from '../compose/rebuild-offline.ts';
import type { Config } from '../config/config.ts';
import { CommandError, exitCodes } from './exit-codes.ts';
import { sayChecks } from './fsck-command.ts';
import { configOf, type OfflineOptions, refuse } from './offline-data.ts';
import { counter, hint, say, sayJson } from './print.ts';

export async function rebuild(dir: string | undefined, options: OfflineOptions): Promise<void> {
  const config = configOf(dir, options);
  const startedMs = performance.now();
  const without = typeof options.without === 'string' ? options.without.split(',') : [];
  const rebuilt = await rebuildWith(config, options.replace === true, without);
  const seconds = Number(((performance.now() - startedMs) / 1000).toFixed(1));
  const { report, fsck, aside } = rebuilt;
  const isWhole = fsck.found.every(({ broken }) => broken === 0);
  if (options.json) sayJson({ ok: isWhole, seconds, without, aside, ...report, checks: fsck.found });
  else sayRebuilt(config, rebuilt, seconds);
  if (!isWhole) process.exitCode = exitCodes.failed;
}

async function rebuildWith(config: Config, replace: boolean, without: readonly string[]): Promise<Rebuilt> {
  const { CatalogThere, rebuildOffline, Unreachable } = await import('../compose/rebuild-offline.ts');
  const bar = counter();
  try {
    return await rebuildOffline(config, {
      replace,
      without,
      nowMs: Date.now(),
      onProgress: (step, count) => bar.add(step, count),
      onChecked: (check, count) => bar.add(`checked: ${check}`, count),
    });
  } catch (error) {
    if (error instanceof CatalogThere)
      throw new CommandError(error.message, { next: '--replace moves it aside and writes a new one.' });
    if (error instanceof Unreachable)
      throw new CommandError(error.message, {
        next: `What was logged only there would be lost. Make it readable, or go on with: --without ${error.partitions.join(',')}`,
      });
    return refuse(error as Error);
  } finally {
    bar.end();
  }
}

function sayRebuilt(config: Config, { report, fsck, aside }: Rebuilt, seconds: number): void {
  const { counted, checkpoint, checkpointsPassedOver: passed } = report;
  const when = checkpoint === undefined ? 'none' : new Date(checkpoint.startedMs).toISOString();
  say(
    [
      `Rebuilt the catalog of ${config.data} in ${seconds} s`,
      `  checkpoint   ${when}${passed > 0 ? ` (${passed} newer, not whole)` : ''}`,
      `  log entries  ${report.entries} replayed, ${report.packs} packs found`,
      `  buckets      ${counted.buckets}`,
      `  objects      ${counted.objects}`,
      `  versions     ${counted.versions} older ones and delete markers`,
      `  uploads      ${counted.uploads} running`,
      `  blocks       ${counted.blocks}`,
      ...(aside === undefined ? [] : [`  old catalog  moved to ${aside}`]),
    ].join('\n'),
  );
  for (const sentence of report.damage) hint(`damaged: ${sentence}`);
  for (const pack of report.missingPacks) hint(`missing: pack ${pack}, which blocks lie in`);
  if (report.packsLeftAlone > 0)
    hint(`${report.packsLeftAlone} packs hold nothing that came back. They are left alone: is a log missing?`);
  say('');
  sayChecks(fsck.found);
}
