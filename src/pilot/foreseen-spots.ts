// Where load will come, as echoes take it: from what is declared, and from the forecast of partitions that will be asked for more than they can do.
import { isNear, leadSec, type PlacedSpot } from '../echo/echo.ts';
import type { FleetForecast } from '../forecast/forecast.ts';
import { cronTimes } from '../model/cron-times.ts';
import { type DeclaredJob, type Metadata, readShare } from '../model/metadata.ts';

/** Of one job that are looked at; what runs more often is always near. */
const runsMax = 2000;
/** A copy serves reads. */
const echoed = new Set<string>(['readOps', 'readBytes']);

/** What runs at `nowSec` or begins soon. Without what makes nothing hotter, and jobs that do not say where they read. */
export function foreseenSpots(
  { hints, jobs }: Metadata,
  forecast: FleetForecast | undefined,
  nowSec: number,
): PlacedSpot[] {
  const declared = hints
    .filter(({ factor }) => factor > 1)
    .map(({ name, bucket, prefix = '', fromSec, toSec, factor }): PlacedSpot => {
      return { name: `hint ${name}`, fromSec, toSec, factor, isDeclared: true, where: { bucket, prefix } };
    });
  const spots = [...declared, ...jobs.flatMap((job) => jobSpot(job, nowSec) ?? []), ...crossingSpots(forecast)];
  return spots.filter((spot) => isNear(spot, nowSec));
}

/** From its first run that is not over to the end of the last that is near. */
function jobSpot(job: DeclaredJob, nowSec: number): PlacedSpot | undefined {
  const { name, bucket, prefix = '', durationSec } = job;
  if (bucket === undefined || readShare(job) === 0) return undefined;
  const span = { fromSec: nowSec - durationSec + 1, toSec: nowSec + leadSec };
  const starts = cronTimes(job.cron, job.timeZone, span, runsMax);
  if (starts.length === 0) return undefined;
  const [fromSec, toSec] = [starts[0]!, starts.at(-1)! + durationSec];
  return { name: `job ${name}`, fromSec, toSec, factor: 1, isDeclared: true, where: { bucket, prefix } };
}

/** The bins in which a partition's reads first pass what they may; the next forecast says whether they go on doing so. */
function crossingSpots(forecast: FleetForecast | undefined): PlacedSpot[] {
  return (forecast?.crossings ?? [])
    .filter(({ flow }) => echoed.has(flow))
    .map(({ partition, flow, atSec }) => ({
      name: `${flow} of ${partition}`,
      fromSec: atSec,
      toSec: atSec + forecast!.stepSec,
      factor: 1,
      isDeclared: false,
      where: { home: partition },
    }));
}
