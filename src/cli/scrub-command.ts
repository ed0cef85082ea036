// `scrub`: read everything that is stored, tell what is damaged.
import { MiB } from '../base/units.ts';
import type { DamagedBlock, ScrubReport } from '../compose/scrub-offline.ts';
import { CommandError, exitCodes } from './exit-codes.ts';
import { configOf, noCatalog, type OfflineOptions, refuse } from './offline-data.ts';
import { counter, hint, humanBytes, say, sayJson } from './print.ts';

export async function scrub(dir: string | undefined, options: OfflineOptions): Promise<void> {
  const config = configOf(dir, options);
  const { hasCatalog, scrubOffline } = await import('../compose/scrub-offline.ts');
  if (!hasCatalog(config)) throw noCatalog(config);
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  process.once('SIGINT', stop);
  const bar = counter();
  let seen = 0;
  const report = await scrubOffline(config, {
    ...rateOf(options.rate),
    anew: options.anew === true,
    signal: stopping.signal,
    onProgress({ blocks }) {
      bar.add('blocks read', blocks - seen);
      seen = blocks;
    },
  })
    .catch(refuse)
    .finally(() => {
      bar.end();
      process.off('SIGINT', stop);
    });
  const left = report.damaged.filter(({ mended }) => !mended);
  if (options.json) sayJson({ ok: left.length === 0, ...report });
  else sayScrub(report, left);
  if (left.length > 0) process.exitCode = exitCodes.failed;
  else if (stopping.signal.aborted) process.exitCode = 130;
}

function rateOf(rate: OfflineOptions[string]): { bytesPerSec?: number } {
  if (rate === undefined) return {};
  const perSec = Number(rate);
  if (perSec > 0) return { bytesPerSec: perSec * MiB };
  throw new CommandError(`--rate takes MiB per second, not ${rate}`, { exitCode: exitCodes.usage });
}

function sayScrub({ round, damaged, resumed }: ScrubReport, left: readonly DamagedBlock[]): void {
  if (resumed) hint('Went on where an earlier round was broken off; --anew begins again.');
  say(`${round.blocks} blocks, ${humanBytes(round.bytes)} read${round.endedMs === undefined ? ', not all yet' : ''}`);
  for (const one of damaged) {
    say(
      `${one.mended ? 'mended ' : 'DAMAGED'} block ${one.block} at ${one.offset} in pack ${one.pack} on ${one.partition}: ${one.wrong}`,
    );
    for (const { bucket, key, versionId, uploadId } of one.holders)
      say(
        `          s3://${bucket}/${key} (${versionId === undefined ? `upload ${uploadId}` : `version ${versionId}`})`,
      );
    if (one.holders.length === 0) say('          of something that was deleted');
  }
  const earlier = round.damaged - damaged.length;
  if (earlier > 0) say(`${earlier} more were told when this round began.`);
  if (damaged.length === 0) say('Every slice has its CRC.');
  else say(`${damaged.length} damaged, ${damaged.length - left.length} mended from another copy.`);
}
