// One area for whoever looks into it: which keys it has, where its new blocks go, what of it lies where, what it is and will be asked, and its
// hottest blocks with their echoes.
import type { Catalog } from '../catalog/catalog.ts';
import { tag } from '../catalog/keys.ts';
import { decodeArea } from '../catalog/records/area.ts';
import type { AreaRange, FleetForecast } from '../forecast/forecast.ts';
import type { Echo } from '../model/echo.ts';
import type { AreaId, BlockId, PartitionId } from '../model/ids.ts';
import { eachFlow, type Flow, type Flows, flows } from '../model/load.ts';
import type { Home } from '../placement/placement.ts';
import { type HeatedBlock, heatedMax } from '../telemetry/telemetry.ts';
import { walkKind } from '../upkeep/upkeep.ts';
import type { CountedHoldings } from './count-holdings.ts';
import { findHotBlocks } from './hot-blocks.ts';
import { areaRanges } from './read-declared.ts';
import { RecentDemand, rateOf } from './recent-demand.ts';

export interface AreaDescribed extends AreaRange {
  readonly homes: readonly Home[];
  /** Absent: where blocks lie has not been counted yet. */
  readonly countedSec?: number | undefined;
  readonly held: readonly {
    readonly partition: PartitionId;
    readonly blocks: number;
    readonly bytes: number;
    /** Of what is read of the area, by the last minutes; absent: nothing was. */
    readonly readShare?: number;
  }[];
  /** Per second; absent: nobody watched in the last minutes. */
  readonly demand?: Flows | undefined;
  /** The middle of what is expected, per second, a value for each step; absent: nothing is. */
  readonly forecast?:
    | {
        readonly fromSec: number;
        readonly stepSec: number;
        readonly values: Readonly<Record<Flow, readonly number[]>>;
      }
    | undefined;
  readonly hottest: readonly {
    readonly block: BlockId;
    readonly partition: PartitionId;
    readonly bytes: number;
    readonly readsPerSec: number;
    readonly echoes: readonly Pick<Echo, 'partition' | 'state'>[];
  }[];
}

export interface AreaSources {
  readonly catalog: Catalog;
  readonly nowSec: number;
  readonly counted: CountedHoldings | undefined;
  readonly forecast: FleetForecast | undefined;
  readonly hottest: (count: number, nowSec: number) => Promise<readonly HeatedBlock[]>;
  readonly echoesOf: (blocks: readonly BlockId[]) => Promise<ReadonlyMap<BlockId, readonly Echo[]>>;
}

const blocksShownMax = 10;

/** By its id, the beginning of it, or bucket/key of a key that lies in it. A sentence where none is meant, or several. */
export async function describeArea(sources: AreaSources, name: string): Promise<AreaDescribed | string> {
  const { catalog, nowSec, counted, forecast } = sources;
  const range = findArea(await areaRanges(catalog), name);
  if (typeof range === 'string') return range;
  const recent = await new RecentDemand(catalog).read(nowSec);
  const reads = recent?.places.get(range.area);
  const allReads = [...(reads?.values() ?? [])].reduce((sum, { readOps }) => sum + readOps, 0);
  const held = [...(counted?.of.get(range.area) ?? [])].map(([partition, { blocks, bytes }]) => {
    const readShare = (reads?.get(partition)?.readOps ?? 0) / allReads;
    return { partition, blocks, bytes, ...(allReads > 0 && { readShare }) };
  });
  return {
    ...range,
    homes: await homesOf(catalog, range.area),
    countedSec: counted?.sinceSec,
    held: held.sort((a, b) => b.bytes - a.bytes),
    demand: recent && rateOf(recent.areas, range.area),
    forecast: forecast && forecastOf(forecast, range.area),
    hottest: await hottestOf(sources, range.area),
  };
}

function findArea(ranges: readonly AreaRange[], name: string): AreaRange | string {
  const slash = name.indexOf('/');
  if (slash > 0) {
    const [bucket, key] = [name.slice(0, slash), Buffer.from(name.slice(slash + 1))];
    const own = ranges.filter((range) => range.bucket === bucket);
    const found = own.findLast(({ from }) => Buffer.compare(Buffer.from(from), key) <= 0);
    return found ?? `bucket ${bucket} does not exist, or nothing was ever written to it`;
  }
  const exact = ranges.find(({ area }) => area === name);
  const found = exact === undefined ? ranges.filter(({ area }) => area.startsWith(name)) : [exact];
  if (found.length === 1 && name !== '') return found[0]!;
  return found.length === 0 || name === ''
    ? `there is no area ${name}; name it by its id, or by bucket/key of a key in it`
    : `${found.length} areas begin with ${name}: give more of its id`;
}

async function homesOf(catalog: Catalog, area: AreaId): Promise<readonly Home[]> {
  for await (const { value } of walkKind(catalog, tag.area)) {
    const row = decodeArea(value);
    if (row.id === area) return row.homes;
  }
  return [];
}

function forecastOf({ expected, originSec, stepSec }: FleetForecast, area: AreaId): AreaDescribed['forecast'] {
  const place = expected.areas.indexOf(area);
  if (place < 0) return undefined;
  const values = eachFlow((flow) => {
    const from = (place * flows.length + flows.indexOf(flow)) * expected.steps;
    return Array.from(expected.values.subarray(from, from + expected.steps));
  });
  return { fromSec: originSec + stepSec, stepSec, values };
}

async function hottestOf(
  { catalog, nowSec, hottest, echoesOf }: AreaSources,
  area: AreaId,
): Promise<AreaDescribed['hottest']> {
  const own = (await hottest(heatedMax, nowSec)).filter((each) => each.area === area).slice(0, blocksShownMax);
  const blocks = await findHotBlocks(catalog, own);
  const echoes = await echoesOf(blocks.map(({ block }) => block));
  return blocks.map(({ block, partition, bytes, readsPerSec }) => ({
    ...{ block, partition, bytes, readsPerSec },
    echoes: (echoes.get(block) ?? []).map((echo) => ({ partition: echo.partition, state: echo.state })),
  }));
}

/** Where areas begin, for whoever shows plans. */
export async function areaNames(catalog: Catalog, areas: ReadonlySet<AreaId>): Promise<Map<AreaId, string>> {
  const names = new Map<AreaId, string>();
  if (areas.size === 0) return names;
  for (const { area, bucket, from } of await areaRanges(catalog))
    if (areas.has(area)) names.set(area, `${bucket}/${from}`);
  return names;
}
