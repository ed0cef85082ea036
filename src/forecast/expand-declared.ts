// From what operators declare to what the forecaster takes: the moments at which jobs run and days begin, and the areas that are meant.
import { cronTimes } from '../model/cron-times.ts';
import type { AreaId } from '../model/ids.ts';
import { type DeclaredJob, type Metadata, readShare } from '../model/metadata.ts';
import { zonedDays } from '../model/zoned-days.ts';
import type { FleetDeclared } from './declared.ts';
import type { Flows } from './fleet.ts';

/** A contiguous range of one bucket's keys. */
export interface AreaRange {
  readonly area: AreaId;
  readonly bucket: string;
  readonly from: string;
  /** Exclusive; undefined: the end of the bucket. */
  readonly to: string | undefined;
}

export interface ExpandOptions {
  readonly areas: readonly AreaRange[];
  /** From here on runs and days are told; the ones that are not over then included. */
  readonly fromSec: number;
  readonly toSec: number;
  /** How much each area was asked of late, in any unit: a job's load is spread like that, evenly where nothing is known. */
  readonly asked?: ReadonlyMap<AreaId, number>;
}

/** Of one job. Who runs more often is steady load, which needs no past to be known. */
const runsMax = 2000;
/** What is assumed of an area of which a hint's prefix is a part. */
const unknownPart = 0.5;

export function expandDeclared(metadata: Metadata, options: ExpandOptions): FleetDeclared {
  const { areas, fromSec, toSec } = options;
  return {
    jobs: metadata.jobs.map((job) => ({
      name: job.name,
      starts: cronTimes(job.cron, job.timeZone, { fromSec: fromSec - job.durationSec, toSec }, runsMax),
      durationSec: job.durationSec,
      load: jobLoad(job),
      parts: spread(touched(areas, job.bucket, job.prefix), options.asked),
    })),
    hints: metadata.hints
      .filter((hint) => hint.toSec > fromSec && hint.fromSec < toSec)
      .map(({ name, bucket, prefix = '', factor, ...span }) => ({
        name,
        where: `${bucket}/${prefix}`,
        fromSec: span.fromSec,
        toSec: span.toSec,
        factor,
        parts: new Map(touched(areas, bucket, prefix).map(({ area, isWhole }) => [area, isWhole ? 1 : unknownPart])),
      })),
    calendars: metadata.calendars.map(({ name, bucket, like, factor = 1, days, timeZone }) => ({
      name,
      bucket,
      like,
      factor,
      days: zonedDays(days, timeZone, { fromSec, toSec }),
      areas: new Set(touched(areas, bucket, undefined).map(({ area }) => area)),
    })),
  };
}

/** Per second while it runs. */
export function jobLoad(job: DeclaredJob): Flows {
  const { requests, readBytes = 0, writeBytes = 0, durationSec } = job;
  const reads = readShare(job);
  return {
    readOps: (requests * reads) / durationSec,
    writeOps: (requests * (1 - reads)) / durationSec,
    readBytes: readBytes / durationSec,
    writeBytes: writeBytes / durationSec,
  };
}

/** Areas that hold keys of the bucket that begin with the prefix, and whether they hold no others. */
export function touched(
  areas: readonly AreaRange[],
  bucket: string | undefined,
  prefix = '',
): { readonly area: AreaId; readonly isWhole: boolean }[] {
  return areas.flatMap(({ area, from, to, ...of }) => {
    if (bucket !== undefined && of.bucket !== bucket) return [];
    const startsBefore = inKeyOrder(from, prefix) < 0 && !from.startsWith(prefix);
    const startsBehind = inKeyOrder(from, prefix) > 0 && !from.startsWith(prefix);
    const endsBefore = to !== undefined && inKeyOrder(to, prefix) <= 0;
    if (startsBehind || endsBefore) return [];
    const endsInside = to?.startsWith(prefix) ?? false;
    return [{ area, isWhole: prefix === '' || (!startsBefore && endsInside) }];
  });
}

function spread(
  touchedAreas: readonly { readonly area: AreaId }[],
  asked: ReadonlyMap<AreaId, number> | undefined,
): Map<AreaId, number> {
  const sum = touchedAreas.reduce((all, { area }) => all + (asked?.get(area) ?? 0), 0);
  return new Map(
    touchedAreas.map(({ area }) => [area, sum > 0 ? (asked?.get(area) ?? 0) / sum : 1 / touchedAreas.length]),
  );
}

/** As S3 orders keys: by their UTF-8 bytes, which is by code points. */
function inKeyOrder(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}
